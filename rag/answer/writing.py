"""The answerer that lets a language model write, and checks what it wrote."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.answer.answerer import Draft
from rag.answer.language_model import Availability, LanguageModel
from rag.answer.markers import MarkerStream
from rag.answer.notices import passages_dropped
from rag.answer.prompt import build_prompt
from rag.answer.wording import nothing_found
from rag.errors import LanguageModelError
from rag.types import Hit, Language, TokenWritten

_MARKER = re.compile(r"\[\d+\]")
_LANGUAGES: tuple[Language, ...] = ("id", "en")

LOOK_AGAIN_SECONDS = 10.0
MayAnswer = Callable[[str, Language, Sequence[Hit]], bool]
"""(question, language, hits) -> whether the hits are good enough to ask a model about."""


class AnswerChecker(Protocol):
    """Turns a text with [n] markers into a draft: `hits[n - 1]` is what [n] cites."""

    def check(
        self, text: str, language: Language, hits: Sequence[Hit], question: str = ""
    ) -> Draft:
        """Return the sentences with their citations and verdicts."""
        ...


class WritingAnswerer:
    """Streams what a model writes from the hits; the draft at its end has been checked.

    Hits that cannot hold the answer are not shown to the model at all: it cannot make up what it
    is never asked. `prompt_tokens` is what of the model's context its own answer leaves free.
    """

    def __init__(
        self,
        model: LanguageModel,
        checker: AnswerChecker,
        *,
        prompt_tokens: int,
        may_answer: MayAnswer,
    ) -> None:
        self._model = model
        self._checker = checker
        self._prompt_tokens = prompt_tokens
        self._may_answer = may_answer
        self._found: Availability | None = None
        self._looked = 0.0

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self._model.name

    @property
    def reason(self) -> str:
        """Return whether the model can be asked, or what helps; at most so many seconds old."""
        now = time.monotonic()
        if self._found is None or now - self._looked >= LOOK_AGAIN_SECONDS:
            self._found, self._looked = self._model.available(), now
        return self._found.reason

    def answer(
        self, question: str, language: Language, hits: Sequence[Hit], wishes: str = ""
    ) -> Iterator[TokenWritten | Draft]:
        """Yield the text as it is written, markers resolved, then the checked draft.

        Raises LanguageModelError, before the first piece or after some.
        """
        if not self._may_answer(question, language, hits):
            yield from _refuse(language, self.name)
            return
        prompt = build_prompt(question, hits, language, self._prompt_tokens, wishes)
        resolved = MarkerStream(len(prompt.hits))
        written: list[str] = []
        for piece in self._model.stream(prompt.messages):
            if shown := resolved.feed(piece):
                written.append(shown)
                yield TokenWritten(shown)
        if shown := resolved.finish():
            written.append(shown)
            yield TokenWritten(shown)
        text = "".join(written).strip()
        if says_nothing_found(text):
            draft = Draft(nothing_found(language))
        else:
            draft = self._checker.check(text, language, prompt.hits, question)
        warnings = draft.warnings
        if prompt.dropped:
            warnings = (*warnings, passages_dropped(prompt.dropped, language))
        yield replace(draft, warnings=warnings, answerer=self.name)

    def model_in_use(self) -> LanguageModel:
        """Return the model: no other is ever used."""
        return self._model

    def failed(self, error: LanguageModelError) -> None:
        """Do nothing: the next question asks the same model again."""

    def close(self) -> None:
        """Let go of the model's connections."""
        self._model.close()


def says_nothing_found(text: str) -> bool:
    """Tell whether a model used the words it was given for passages that do not answer."""
    said = _folded(text)
    return any(said.startswith(_folded(nothing_found(language))) for language in _LANGUAGES)


def _folded(text: str) -> str:
    return " ".join(_MARKER.sub("", text).casefold().strip(" \n*\"'“”").split())


def _refuse(language: Language, name: str) -> Iterator[TokenWritten | Draft]:
    text = nothing_found(language)
    yield TokenWritten(text)
    yield Draft(text, answerer=name)
