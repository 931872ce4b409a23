"""The answerer that writes when a language model is there, and quotes when none is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer.answerer import Answerer, Draft
from rag.answer.language_model import Availability, LanguageModel
from rag.answer.notices import quoted_instead
from rag.errors import LanguageModelError, ModelReplyError
from rag.types import Hit, Language, TokenWritten

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 15.0
"""How long a model that failed is left alone; twice as long after each further failure."""
LONGEST_PAUSE_SECONDS = 300.0
FIRST_LOOK_SECONDS = 1.0
"""How long after the start the first look is waited for, by a command that asks one question and
ends; it takes milliseconds where no server is. A server is long past that when it is ready."""


class AutoAnswerer:
    """Writes with a model while it can be reached; a thread finds that out, no question waits.

    When the model fails in the middle of an answer, quotes take its place with a warning. A
    server that was never there is no failure: then answers are quotes, without a word about it.
    """

    def __init__(
        self,
        model: LanguageModel,
        writing: Answerer,
        quoting: Answerer,
        *,
        probe_seconds: float = 15.0,
    ) -> None:
        self._model = model
        self._writing = writing
        self._quoting = quoting
        self._probe_seconds = probe_seconds
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._found: Availability | None = None
        self._was_there = False
        self._failures = 0
        self._failed = ""
        self._paused_until = 0.0
        self._known = threading.Event()
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="language-model", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Return who answers now."""
        return self._writing.name if self.model_in_use() else self._quoting.name

    @property
    def reason(self) -> str:
        """Return why that one answers now."""
        self._wait_for_first_look()
        with self._lock:
            if self._found is None:
                return "looking for a language model; answers are quotes until one is found"
            left = self._paused_until - time.monotonic()
            if left > 0:
                return f"{self._failed}; it is tried again in {left:.0f} s"
            return self._found.reason

    def model_in_use(self) -> LanguageModel | None:
        """Return the model if it can be asked now."""
        self._wait_for_first_look()
        with self._lock:
            there = self._found is not None and self._found.ok
            return self._model if there and time.monotonic() >= self._paused_until else None

    def answer(
        self, question: str, language: Language, hits: Sequence[Hit], wishes: str = ""
    ) -> Iterator[TokenWritten | Draft]:
        """Yield what the model writes, or quotes where it does not."""
        if self.model_in_use() is None:
            yield from self._quote(question, language, hits, warn=self._was_there)
            return
        begun = False
        try:
            for piece in self._writing.answer(question, language, hits, wishes):
                yield piece
                begun = True
        except LanguageModelError as error:
            self.failed(error)
            if begun:
                yield TokenWritten("\n\n")
            yield from self._quote(question, language, hits, warn=True)
        else:
            self._succeeded()

    def failed(self, error: LanguageModelError) -> None:
        """Note that the model failed: it is left alone for a while, unless it was one bad reply."""
        with self._lock:
            self._failures += 1
            self._failed = str(error)
            if self._failures > 1 or not isinstance(error, ModelReplyError):
                pause = FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10)
                self._paused_until = time.monotonic() + min(pause, LONGEST_PAUSE_SECONDS)
        logger.warning("%s; answering with quotes", error)
        self._wake.set()

    def close(self) -> None:
        """Stop looking, and let go of the model's connections."""
        self._closed = True
        self._wake.set()
        self._thread.join(timeout=5)
        self._writing.close()
        self._quoting.close()

    def _quote(
        self, question: str, language: Language, hits: Sequence[Hit], *, warn: bool
    ) -> Iterator[TokenWritten | Draft]:
        for piece in self._quoting.answer(question, language, hits):
            if isinstance(piece, TokenWritten):
                yield piece
            else:
                notice = (quoted_instead(self._model.name, language),) if warn else ()
                yield replace(
                    piece, warnings=(*notice, *piece.warnings), answerer=self._quoting.name
                )

    def _wait_for_first_look(self) -> None:
        left = self._started + FIRST_LOOK_SECONDS - time.monotonic()
        if left > 0:
            self._known.wait(left)

    def _succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def _watch(self) -> None:
        while not self._closed:
            self._probe()
            self._wake.wait(self._probe_seconds)
            self._wake.clear()

    def _probe(self) -> None:
        found = self._model.available()
        with self._lock:
            before, self._found = self._found, found
            self._was_there = self._was_there or found.ok
        self._known.set()
        if before is not None and before.ok != found.ok:
            logger.warning("%s: %s", "found" if found.ok else "lost", found.reason)
        elif before is None:
            logger.info("%s", found.reason)
