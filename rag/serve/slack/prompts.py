"""Questions to try first: those that the page shows, made from the articles and tried out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from rag.serve.slack.port import Asked
from rag.serve.suggestions import find_questions
from rag.types import Language

if TYPE_CHECKING:
    from rag.engine import Engine

MOST_PROMPTS = 4
TITLE_CHARACTERS = 60
FRESH_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as the assistant pane offers it: a short title, and what is then asked."""

    title: str
    message: str


class Prompts:
    """Finds questions that the index answers, and keeps them for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: list[Prompt] = []
        self._fresh_until = float("-inf")

    def of(self, engine: Asked) -> list[Prompt]:
        """Return at most four questions in the language of most articles. Raises RagError."""
        with self._lock:
            if self._clock() >= self._fresh_until:
                self._found = _find(engine)
                self._fresh_until = self._clock() + FRESH_SECONDS
            return self._found


def _find(engine: Asked) -> list[Prompt]:
    documents = engine.documents()
    english = sum(document.language == "en" for document in documents)
    language: Language = "en" if english * 2 > len(documents) else "id"
    example = engine.status().example_question
    # An engine behind HTTP has every method that is called there.
    found = find_questions(cast("Engine", engine), language, MOST_PROMPTS)
    texts = [example] if example else []
    texts += [suggestion.text(language) for suggestion in found]
    return [Prompt(_short(text), text) for text in dict.fromkeys(texts)][:MOST_PROMPTS]


def _short(text: str) -> str:
    return text if len(text) <= TITLE_CHARACTERS else text[: TITLE_CHARACTERS - 1] + "…"
