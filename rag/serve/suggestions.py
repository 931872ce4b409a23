"""The questions to try first: made from the articles, shown only if they are answered from them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.types import Document, Language

if TYPE_CHECKING:
    from rag.answer.suggest import Suggestion
    from rag.engine import Engine

MOST_QUESTIONS = 4
MOST_ARTICLES = 24
"""Articles that are read for questions: the latest, and some from all over the index."""
MOST_TRIED = 40
"""Questions asked in the search for those that are answered."""
FRESH_SECONDS = 5.0
"""The index is not looked at again for changes within this time."""
QUOTING = "reader"

logger = logging.getLogger(__name__)


class Suggestions:
    """Finds questions for an index once for every state that it is in; safe in threads."""

    def __init__(self, most: int = MOST_QUESTIONS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: dict[Language, list[Suggestion]] = {}
        self._state: object = None
        self._looked_at = float("-inf")
        self.known_first: str | None = None
        """What `first` found last."""

    def questions(self, engine: Engine, language: Language) -> list[Suggestion]:
        """Return questions in a language that the articles answer; few, or none, if few are found.

        The first call after a change of the index asks the engine some questions.
        """
        with self._lock:
            self._forget_if_changed(engine)
            if language not in self._found:
                started = time.perf_counter()
                self._found[language] = find_questions(engine, language, self._most)
                seconds = time.perf_counter() - started
                logger.info("%d suggestions in %.1f s", len(self._found[language]), seconds)
            return self._found[language]

    def first(self, engine: Engine) -> str | None:
        """Return one question in the language of most articles, or None. Raises nothing."""
        try:
            documents = engine.documents()
            english = sum(document.language == "en" for document in documents)
            language: Language = "en" if english * 2 > len(documents) else "id"
            found = self.questions(engine, language)
        except RagError:
            return None
        self.known_first = found[0].text(language) if found else None
        return self.known_first

    def _forget_if_changed(self, engine: Engine) -> None:
        if time.monotonic() - self._looked_at < FRESH_SECONDS:
            return
        state = engine.content_hashes()
        if state != self._state:
            self._found.clear()
            self._state = state
        self._looked_at = time.monotonic()


def find_questions(engine: Engine, language: Language, most: int) -> list[Suggestion]:
    """Return at most `most` questions that are answered, of different articles where possible."""
    chosen: list[Suggestion] = []
    for tried, suggestion in enumerate(_candidates(engine)):
        if len(chosen) == most or tried == MOST_TRIED:
            break
        asked = {one.text(language) for one in chosen}
        if suggestion.text(language) not in asked and is_answered(engine, suggestion, language):
            chosen.append(suggestion)
    # The dead and the hurt are news too, but nobody should be greeted with them.
    return sorted(chosen, key=lambda one: one.kind == "toll")


def is_answered(engine: Engine, suggestion: Suggestion, language: Language) -> bool:
    """Tell whether the engine answers a question from the words that it was made from.

    Where a language model writes, asking would take long and keep others waiting; then the words
    must be in the best passage.
    """
    question = suggestion.text(language)
    if engine.status().answerer != QUOTING:
        hits = engine.search(question, 1)
        return any(
            _overlap(suggestion, hit.document.id, hit.passage.start, hit.passage.end)
            for hit in hits
        )
    answer = engine.ask(question, language=language)
    return not answer.abstained and any(
        _overlap(suggestion, cited.document_id, cited.start, cited.end)
        for cited in answer.citations
    )


def _overlap(suggestion: Suggestion, document_id: str, start: int, end: int) -> bool:
    return (
        suggestion.document_id == document_id and suggestion.start < end and start < suggestion.end
    )


def _candidates(engine: Engine) -> Iterator[Suggestion]:
    """Yield suggestions, from one article after the other, then the articles' second ones."""
    # Its many patterns take a while to compile, and the server is to listen before that.
    from rag.answer.suggest import in_turn, suggest_questions

    by_article: list[list[Suggestion]] = []
    shown_first: set[str] = set()
    for listed in spread(engine.documents(), MOST_ARTICLES):
        suggestions = in_turn(suggest_questions(engine.document(listed.id)))
        # The first questions should not all be of one kind.
        suggestions.sort(key=lambda suggestion: suggestion.kind in shown_first)
        if suggestions:
            shown_first.add(suggestions[0].kind)
        by_article.append(suggestions)
    rounds = zip_longest(*by_article)
    return (suggestion for suggestion in chain.from_iterable(rounds) if suggestion is not None)


def spread(documents: Sequence[Document], most: int) -> list[Document]:
    """Return the latest documents and some at even distances, the latest first, none twice."""
    latest = sorted(documents, key=lambda one: (one.published is None, -_day(one), one.id))
    if len(latest) <= most:
        return latest
    half = most // 2
    step = (len(latest) - half) / (most - half)
    return latest[:half] + [latest[half + int(turn * step)] for turn in range(most - half)]


def _day(document: Document) -> int:
    return document.published.toordinal() if document.published else 0
