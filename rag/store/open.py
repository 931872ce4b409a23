"""Opens the store that the settings name, and says clearly why it cannot."""

from __future__ import annotations

import logging
from dataclasses import fields
from pathlib import Path
from typing import Literal

from rag.errors import IndexLockedError, IndexMismatchError
from rag.store.faults import translated
from rag.store.lock import IndexLock
from rag.store.protocol import IndexFingerprint, PassageStore
from rag.store.record import Record
from rag.store.store import ChromaStore
from rag.store.words import Analyse, WordIndex

log = logging.getLogger(__name__)


@translated
def open_store(
    index_dir: Path,
    *,
    fingerprint: IndexFingerprint,
    analyse: Analyse,
    analyser_version: str,
    chroma_url: str | None = None,
    command: str = "",
    on_mismatch: Literal["raise", "keep"] = "raise",
) -> PassageStore:
    """Open the index in a folder, making it if there is none, and bring it in order.

    `analyse` gives the terms of a text for the word index; when its `analyser_version` changes,
    the word index is rebuilt. `command` names this process to others who find the index locked.
    `on_mismatch="keep"` opens an index that something else made, to read it and `replace_all`.
    Raises IndexLockedError, IndexMismatchError, StorageFullError or StoreError.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    lock = _lock(index_dir, command, shared=chroma_url is not None)
    record: Record | None = None
    try:
        record = Record.at_url(chroma_url) if chroma_url else Record.on_disk(index_dir / "chroma")
        made_by = record.attach(fingerprint)
        if made_by != fingerprint and record.is_empty():
            record.replace_all(fingerprint, ())
            made_by = fingerprint
        if on_mismatch == "raise":
            _expect_same(index_dir, made_by, fingerprint)
        words = WordIndex(index_dir / "words" if lock else None, analyse, analyser_version)
        return ChromaStore(index_dir, record, words, made_by, lock)
    except BaseException:
        if record is not None:
            record.close()
        if lock is not None:
            lock.free()
        raise


def _lock(index_dir: Path, command: str, *, shared: bool) -> IndexLock | None:
    """Lock the index or, where the record is shared, its word index, if that is still free."""
    if not shared:
        return IndexLock.take(index_dir / "lock", command)
    try:
        return IndexLock.take(index_dir / "words.lock", command)
    except IndexLockedError:
        log.info("another process keeps the word index; this one keeps its own in memory")
        return None


def _expect_same(index_dir: Path, made_by: IndexFingerprint, wanted: IndexFingerprint) -> None:
    if made_by == wanted:
        return
    differences = "; ".join(
        f"{field.name} was {getattr(made_by, field.name)}, is now {getattr(wanted, field.name)}"
        for field in fields(IndexFingerprint)
        if getattr(made_by, field.name) != getattr(wanted, field.name)
    )
    raise IndexMismatchError(
        f"the index {index_dir} was made by another configuration ({differences}); "
        "run `rag reindex`, which needs no source files, or set the old configuration again"
    )
