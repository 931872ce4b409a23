"""The encoder that comes with the program: int8 on onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.errors import EncoderError
from rag.models.encoder import FloatArray
from rag.models.onnx_model import WEIGHTS_FOLDER, OnnxModel

LONGEST_INPUT = 256
"""Tokens of a text that are encoded; about 190 Indonesian words."""
CLS, SEP = 2, 3


class BundledEncoder:
    """Encodes Indonesian and English into one space. Safe to use from several threads."""

    def __init__(self, folder: Path = WEIGHTS_FOLDER / "encoder") -> None:
        self._model = OnnxModel(folder, EncoderError)

    @property
    def name(self) -> str:
        """`bundled:` and eight hex digits of its weights. Raises EncoderError."""
        return f"bundled:{self._model.digest}"

    @property
    def dimensions(self) -> int:
        """The length of a vector. Raises EncoderError."""
        return int(self._model.setting("hidden_size"))

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return unit vectors, float32, (len(texts), dimensions), in order. Raises EncoderError."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        """Return unit vectors, float32, (len(texts), dimensions), in order. Raises EncoderError."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> FloatArray:
        rows = [[CLS, *t.ids[: LONGEST_INPUT - 2], SEP] for t in self._model.tokenise(texts)]
        vectors = np.zeros((len(rows), self.dimensions), np.float32)
        for number, outputs in enumerate(self._model.run_each(rows)):
            vectors[number] = outputs[0]
        return vectors
