"""A store and an encoder small enough to see through; the real store has a test of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rag.errors import StorageFullError
from rag.store.protocol import Entry, FloatArray
from rag.types import Document, Passage


class HashEncoder:
    """Unit-length vectors made from the words of a text; counts what it was given."""

    name = "hash"
    dimensions = 16

    def __init__(self) -> None:
        self.batches: list[int] = []

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        self.batches.append(len(texts))
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.dimensions] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class DictStore:
    """What ingest needs of a store, in dictionaries; full after `capacity` documents."""

    capacity: int | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    passages: dict[str, list[Passage]] = field(default_factory=dict)
    vectors: dict[str, FloatArray] = field(default_factory=dict)
    own_vectors: dict[str, FloatArray] = field(default_factory=dict)
    puts: int = 0
    flushed: bool = True

    def content_hashes(self) -> dict[str, str]:
        return {key: document.content_hash for key, document in self.documents.items()}

    def origins(self) -> dict[str, str]:
        return {key: document.origin for key, document in self.documents.items()}

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        document_vector: FloatArray,
    ) -> None:
        if self.capacity is not None and self.puts >= self.capacity:
            raise StorageFullError("no space left on the disk of the index")
        self.puts += 1
        self.flushed = False
        self.documents[document.id] = replace(document, passage_count=len(passages))
        self.passages[document.id] = list(passages)
        self.vectors[document.id] = vectors
        self.own_vectors[document.id] = document_vector

    def put_many(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.put(*entry)

    def delete(self, document_ids: Sequence[str]) -> None:
        for document_id in document_ids:
            for table in (self.documents, self.passages, self.vectors, self.own_vectors):
                table.pop(document_id, None)

    def flush(self) -> None:
        self.flushed = True
