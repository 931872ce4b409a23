"""The store: the record and the word index kept in step, one writer at a time."""

from __future__ import annotations

import difflib
import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from rag.errors import DocumentNotFoundError, StorageFullError, StoreError
from rag.store.faults import translated
from rag.store.lock import IndexLock
from rag.store.protocol import Entry, FloatArray, IndexFingerprint
from rag.store.record import Record
from rag.store.rows import Revision, passage_ids
from rag.store.words import WordIndex, revision_key
from rag.types import Document, Filters, Passage, QueryTerm

log = logging.getLogger(__name__)

# Chroma writes its log before its tables, and cannot be read while it has no room to apply that
# log. So writing stops while there is still room, and reading goes on.
SPARE_BYTES = 64 * 1024 * 1024
SPARE_HITS = 10  # asked beyond the limit, because a hit may have been replaced since
DOCUMENTS_PER_READ = 200


class ChromaStore:
    """A PassageStore over one record and one word index; `open_store` makes it.

    `lock` keeps other processes away from the record or, where that is behind a server and so
    shared, from the word index's folder; it is None if another process has that folder.
    """

    def __init__(
        self,
        folder: Path,
        record: Record,
        words: WordIndex,
        fingerprint: IndexFingerprint,
        lock: IndexLock | None,
    ) -> None:
        self._folder = folder
        self._record = record
        self._words = words
        self._fingerprint = fingerprint
        self._lock = lock
        self._changing = RLock()
        self._failed = False  # a change broke off, so its leftovers must be looked for
        self._closed = False
        if not record.shared:
            self._catch_up()

    # ---------------------------------------------------------------- reading

    def content_hashes(self) -> dict[str, str]:
        """Return the content hash of every committed document, by document id."""
        revisions = self._record.revisions()
        return {id_: revision.content_hash for id_, revision in revisions.items()}

    def origins(self) -> dict[str, str]:
        """Return every document's origin, by document id."""
        return self._record.origins()

    def list_documents(self) -> list[Document]:
        """Return all documents sorted by id, with `text` left empty."""
        return self._record.list_documents()

    def document(self, document_id: str) -> Document:
        """Return one document. Raises DocumentNotFoundError, which suggests close ids."""
        found = self._record.documents([document_id])
        if document_id not in found:
            raise self._unknown([document_id])
        return found[document_id]

    def documents_by_id(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return those of the documents that exist, with their text."""
        return self._record.documents(ids)

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the passages that belong to their document's current revision."""
        return self._record.passages(ids)

    def document_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the vectors of those of the documents that exist."""
        return self._record.document_vectors(ids)

    def search_vectors(
        self, vector: FloatArray, limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity) of the nearest passages, best first."""
        _expect_shape(vector, (self._fingerprint.dimensions,))
        return self._record.nearest(vector, limit, filters)

    def search_words(
        self, terms: Sequence[QueryTerm], limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Return (passage id, BM25 score) of the passages that match any term, best first."""
        if self._record.shared:
            self._catch_up()
        found = self._words.search(terms, limit + SPARE_HITS, filters)
        current = set(self._record.current([id_ for id_, _ in found]))
        return [(id_, score) for id_, score in found if id_ in current][:limit]

    def count(self) -> tuple[int, int]:
        """Return the number of documents and the number of passages."""
        return self._record.count()

    # ---------------------------------------------------------------- writing

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        document_vector: FloatArray,
    ) -> None:
        """Add the document, or replace the revision of it that is there, as one change."""
        self.put_many([(document, passages, vectors, document_vector)])

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Put several documents, each as one change; far faster than one after the other."""
        if not entries:
            return
        if len({document.id for document, *_ in entries}) < len(entries):
            raise StoreError("a document cannot be put twice at once")
        for entry in entries:
            _expect_entry(entry, self._fingerprint)
        with self._changing:
            self._expect_space()
            with self._change():
                new = self._record.write(entries)
                if self._record.shared:
                    return
                for document, passages, *_ in entries:
                    if document.id not in new:
                        self._words.remove(document.id)
                    self._words.put(document.title, passages)

    def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents. Raises DocumentNotFoundError, changing nothing, if one is unknown."""
        if not document_ids:
            return
        with self._changing:
            revisions = self._record.revisions(document_ids)
            unknown = [id_ for id_ in document_ids if id_ not in revisions]
            if unknown:
                raise self._unknown(unknown)
            with self._change():
                self._record.delete(revisions)
                if self._record.shared:
                    return
                for document_id in revisions:
                    self._words.remove(document_id)

    def flush(self) -> None:
        """Make everything put or deleted so far durable and searchable by words."""
        with self._changing:
            if self._record.shared or self._failed:
                self._catch_up()
                return
            try:
                self._words.commit(self._record.mark)
            except BaseException:
                self._failed = True  # a writer that failed may have dropped what it held
                raise

    def replace_all(self, fingerprint: IndexFingerprint, entries: Iterable[Entry]) -> None:
        """Rebuild the whole index from `entries` under a new fingerprint, as one change."""
        with self._changing:

            def checked() -> Iterable[Entry]:
                for entry in entries:
                    _expect_entry(entry, fingerprint)
                    self._expect_space()
                    yield entry

            self._record.replace_all(fingerprint, checked())
            self._fingerprint = fingerprint
            self._catch_up()

    @translated
    def announce(self, address: str) -> None:
        """Write the base URL of the server that now holds the index into its lock."""
        if self._lock is not None and not self._record.shared:
            self._lock.announce(address)

    def close(self) -> None:
        """Flush, and free the lock. Closing twice is harmless."""
        with self._changing:
            if self._closed:
                return
            self._closed = True
            try:
                if not self._record.shared:
                    self.flush()
            except StoreError as error:
                log.warning("the word index is brought in step at the next start: %s", error)
            finally:
                self._words.discard()
                self._record.close()
                if self._lock is not None:
                    self._lock.free()

    # ---------------------------------------------------------------- health

    def check(self) -> list[str]:
        """Return the index's problems in words, reading all of it; empty means healthy."""
        leftovers, missing = self._record.differences()
        problems = []
        if leftovers:
            problems.append(f"{len(leftovers)} leftover passages of an interrupted run")
        if missing:
            problems.append(
                f"{len(missing)} passages are missing, the first is {missing[0]}; "
                "ingest their documents again"
            )
        if self._words.mark != self._record.mark:
            problems.append("the word index is behind the record")
        wrong = self._words_differ()
        if wrong:
            problems.append(f"{wrong} documents differ between the record and the word index")
        return problems

    def repair(self) -> list[str]:
        """Remove leftovers, bring the word index in step, and return what was done, in words."""
        with self._changing:
            done = []
            removed = self._record.remove_leftovers()
            if removed:
                done.append(f"removed {removed} leftover passages of an interrupted run")
            if self._words.mark != self._record.mark or self._words_differ():
                self._words.clear()
                self._catch_up()
                done.append("rebuilt the word index")
            return done

    # ---------------------------------------------------------------- inside

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Note a change to the record before it begins, and remember if it breaks off."""
        if not self._record.shared:
            self._words.fall_behind()
        try:
            yield
        except BaseException:
            self._failed = True
            raise

    def _catch_up(self) -> None:
        """Bring the word index in step with the record, if it is not."""
        with self._changing:
            mark = self._record.mark
            if self._words.mark == mark and not self._failed:
                return
            if not self._record.shared:  # there, they may be another process's work in progress
                removed = self._record.remove_leftovers()
                if removed:
                    log.info("removed %d leftover passages of an interrupted run", removed)
            self._words.discard()
            if self._words.mark.partition(":")[0] != mark.partition(":")[0]:
                self._words.clear()
            self._follow()
            self._words.commit(mark)
            self._failed = False

    def _follow(self) -> None:
        """Remove from the word index what the record lacks, and add what it has more."""
        held, wanted = self._words.revisions(), self._wanted()
        for key in held.keys() - wanted.keys():
            self._words.remove_revision(key)
        behind = [
            document
            for document in self._record.list_documents()
            if held.get(_key(document), 0) != document.passage_count
        ]
        for start in range(0, len(behind), DOCUMENTS_PER_READ):
            self._add_words(behind[start : start + DOCUMENTS_PER_READ])

    def _add_words(self, documents: Sequence[Document]) -> None:
        ids = {
            document.id: passage_ids(
                document.id, Revision(document.content_hash, document.passage_count)
            )
            for document in documents
        }
        found = self._record.stored_passages([id_ for part in ids.values() for id_ in part])
        for document in documents:
            self._words.remove_revision(_key(document))
            passages = [found[id_] for id_ in ids[document.id] if id_ in found]
            self._words.put(document.title, passages)

    def _wanted(self) -> dict[str, int]:
        """Return how many passages the word index should hold, by revision key."""
        return {
            revision_key(id_, revision.content_hash): revision.passage_count
            for id_, revision in self._record.revisions().items()
            if revision.passage_count
        }

    def _words_differ(self) -> int:
        """Return how many documents the word index lacks, has too much or cannot read."""
        wanted = self._wanted()
        try:
            held = self._words.revisions()
        except StoreError as error:
            log.warning("the word index cannot be read: %s", error)
            return max(len(wanted), 1)
        return sum(held.get(key) != wanted.get(key) for key in held.keys() | wanted.keys())

    def _unknown(self, ids: Sequence[str]) -> DocumentNotFoundError:
        close = difflib.get_close_matches(ids[0], sorted(self._record.revisions()), 3, 0.5)
        hint = f"did you mean {', '.join(close)}?" if close else "`rag documents` lists them"
        named = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        return DocumentNotFoundError(f"no document {named}; {hint}")

    def _expect_space(self) -> None:
        """Raise StorageFullError while a little room is left, so that reading stays possible."""
        if self._record.shared:
            return
        free = shutil.disk_usage(self._folder).free
        if free < SPARE_BYTES:
            raise StorageFullError(
                f"only {free // 2**20} MB are left for the index in {self._folder}; everything "
                f"stored before is still there. Free at least {SPARE_BYTES // 2**20} MB and run "
                "the same command again"
            )


def _key(document: Document) -> str:
    return revision_key(document.id, document.content_hash)


def _expect_entry(entry: Entry, fingerprint: IndexFingerprint) -> None:
    """Raise StoreError if vectors or passages do not belong to the document and the index."""
    document, passages, vectors, document_vector = entry
    if passages:
        _expect_shape(vectors, (len(passages), fingerprint.dimensions))
    _expect_shape(document_vector, (fingerprint.dimensions,))
    for index, passage in enumerate(passages):
        named = (passage.document_id, passage.content_hash, passage.index)
        if named != (document.id, document.content_hash, index):
            raise StoreError(f"passage {passage.id} is not number {index} of {document.id}")


def _expect_shape(array: FloatArray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise StoreError(f"vectors of shape {array.shape} do not fit; expected {shape}")
