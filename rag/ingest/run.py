"""The ingest run: documents read, prepared, cut, encoded and stored, and a report of it all."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import length_hint
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import InvalidDocumentError, StorageFullError, StoreError
from rag.ingest.chunk import chunk_document
from rag.ingest.prepare import prepare_document
from rag.types import Document, Failure, IngestReport, Passage, RawDocument

if TYPE_CHECKING:
    from rag.models.encoder import Encoder
    from rag.store.protocol import Entry, FloatArray, PassageStore

logger = logging.getLogger(__name__)

BATCH_PASSAGES = 64
"""Passages encoded together: enough to keep the encoder busy, few enough to bound memory."""

STORED_TOGETHER = 4 * BATCH_PASSAGES
"""Passages after which documents are stored: a wait for the disk costs as much as many of them."""

FLUSH_DOCUMENTS = 1000
"""Documents after which what is stored so far is made searchable by words."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of about `total` documents (None: not known) are finished; `name` was the last."""

    done: int
    total: int | None
    name: str


class IngestStoppedError(StorageFullError):
    """The disk filled up; what `report` counts is safely stored, the rest was not read."""

    def __init__(self, message: str, report: IngestReport) -> None:
        super().__init__(message)
        self.report = report


def passage_text_to_encode(document: Document, passage: Passage) -> str:  # noqa: ARG001
    """Return what stands for the passage in the vector index."""
    return passage.text


def ingest(
    sources: Iterable[RawDocument | Failure],
    store: PassageStore,
    encoder: Encoder,
    *,
    passage_words: int,
    prune_roots: Sequence[Path] = (),
    on_progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Store every source that is new or changed, and return what was done.

    A document under `prune_roots` that is no longer among the sources is removed, unless it or
    its file could not be read this time. Raises IngestStoppedError, which carries the report of
    what is safely stored, when the disk is full, and other RagErrors of the store and encoder.
    """
    run = _Run(store, encoder, passage_words, length_hint(sources, 0) or None, on_progress)
    try:
        for source in sources:
            run.take(source)
        run.store_pending()
        if prune_roots:
            run.prune(prune_roots)
        store.flush()
    except StorageFullError as error:
        with suppress(StoreError):
            store.flush()
        report = run.report()
        raise IngestStoppedError(
            f"{error}; {len(report.added) + len(report.updated)} documents were stored and are "
            "safe; free some space and run the same command again to go on",
            report,
        ) from error
    report = run.report()
    logger.info(
        "ingest: %d added, %d updated, %d unchanged, %d removed, %d failed in %.1f s",
        *(len(part) for part in (report.added, report.updated, report.unchanged)),
        len(report.removed),
        len(report.failed),
        report.seconds,
    )
    return report


@dataclass(slots=True)
class _Run:
    """The state of one run: what the store held before, what waits for the encoder, the report."""

    store: PassageStore
    encoder: Encoder
    passage_words: int
    total: int | None
    on_progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    stored: int = 0
    flushed: int = 0
    hashes: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    pending: list[tuple[Document, list[Passage]]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hashes = self.store.content_hashes()
        self.origins = self.store.origins()

    def take(self, source: RawDocument | Failure) -> None:
        """Skip, refuse or line up one source; store what is lined up when it is enough."""
        if isinstance(source, Failure):
            self._fail(source)
        elif source.id in self.seen:
            self._take_again(source)
        else:
            self.seen[source.id] = (_name(source), source.content_hash)
            self._take_document(source)

    def _take_again(self, raw: RawDocument) -> None:
        """Refuse a second document with one id, unless it is the same one named twice."""
        name = _name(raw)
        first, content_hash = self.seen[raw.id]
        if (name, raw.content_hash) == (first, content_hash):
            self._advance(raw.id)
        else:
            self._fail(Failure(name, f'its id "{raw.id}" was already taken by {first}'))

    def _take_document(self, raw: RawDocument) -> None:
        origin = self.origins.get(raw.id)
        moved = origin is not None and origin != raw.origin
        if self.hashes.get(raw.id) == raw.content_hash and not moved:
            self.unchanged.append(raw.id)
            self._advance(raw.id)
            return
        try:
            document = prepare_document(raw)
        except InvalidDocumentError as error:
            self._fail(Failure(_name(raw), str(error)))
            return
        if moved:
            former = PurePath(origin or "").name
            self.warnings.append(f'"{raw.id}" replaces the document of that id from {former}')
        self.pending.append((document, chunk_document(document, self.passage_words)))
        if sum(len(passages) for _, passages in self.pending) >= STORED_TOGETHER:
            self.store_pending()

    def store_pending(self) -> None:
        """Encode what is lined up in batches, and store it document by document."""
        pending, self.pending = self.pending, []
        texts = [
            passage_text_to_encode(document, passage)
            for document, passages in pending
            for passage in passages
        ]
        if not texts:
            return
        vectors = np.concatenate(
            [
                self.encoder.encode_passages(texts[first : first + BATCH_PASSAGES])
                for first in range(0, len(texts), BATCH_PASSAGES)
            ]
        )
        first = 0
        entries: list[Entry] = []
        for document, passages in pending:
            own = vectors[first : first + len(passages)]
            first += len(passages)
            entries.append((document, passages, own, mean_direction(own)))
        try:
            self.store.put_many(entries)
        except StorageFullError:
            # Each document is one change, so those before the one that did not fit are safe.
            held = self.store.content_hashes()
            self._count_stored([d for d, _ in pending if held.get(d.id) == d.content_hash])
            raise
        self._count_stored([document for document, _ in pending])
        if self.stored - self.flushed >= FLUSH_DOCUMENTS:
            self.store.flush()
            self.flushed = self.stored

    def _count_stored(self, documents: Sequence[Document]) -> None:
        for document in documents:
            (self.updated if document.id in self.hashes else self.added).append(document.id)
            self.stored += 1
            self._advance(document.id)

    def prune(self, roots: Sequence[Path]) -> None:
        """Remove the documents under the roots whose sources are gone.

        What could not be read, and everything under it, is kept: a folder that is not mounted
        just now must not empty the index.
        """
        unreadable = [path for failure in self.failed for path in _failed_paths(failure.name)]
        gone = [
            document_id
            for document_id, origin in self.origins.items()
            if document_id not in self.seen
            and any(_is_under(origin, root) for root in map(_absolute, roots))
            and not any(_is_under(origin, path) for path in unreadable)
        ]
        if gone:
            self.store.delete(gone)
            self.removed.extend(gone)

    def report(self) -> IngestReport:
        """Return what the run has done so far."""
        return IngestReport(
            added=tuple(self.added),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            failed=tuple(self.failed),
            warnings=tuple(self.warnings),
            seconds=time.monotonic() - self.started,
        )

    def _fail(self, failure: Failure) -> None:
        self.failed.append(failure)
        self._advance(failure.name)

    def _advance(self, name: str) -> None:
        self.done += 1
        if self.on_progress is not None:
            total = None if self.total is None else max(self.total, self.done)
            self.on_progress(Progress(self.done, total, name))


def _name(raw: RawDocument) -> str:
    """Return where the document came from, with its id where one file holds several."""
    if PurePath(raw.origin).suffix.lower() == ".jsonl" or raw.origin == "upload":
        return f"{raw.origin} ({raw.id})"
    return raw.origin


def mean_direction(vectors: FloatArray) -> FloatArray:
    """Return the unit-length mean of unit-length vectors, shape (dimensions,)."""
    mean = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    # Vectors that cancel out have no mean direction; the first stands for all.
    return np.asarray(mean / length if length > 1e-6 else vectors[0], dtype=np.float32)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (as origins are made, links not followed)


def _is_under(origin: str, root: str) -> bool:
    return PurePath(origin).is_relative_to(root)


def _failed_paths(name: str) -> list[str]:
    """Return the absolute paths that a failure's name may mean: "path" or "path:line"."""
    return [_absolute(Path(name)), _absolute(Path(re.sub(r":\d+$", "", name)))]
