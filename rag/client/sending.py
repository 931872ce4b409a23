"""The parts of an ingest run by way of a server: batches of documents and the whole report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from rag.types import Failure, IngestReport, RawDocument

BATCH_DOCUMENTS = 64
BATCH_BYTES = 4_000_000
"""One request carries at most so much, unless one document alone is larger."""


@dataclass(slots=True)
class Tally:
    """An ingest report in the making."""

    started: float = field(default_factory=time.monotonic)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def wants(
        self, source: RawDocument | Failure, known: dict[str, str], seen: dict[str, str]
    ) -> TypeGuard[RawDocument]:
        """Return whether a source has to be sent, and note it if not; `seen` grows."""
        if isinstance(source, Failure):
            self.failed.append(source)
            return False
        if source.id in seen:
            reason = f'its id "{source.id}" was already taken by {seen[source.id]}'
            self.failed.append(Failure(name_of(source), reason))
            return False
        seen[source.id] = name_of(source)
        if known.get(source.id) == source.content_hash:
            self.unchanged.append(source.id)
            return False
        return True

    def add(self, report: IngestReport) -> None:
        """Add what one request did."""
        self.added.extend(report.added)
        self.updated.extend(report.updated)
        self.unchanged.extend(report.unchanged)
        self.failed.extend(report.failed)
        self.warnings.extend(report.warnings)

    def report(self) -> IngestReport:
        """Return the whole."""
        return IngestReport(
            added=tuple(self.added),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            failed=tuple(self.failed),
            warnings=tuple(self.warnings),
            seconds=time.monotonic() - self.started,
        )


def batches(sources: Iterable[RawDocument | Failure]) -> Iterator[list[RawDocument | Failure]]:
    """Yield the sources in lists small enough for one request each."""
    batch: list[RawDocument | Failure] = []
    size = 0
    for source in sources:
        length = len(source.text.encode()) if isinstance(source, RawDocument) else 0
        if batch and (len(batch) == BATCH_DOCUMENTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += length
    if batch:
        yield batch


def name_of(source: RawDocument | Failure) -> str:
    """Return what a source is called in reports: the path that it came from."""
    return source.name if isinstance(source, Failure) else source.origin
