"""What a store of documents, passages and vectors offers to the layers above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.types import Document, Filters, Passage, QueryTerm

FloatArray = npt.NDArray[np.float32]

Entry = tuple[Document, Sequence[Passage], FloatArray, FloatArray]
"""What `put` takes: a document, its passages, their vectors, the document's own vector."""


@dataclass(frozen=True, slots=True)
class IndexFingerprint:
    """What made the vectors and passages of an index; `dimensions` is the length of a vector."""

    encoder: str
    dimensions: int
    chunking: str
    cleaning: str


class PassageStore(Protocol):
    """Documents, their passages and vectors, searchable by meaning and by words.

    Every method may raise StoreError. Methods may be called from several threads.
    """

    def content_hashes(self) -> dict[str, str]:
        """Return the content hash of every committed document, by document id."""

    def origins(self) -> dict[str, str]:
        """Return the origin (absolute path, or "upload") of every document, by document id."""

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        document_vector: FloatArray,
    ) -> None:
        """Add the document, or replace the revision of it that is there, as one change.

        `vectors` has shape (len(passages), dimensions), `document_vector` (dimensions,). The
        passage count is taken from `passages`. Words may not be searchable before `flush`.
        """

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Put several documents, each as one change; far faster than one after the other."""

    def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents. Raises DocumentNotFoundError, changing nothing, if one is unknown."""

    def flush(self) -> None:
        """Make everything put or deleted so far durable and searchable by words."""

    def list_documents(self) -> list[Document]:
        """Return all documents sorted by id, with `text` left empty to keep the listing cheap."""

    def document(self, document_id: str) -> Document:
        """Return one document. Raises DocumentNotFoundError, which suggests close ids."""

    def documents_by_id(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return those of the documents that exist, with their text."""

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the passages that belong to their document's current revision."""

    def document_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the documents' own vectors, shape (dimensions,), of those that exist."""

    def search_vectors(
        self, vector: FloatArray, limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity) of the nearest passages, best first."""

    def search_words(
        self, terms: Sequence[QueryTerm], limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Return (passage id, BM25 score) of the passages that match any term, best first."""

    def count(self) -> tuple[int, int]:
        """Return the number of documents and the number of passages, quickly.

        Passages that an interrupted run left behind are counted until they are cleaned up.
        """

    def check(self) -> list[str]:
        """Return the index's problems in words, reading all of it; empty means healthy."""

    def repair(self) -> list[str]:
        """Remove leftovers, bring the word index in step, and return what was done, in words."""

    def replace_all(self, fingerprint: IndexFingerprint, entries: Iterable[Entry]) -> None:
        """Rebuild the whole index from `entries` under a new fingerprint, as one change.

        `entries` may read this store while it is consumed. Until the last entry is written the
        old index stays as it is, also if the process is killed.
        """

    def announce(self, address: str) -> None:
        """Write the base URL of the server that now holds the index into its lock."""

    def close(self) -> None:
        """Flush, and free the lock. Closing twice is harmless."""
