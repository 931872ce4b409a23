"""The record of everything: two Chroma collections, on disk or behind a `chroma run` server.

A revision's passages are written first, then its `documents`
row, which is the commit point, then the old passages are removed: whatever has no matching row
is a leftover that no search shows.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import IndexMismatchError, StoreError
from rag.store.chroma import (
    FORMAT,
    IDS_PER_CALL,
    client_of_files,
    client_of_server,
    close_client,
    described,
    fingerprint_of,
    groups,
    make_collection,
    pieces,
    read_vectors,
    remove_unused_files,
    unique,
    where_clause,
    write_entries,
)
from rag.store.faults import translated
from rag.store.protocol import Entry, FloatArray, IndexFingerprint
from rag.store.rows import (
    Revision,
    document_from_row,
    document_id_of,
    passage_from_row,
    passage_ids,
    passes,
    revision_from_row,
)
from rag.types import Document, Filters, Passage

if TYPE_CHECKING:
    from rag.store.chroma import Client, Collection, Where

log = logging.getLogger(__name__)

PASSAGES, DOCUMENTS, NEXT = "passages", "documents", "-next"
ENTRIES_PER_WRITE = 32  # a write waits for the disk however little it holds
SPARE = 10  # hits asked beyond the limit, for leftovers
# Hits asked beyond the limit where a filter will take some away; most filters leave enough, and
# at 100,000 passages Chroma's own `where` takes a hundred times longer than a plain search.
WIDENINGS = (200, 1000)


class Record:
    """Reads and writes the collections of one index. Every method may raise StoreError."""

    def __init__(self, client: Client, folder: Path | None) -> None:
        self._client = client
        self._folder = folder
        self._batch = client.get_max_batch_size()
        self._passages: Collection | None = None
        self._documents: Collection | None = None

    @classmethod
    @translated
    def on_disk(cls, folder: Path) -> Record:
        """Open or make the Chroma files in a folder, which one process at a time may use."""
        folder = folder.resolve()  # file URLs must be absolute
        folder.mkdir(parents=True, exist_ok=True)
        return cls(client_of_files(folder), folder)

    @classmethod
    @translated
    def at_url(cls, url: str) -> Record:
        """Connect to a `chroma run` server, which several processes may use together."""
        return cls(client_of_server(url), None)

    @property
    def shared(self) -> bool:
        """Whether a server holds the record, so that other processes may change it too."""
        return self._folder is None

    @translated
    def attach(self, fingerprint: IndexFingerprint) -> IndexFingerprint:
        """Find or make the collections, and return what made them.

        A swap that was cut short after its commit point is finished first.
        """
        names = self._names()
        if DOCUMENTS + NEXT in names and self._is_complete():
            self._swap()
            names = self._names()
        if self._folder is not None:  # a server's may be another process's work in progress
            self._drop_next()
            remove_unused_files(self._folder)
        if PASSAGES not in names:
            make_collection(self._client, PASSAGES, {})
        if DOCUMENTS not in names:
            make_collection(self._client, DOCUMENTS, described(fingerprint))
        self._passages = self._collection(PASSAGES)
        self._documents = self._collection(DOCUMENTS)
        return fingerprint_of(self._documents.metadata)

    @property
    @translated
    def mark(self) -> str:
        """`<index>:<change>`: differs whenever the word index may have to follow the record.

        On disk the change is empty, because every change goes through one store; behind a server
        it is a random token that each change renews, so that no two writers make the same one.
        """
        if not self.shared:
            return f"{self._rows.id}:"
        current = self._collection(DOCUMENTS)
        if current.id != self._rows.id:
            if fingerprint_of(current.metadata or {}) != fingerprint_of(self._rows.metadata or {}):
                raise IndexMismatchError("the index was rebuilt by another encoder; start again")
            self._documents, self._passages = current, self._collection(PASSAGES)
        return f"{current.id}:{(current.metadata or {}).get('changed', '')}"

    @translated
    def close(self) -> None:
        """Release Chroma's files and connections."""
        close_client(self._client)

    # ---------------------------------------------------------------- writing

    @translated
    def write(self, entries: Sequence[Entry]) -> set[str]:
        """Write the passages, commit them with their rows, remove the old passages.

        Return the ids of the documents that are new.
        """
        ids = [document.id for document, *_ in entries]
        before = self.revisions(ids)
        write_entries(self._texts, self._rows, entries, self._batch)
        kept = {passage.id for _, passages, *_ in entries for passage in passages}
        self._delete_passages(
            [
                id_
                for document_id, revision in before.items()
                for id_ in passage_ids(document_id, revision)
                if id_ not in kept
            ]
        )
        self._changed()
        return set(ids) - before.keys()

    @translated
    def delete(self, revisions: dict[str, Revision]) -> None:
        """Remove documents, named with their current revisions: rows first, then passages."""
        for ids in pieces(list(revisions), IDS_PER_CALL):
            self._rows.delete(ids=ids)
        for document_id, revision in revisions.items():
            self._delete_passages(passage_ids(document_id, revision))
        self._changed()

    @translated
    def replace_all(self, fingerprint: IndexFingerprint, entries: Iterable[Entry]) -> None:
        """Write all entries into new collections, then put these in the place of the old."""
        self._drop_next()
        texts = make_collection(self._client, PASSAGES + NEXT, {})
        rows = make_collection(self._client, DOCUMENTS + NEXT, described(fingerprint))
        try:
            for piece in groups(entries, ENTRIES_PER_WRITE):
                write_entries(texts, rows, piece, self._batch)
        except BaseException:
            with suppress(Exception):  # what is left is dropped at the next start
                self._drop_next()
            raise
        rows.modify(metadata={"format": FORMAT, "complete": 1} | described(fingerprint))
        self._swap()
        self._passages, self._documents = self._collection(PASSAGES), self._collection(DOCUMENTS)

    # ---------------------------------------------------------------- reading

    @translated
    def revisions(self, ids: Sequence[str] | None = None) -> dict[str, Revision]:
        """Return the current revisions of the documents, or of all documents."""
        return {id_: revision_from_row(row) for id_, row in self._document_rows(ids)}

    @translated
    def origins(self) -> dict[str, str]:
        """Return every document's origin."""
        return {id_: str(row.get("origin", "")) for id_, row in self._document_rows(None)}

    @translated
    def list_documents(self) -> list[Document]:
        """Return all documents without their text, sorted by id."""
        rows = sorted(self._document_rows(None))
        return [document_from_row(id_, "", row) for id_, row in rows]

    @translated
    def documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return those of the documents that exist, with text."""
        found: dict[str, Document] = {}
        for piece in pieces(unique(ids), IDS_PER_CALL):
            part = self._rows.get(ids=piece, include=["metadatas", "documents"])
            for id_, text, row in zip(
                part["ids"], part["documents"] or (), part["metadatas"] or (), strict=True
            ):
                found[id_] = document_from_row(id_, text, row)
        return found

    @translated
    def document_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the vectors of those of the documents that exist."""
        return read_vectors(self._rows, unique(ids))

    @translated
    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the passages that exist and are current."""
        found = self.stored_passages(ids)
        return {id_: found[id_] for id_ in self.current(list(found))}

    @translated
    def stored_passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the passages that exist, current or not, in the order of `ids`."""
        found: dict[str, Passage] = {}
        for piece in pieces(unique(ids), IDS_PER_CALL):
            part = self._texts.get(ids=piece, include=["metadatas", "documents"])
            for id_, text, row in zip(
                part["ids"], part["documents"] or (), part["metadatas"] or (), strict=True
            ):
                found[id_] = passage_from_row(text, row)
        return {id_: found[id_] for id_ in ids if id_ in found}

    @translated
    def current(self, ids: Sequence[str], filters: Filters | None = None) -> list[str]:
        """Return those passage ids, in order, that are current and pass source and date filters."""
        rows = dict(self._document_rows(unique([document_id_of(id_) for id_ in ids])))
        return [id_ for id_ in ids if _is_current(id_, rows, filters)]

    @translated
    def nearest(self, vector: FloatArray, limit: int, filters: Filters) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity) of the nearest current passages, best first."""
        if filters.document_ids:
            return self._nearest_exactly(vector, limit, filters)
        where = where_clause(filters)
        for spare in WIDENINGS if where else (SPARE,):
            found = self._query(vector, limit + spare, None)
            hits = self._kept(found, filters)
            if len(hits) >= limit or len(found) == self._texts.count():
                return hits[:limit]
        asked, total = limit * 2, self._texts.count()
        while True:  # leftovers of a killed run may stand before what is current
            found = self._query(vector, min(asked, total), where)
            hits = self._kept(found, filters)
            if len(hits) >= limit or len(found) < asked or asked >= total:
                return hits[:limit]
            asked *= 4

    @translated
    def is_empty(self) -> bool:
        """Say whether there is no document."""
        return self._rows.count() == 0

    @translated
    def count(self) -> tuple[int, int]:
        """Return the number of documents and of stored passages, leftovers counted too."""
        return self._rows.count(), self._texts.count()

    @translated
    def differences(self) -> tuple[list[str], list[str]]:
        """Return (ids of leftover passages, ids of passages that rows promise but are missing)."""
        stored = set(self._texts.get(include=[])["ids"])
        promised = {
            id_
            for document_id, revision in self.revisions().items()
            for id_ in passage_ids(document_id, revision)
        }
        return sorted(stored - promised), sorted(promised - stored)

    @translated
    def remove_leftovers(self) -> int:
        """Remove the passages that no row promises, and return how many there were."""
        leftovers, _ = self.differences()
        self._delete_passages(leftovers)
        return len(leftovers)

    # ---------------------------------------------------------------- inside

    @property
    def _texts(self) -> Collection:
        if self._passages is None:
            raise StoreError("the index is not open")
        return self._passages

    @property
    def _rows(self) -> Collection:
        if self._documents is None:
            raise StoreError("the index is not open")
        return self._documents

    def _names(self) -> set[str]:
        return {collection.name for collection in self._client.list_collections()}

    def _collection(self, name: str) -> Collection:
        return self._client.get_collection(name, embedding_function=None)

    def _swap(self) -> None:
        """Put the complete new collections in place; safe to repeat from wherever it was cut."""
        names = self._names()
        for name in (PASSAGES, DOCUMENTS):
            if name + NEXT not in names:
                continue
            if name in names:
                self._client.delete_collection(name)
            self._collection(name + NEXT).modify(name=name)

    def _drop_next(self) -> None:
        for name in {PASSAGES + NEXT, DOCUMENTS + NEXT} & self._names():
            self._client.delete_collection(name)

    def _changed(self) -> None:
        if self.shared:
            metadata = dict(self._collection(DOCUMENTS).metadata or {})
            self._rows.modify(metadata=metadata | {"changed": uuid.uuid4().hex})

    def _delete_passages(self, ids: Sequence[str]) -> None:
        for piece in pieces(ids, IDS_PER_CALL):
            self._texts.delete(ids=piece)

    def _is_complete(self) -> bool:
        return bool((self._collection(DOCUMENTS + NEXT).metadata or {}).get("complete"))

    def _document_rows(
        self, ids: Sequence[str] | None
    ) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Yield (id, metadata) of those of the documents that exist, or of all."""
        if ids is None:
            everything = self._rows.get(include=["metadatas"])
            yield from zip(everything["ids"], everything["metadatas"] or (), strict=True)
            return
        for piece in pieces(unique(ids), IDS_PER_CALL):
            part = self._rows.get(ids=piece, include=["metadatas"])
            yield from zip(part["ids"], part["metadatas"] or (), strict=True)

    def _query(
        self, vector: FloatArray, limit: int, where: Where | None
    ) -> list[tuple[str, float]]:
        if limit < 1:
            return []
        found = self._texts.query(
            query_embeddings=vector, n_results=limit, where=where, include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        return [(id_, 1.0 - far) for id_, far in zip(found["ids"][0], distances, strict=True)]

    def _kept(self, found: list[tuple[str, float]], filters: Filters) -> list[tuple[str, float]]:
        kept = set(self.current([id_ for id_, _ in found], filters))
        return [(id_, score) for id_, score in found if id_ in kept]

    def _nearest_exactly(
        self, vector: FloatArray, limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Compare with every passage of the documents asked for; they are few."""
        ids = [
            id_
            for document_id, row in self._document_rows(filters.document_ids)
            if passes(row, filters)
            for id_ in passage_ids(document_id, revision_from_row(row))
        ]
        found = read_vectors(self._texts, ids)
        if not found:
            return []
        matrix = np.stack(list(found.values()))
        lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(vector)
        scores = matrix @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
        best = np.argsort(-scores, kind="stable")[:limit]
        names = list(found)
        return [(names[place], float(scores[place])) for place in best]


def _is_current(
    passage_id: str, rows: Mapping[str, Mapping[str, object]], filters: Filters | None
) -> bool:
    row = rows.get(document_id_of(passage_id))
    if row is None or (filters is not None and not passes(row, filters)):
        return False
    hash8, _, index = passage_id.rpartition("@")[2].partition("#")
    revision = revision_from_row(row)
    return hash8 == revision.content_hash[:8] and int(index) < revision.passage_count
