"""What reads a passage with a question in mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """What one passage says to a question.

    `start` and `end` are the answer's offsets in the passage, in characters. `has_answer` is a
    calibrated probability, `relevance` ranks the passages of one question, both in 0..1.
    """

    start: int
    end: int
    has_answer: float
    relevance: float


class Reader(Protocol):
    """Reads the candidate passages of a question."""

    @property
    def name(self) -> str:
        """Which reader it is."""
        ...

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Return one reading a passage, in input order; long passages are read by windows."""
        ...
