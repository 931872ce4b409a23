"""One question from start to end: the only place that knows the order of the steps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.answer.answerer import Answerer, Draft
from rag.answer.wording import empty_index
from rag.errors import InvalidQuestionError
from rag.ingest.run import Progress, ingest
from rag.models.encoder import Encoder
from rag.retrieve.retriever import Retriever
from rag.store.protocol import PassageStore
from rag.text.language import detect_language
from rag.types import (
    Answer,
    AnswerReady,
    Document,
    Event,
    Failure,
    Filters,
    Hit,
    IngestReport,
    Language,
    Message,
    RawDocument,
    ShownPassage,
    SourcesFound,
    TokenWritten,
)

logger = logging.getLogger(__name__)

AskedLanguage = Literal["auto", "id", "en"]
Standalone = Callable[[str, Sequence[Message], Language], str]
"""(question, history, language) -> the question as it can be asked by itself."""
ANY = Filters()


@dataclass(frozen=True, slots=True)
class Status:
    """What the engine works with; `answerer_reason` says why this answerer and no other."""

    documents: int
    passages: int
    encoder: str
    answerer: str
    answerer_reason: str
    example_question: str | None = None


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """How much a question may ask for: its length in characters, passages that an answer gets."""

    question_characters: int
    answer_passages: int
    passage_words: int


class Engine:
    """Answers questions over one index; its methods may be called from several threads."""

    def __init__(
        self,
        store: PassageStore,
        encoder: Encoder,
        retriever: Retriever,
        answerer: Answerer,
        limits: EngineLimits,
        standalone: Standalone,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._retriever = retriever
        self._answerer = answerer
        self._limits = limits
        self._standalone = standalone

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        language: AskedLanguage = "auto",
        filters: Filters = ANY,
        wishes: str = "",
    ) -> Iterator[Event]:
        """Yield the sources, the answer's text piece by piece, and last the checked answer.

        The history tells what a follow-up means; like `wishes`, which say how an answer should
        read, it is never evidence. Raises InvalidQuestionError before the first event, and other
        RagErrors as they happen.
        """
        started = time.perf_counter()
        asked = self._checked(question)
        spoken: Language = detect_language(asked) if language == "auto" else language
        asked = self._standalone(asked, history, spoken)
        understood = time.perf_counter()
        hits = self._retriever.retrieve(asked, spoken, filters, self._limits.answer_passages)
        shown = tuple(show(hit) for hit in hits)
        found = time.perf_counter()
        yield SourcesFound(shown)
        draft = Draft("")
        for piece in self._answerer.answer(asked, spoken, hits, wishes):
            if isinstance(piece, TokenWritten):
                yield piece
            else:
                draft = piece
        answered = time.perf_counter()
        warnings = draft.warnings
        if not hits and self._store.count()[0] == 0:
            warnings = (*warnings, empty_index(spoken))
        timings = {
            "understand": _milliseconds(started, understood),
            "retrieve": _milliseconds(understood, found),
            "answer": _milliseconds(found, answered),
            "total": _milliseconds(started, answered),
        }
        logger.info("answered in %.0f ms from %d passages", timings["total"], len(hits))
        yield AnswerReady(
            Answer(
                answer=draft.text,
                language=spoken,
                abstained=draft.abstained,
                answerer=draft.answerer or self._answerer.name,
                sentences=draft.sentences,
                citations=draft.citations,
                passages=shown,
                warnings=warnings,
                timings_ms=timings,
                standalone_question=asked,
            )
        )

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        language: AskedLanguage = "auto",
        filters: Filters = ANY,
    ) -> Answer:
        """Return the answer that `stream` ends with."""
        for event in self.stream(question, history, language=language, filters=filters):
            if isinstance(event, AnswerReady):
                return event.answer
        raise AssertionError("a stream always ends with an answer")

    def search(self, query: str, limit: int = 10, filters: Filters = ANY) -> list[Hit]:
        """Return at most `limit` hits for a query, best first."""
        asked = self._checked(query)
        return self._retriever.retrieve(asked, detect_language(asked), filters, limit)

    def ingest(
        self,
        sources: Iterable[RawDocument | Failure],
        *,
        prune_roots: Sequence[Path] = (),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Add and update documents; with `prune_roots`, remove those whose files are gone."""
        return ingest(
            sources,
            self._store,
            self._encoder,
            passage_words=self._limits.passage_words,
            prune_roots=prune_roots,
            on_progress=on_progress,
        )

    def documents(self) -> list[Document]:
        """Return all documents by id, without their texts."""
        return self._store.list_documents()

    def document(self, document_id: str) -> Document:
        """Return one document. Raises DocumentNotFoundError."""
        return self._store.document(document_id)

    def content_hashes(self) -> dict[str, str]:
        """Return the content hash of every document by id, so that a client can skip unchanged."""
        return self._store.content_hashes()

    def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents. Raises DocumentNotFoundError, changing nothing, if one is unknown."""
        self._store.delete(document_ids)
        self._store.flush()

    def check(self) -> list[str]:
        """Return what is wrong with the index, in words; nothing if it is healthy."""
        return self._store.check()

    def repair(self) -> list[str]:
        """Put right what `check` finds and return what was done."""
        return self._store.repair()

    def status(self) -> Status:
        """Return what the engine works with."""
        documents, passages = self._store.count()
        # The reason first: it may wait a moment until it is known, and the name depends on it.
        reason = self._answerer.reason
        return Status(
            documents=documents,
            passages=passages,
            encoder=self._encoder.name,
            answerer=self._answerer.name,
            answerer_reason=reason,
        )

    def announce(self, address: str) -> None:
        """Write into the index's lock where it is served, so that commands find their way here."""
        self._store.announce(address)

    def warm_up(self) -> None:
        """Load the models, so that the first question is as quick as the next."""
        self._retriever.retrieve("siapa", "id", ANY, 1)

    def close(self) -> None:
        """Let go of the index and of the language model's server."""
        self._answerer.close()
        self._store.close()

    def _checked(self, question: str) -> str:
        asked = question.strip()
        if not asked:
            raise InvalidQuestionError("the question is empty; write what you want to know")
        if any("\ud800" <= character <= "\udfff" for character in asked):
            raise InvalidQuestionError("the question is not valid UTF-8; send it as UTF-8 text")
        most = self._limits.question_characters
        if len(asked) > most:
            raise InvalidQuestionError(
                f"the question has {len(asked)} characters; at most {most} are read"
            )
        return asked


def show(hit: Hit) -> ShownPassage:
    """Return a hit as answers show it."""
    passage = hit.passage
    return ShownPassage(
        document_id=passage.document_id,
        passage_id=passage.id,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=round(hit.score, 4),
        title=hit.document.title,
        published=hit.document.published,
    )


def _milliseconds(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)
