"""What turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Encodes questions and passages of both languages into one space."""

    @property
    def name(self) -> str:
        """What an index records: changes whenever vectors would change."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return unit-length vectors, shape (len(texts), dimensions), in input order."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        """Return unit-length vectors, shape (len(texts), dimensions), in input order."""
        ...
