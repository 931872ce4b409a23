"""What every encoder promises, over each of them, and what each adds."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import EncoderError
from rag.models.bundled_encoder import BundledEncoder
from rag.models.encoder import Encoder
from rag.models.sentence_transformers_encoder import SentenceTransformersEncoder

TEXTS = [
    "Presiden Iran bertemu perdana menteri Pakistan di Islamabad.",
    "Harga beras naik.",
    "The foreign minister arrived on Tuesday. " * 60,
    "",
    "naïve café 10.000 «—» 你好 🙂",
]


@pytest.fixture(scope="module", params=["bundled", "minilm"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "bundled":
        return BundledEncoder()
    return SentenceTransformersEncoder("minilm")


def test_vectors_have_unit_length_and_the_promised_shape(encoder: Encoder) -> None:
    for encode in (encoder.encode_queries, encoder.encode_passages):
        vectors = encode(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.dimensions)
    assert encoder.encode_queries([]).shape == (0, encoder.dimensions)


def test_order_of_the_input_is_kept_whatever_the_lengths(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.97
    assert (np.argmax(together @ alone.T, axis=1) == np.arange(len(TEXTS))).all()


def test_a_vector_of_the_bundled_encoder_does_not_depend_on_the_texts_beside_it() -> None:
    encoder = BundledEncoder()
    together = encoder.encode_passages(TEXTS * 2)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS * 2])
    assert np.array_equal(together, alone)


def test_name_is_the_same_for_two_instances(encoder: Encoder) -> None:
    again = type(encoder)() if isinstance(encoder, BundledEncoder) else None
    other = again or SentenceTransformersEncoder("minilm")
    assert encoder.name == other.name
    assert encoder.name.startswith(("bundled:", "sentence-transformers:minilm@"))


def test_threads_share_an_encoder(encoder: Encoder) -> None:
    expected = encoder.encode_queries(TEXTS[:2])
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(encoder.encode_queries, [TEXTS[:2]] * 12):
            assert np.allclose(vectors, expected, atol=1e-4)


def test_an_english_question_finds_the_indonesian_passage() -> None:
    passages = [
        "Menteri luar negeri Iran tiba di Islamabad untuk membahas perdagangan.",
        "Tim sepak bola itu kalah dua gol dari tamunya.",
        "Harga beras naik sejak bulan lalu karena gagal panen.",
        "Gempa bumi mengguncang pulau itu pada malam hari.",
    ]
    questions = [
        "Why did the Iranian foreign minister come to Islamabad?",
        "Which team lost the football match?",
        "Why is rice more expensive?",
        "When did the earthquake happen?",
    ]
    encoder = BundledEncoder()
    scores = encoder.encode_queries(questions) @ encoder.encode_passages(passages).T
    assert np.argmax(scores, axis=1).tolist() == [0, 1, 2, 3]


def test_the_bundled_encoder_needs_no_torch() -> None:
    code = (
        "import sys; from rag.models.bundled_encoder import BundledEncoder; "
        "BundledEncoder().encode_queries(['halo']); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_encoders_loads_no_library() -> None:
    code = (
        "import sys; import rag.models.bundled_encoder, rag.models.bundled_reader; "
        "import rag.models.sentence_transformers_encoder; "
        "print(sorted({'torch', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    encoder = BundledEncoder(tmp_path)
    with pytest.raises(EncoderError, match="reinstall"):
        encoder.encode_queries(["halo"])
    with pytest.raises(EncoderError, match="reinstall"):
        _ = encoder.name


def test_broken_weights_say_what_to_do(tmp_path: Path) -> None:
    source = BundledEncoder()._model.folder
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"no model at all")
    with pytest.raises(EncoderError, match="reinstall"):
        BundledEncoder(tmp_path).encode_queries(["halo"])


def test_a_folder_that_is_not_there_is_never_looked_for_on_the_network() -> None:
    encoder = SentenceTransformersEncoder("./no/such/folder")
    with pytest.raises(EncoderError, match="RAG_ENCODER"):
        encoder.encode_queries(["halo"])
    with pytest.raises(EncoderError, match="RAG_ENCODER"):
        _ = encoder.name


def test_a_folder_without_a_model_is_an_encoder_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="RAG_ENCODER"):
        SentenceTransformersEncoder(str(tmp_path)).encode_queries(["halo"])


def test_a_changed_model_folder_changes_the_name(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = SentenceTransformersEncoder(str(tmp_path)).name
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert SentenceTransformersEncoder(str(tmp_path)).name != before
