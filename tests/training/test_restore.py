"""The shipped encoder and the same weights run by sentence-transformers."""

from pathlib import Path

import numpy as np

from rag.models.bundled_encoder import BundledEncoder
from rag.models.onnx_model import WEIGHTS_FOLDER
from rag.models.sentence_transformers_encoder import SentenceTransformersEncoder
from training.restore import restore

TEXTS = [
    "Siapa yang ditemui menteri luar negeri itu?",
    "Who paid for the new school?",
    "Harga beras naik.",
    "naïve café 10.000 «—» 🙂",
    "Pemerintah kota membuka tiga taman baru di tepi sungai pada hari Minggu, 4 Mei 2025. " * 3,
    "The committee met for nine hours and agreed on nothing, its secretary told reporters.",
    "Petani di lereng gunung memanen kopi lebih awal karena hujan tidak kunjung datang.",
]


def test_sentence_transformers_gives_the_vectors_of_the_bundled_runtime(tmp_path: Path) -> None:
    restore(WEIGHTS_FOLDER / "encoder", tmp_path / "encoder")
    bundled = BundledEncoder().encode_passages(TEXTS)
    restored = SentenceTransformersEncoder(str(tmp_path / "encoder")).encode_passages(TEXTS)
    # int8 rounds activations too; different texts are nowhere near as alike.
    assert (bundled * restored).sum(axis=1).min() > 0.995
    assert (np.argmax(bundled @ restored.T, axis=1) == np.arange(len(TEXTS))).all()
