"""The search itself: two sides, one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.models.encoder import Encoder
from rag.models.reader import Reader, Reading
from rag.retrieve.duplicates import fold_near_duplicates
from rag.retrieve.fuse import fuse
from rag.store.protocol import PassageStore
from rag.text.lexicon import Lexicon
from rag.text.query import query_terms
from rag.types import Filters, Hit, Language

WordWeights = Callable[[Language, Language], float]
"""(language of the question, language of the passage) -> share of the words in the score."""


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds the passages for a question.

    `candidates` passages come from each side; the reader, if there is one, re-ranks the best
    `read_passages` of them, its relevance having the share `reader_weight` in their score.
    """

    store: PassageStore
    encoder: Encoder
    reader: Reader | None
    lexicon: Lexicon
    word_weights: WordWeights
    candidates: int = 50
    read_passages: int = 8
    reader_weight: float = 0.5

    def retrieve(
        self,
        question: str,
        language: Language,
        filters: Filters,
        limit: int,
        *,
        read: bool = True,
    ) -> list[Hit]:
        """Return at most `limit` hits, best first; only those that were read carry an answer."""
        hits = self._fused(question, language, filters, max(self.candidates, limit))
        # Only what can still be shown is compared: twins stand close to each other in the list.
        head = hits[: 2 * max(limit, self.read_passages)]
        vectors = self.store.document_vectors(sorted({hit.document.id for hit in head}))
        hits = fold_near_duplicates(head, vectors)
        if read and self.reader is not None:
            hits = self._read(self.reader, question, hits)
        return hits[:limit]

    def _fused(self, question: str, language: Language, filters: Filters, limit: int) -> list[Hit]:
        vector = self.encoder.encode_queries([question])[0]
        terms = query_terms(question, language, self.lexicon)
        by_vector = dict(self.store.search_vectors(vector, limit, filters))
        by_words = dict(self.store.search_words(terms, limit, filters)) if terms else {}
        passages = self.store.passages_by_id(sorted(by_vector.keys() | by_words.keys()))
        ranked = fuse(
            {key: score for key, score in by_vector.items() if key in passages},
            {key: score for key, score in by_words.items() if key in passages},
            lambda key: self.word_weights(language, passages[key].language),
        )[:limit]
        wanted = sorted({passages[key].document_id for key, _ in ranked})
        documents = self.store.documents_by_id(wanted)
        return [
            Hit(passages[key], documents[passages[key].document_id], score)
            for key, score in ranked
            if passages[key].document_id in documents
        ]

    def _read(self, reader: Reader, question: str, hits: Sequence[Hit]) -> list[Hit]:
        head, tail = list(hits[: self.read_passages]), list(hits[self.read_passages :])
        readings = reader.read(question, [hit.passage.text for hit in head])
        read = [self._add_reading(hit, r) for hit, r in zip(head, readings, strict=True)]
        read.sort(key=lambda hit: (-hit.score, hit.passage.id))
        # A passage that was not read never overtakes one that was.
        ceiling = read[-1].score if read else 1.0
        return read + [replace(hit, score=min(hit.score, ceiling)) for hit in tail]

    def _add_reading(self, hit: Hit, reading: Reading) -> Hit:
        weight = self.reader_weight
        return replace(
            hit,
            score=(1 - weight) * hit.score + weight * reading.relevance,
            has_answer=reading.has_answer,
            answer_start=hit.passage.start + reading.start,
            answer_end=hit.passage.start + reading.end,
        )
