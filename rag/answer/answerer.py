"""The seam between a question with its evidence and whoever writes the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.types import Citation, Hit, Language, Sentence, TokenWritten


@dataclass(frozen=True, slots=True)
class Draft:
    """A written answer with its citations, before it is dressed for people.

    No sentences mean that the evidence does not answer; `text` is then what says so. `answerer`
    names who wrote it, if that is not always the same.
    """

    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    warnings: tuple[str, ...] = ()
    answerer: str = ""

    @property
    def abstained(self) -> bool:
        """Tell whether nothing was answered."""
        return not self.sentences


class Answerer(Protocol):
    """Writes an answer that rests on hits and on nothing else."""

    @property
    def name(self) -> str:
        """Who answers, as people see it: "reader", "ollama:<model>", "openai:<model>"."""
        ...

    @property
    def reason(self) -> str:
        """Why this one answers and no other, as operators see it; may take seconds to find out."""
        ...

    def answer(
        self, question: str, language: Language, hits: Sequence[Hit], wishes: str = ""
    ) -> Iterator[TokenWritten | Draft]:
        """Yield the answer's text in pieces as it is written, then the draft, which is last.

        `wishes` say how the answer should read, for whoever can follow them.
        """
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...
