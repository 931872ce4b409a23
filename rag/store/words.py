"""The word index: BM25 over already analysed terms, derived from the record.

Only this module knows tantivy. It can be deleted at any time; `revisions` says what it holds, so
that the store can bring it in step with the record.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.store.faults import translated
from rag.store.rows import date_bounds, date_number
from rag.types import Filters, Language, Passage, QueryTerm

if TYPE_CHECKING:
    from tantivy import Index, IndexWriter, Query, Schema

log = logging.getLogger(__name__)

Analyse = Callable[[str, Language], list[str]]

FORMAT = 1
TITLE_WEIGHT = 0.3
STATE = "state.json"
TOKENIZER = "terms"
HEAP_BYTES = 64_000_000
BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class State:
    """What made a word index, and the mark of the record that it is in step with.

    A mark is `<index>:<change>`; the change is BEHIND from before the record changes until the
    word index has followed.
    """

    format: int
    analyser: str
    mark: str


class WordIndex:
    """Terms of passages in a folder, or in memory for `folder=None`. Methods raise StoreError."""

    def __init__(self, folder: Path | None, analyse: Analyse, analyser_version: str) -> None:
        self._folder = folder
        self._analyse = analyse
        self._version = analyser_version
        self._mark = ""
        self._writer: IndexWriter | None = None
        self._schema = _schema()
        self._index = self._open()

    @property
    def mark(self) -> str:
        """The mark of the record that this index is in step with."""
        return self._mark

    @translated
    def fall_behind(self) -> None:
        """Note, durably, that the record is about to change; `commit` takes it back."""
        behind = f"{self._mark.partition(':')[0]}:{BEHIND}"
        if self._mark != behind:
            self._save(behind)

    @translated
    def put(self, title: str, passages: Sequence[Passage]) -> None:
        """Add the passages of one document revision; searchable after `commit`."""
        from tantivy import Document

        writer = self._writing()
        titles: dict[Language, str] = {}
        for passage in passages:
            language = passage.language
            if language not in titles:
                titles[language] = " ".join(self._analyse(title, language))
            row = Document()
            row.add_text("id", passage.id)
            row.add_text("document_id", passage.document_id)
            row.add_text("revision", revision_key(passage.document_id, passage.content_hash))
            row.add_text("source", passage.source)
            row.add_integer("published", date_number(passage.published))
            row.add_text("body", " ".join(self._analyse(passage.text, language)))
            row.add_text("title", titles[language])
            writer.add_document(row)

    @translated
    def remove(self, document_id: str) -> None:
        """Remove all passages of a document; gone after `commit`."""
        self._writing().delete_documents_by_term("document_id", document_id)

    @translated
    def remove_revision(self, key: str) -> None:
        """Remove the passages under one of the keys of `revisions`; gone after `commit`."""
        self._writing().delete_documents_by_term("revision", key)

    @translated
    def clear(self) -> None:
        """Start again from nothing."""
        self._writer = None
        self._mark = ""
        self._index = self._new()

    def discard(self) -> None:
        """Drop what was not committed, and the writer, which a full disk may have broken."""
        self._writer = None

    @translated
    def commit(self, mark: str) -> None:
        """Make all changes durable and searchable, in step with the record's mark."""
        if self._writer is not None:
            self._writer.commit()
            self._index.reload()
        if self._mark != mark:
            self._save(mark)

    @translated
    def revisions(self) -> dict[str, int]:
        """Return how many passages are held, by `revision_key`."""
        from tantivy import Query

        # A filter, because without one tantivy counts deleted passages until it merges them away.
        searcher = self._index.searcher()
        return dict(searcher.terms_with_prefix("revision", "", filter_query=Query.all_query()))

    @translated
    def search(
        self, terms: Sequence[QueryTerm], limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """Return (passage id, BM25 score), best first, equal scores by id."""
        from tantivy import Occur, Query

        wanted = [
            query for term in terms for query in _term_queries(self._schema, term) if term.weight
        ]
        if not wanted or limit < 1:
            return []
        query = Query.boolean_query([(Occur.Should, part) for part in wanted])
        required = [(Occur.Must, part) for part in _filter_queries(self._schema, filters)]
        if required:
            query = Query.boolean_query([(Occur.Must, query), *required])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        found = [(str(searcher.doc(place).get_first("id")), float(score)) for score, place in hits]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def _open(self) -> Index:
        """Open what is there if this program and analyser made it, else start again."""
        from tantivy import Index

        state = _read_state(self._folder)
        if (
            self._folder is None
            or state is None
            or (state.format, state.analyser)
            != (
                FORMAT,
                self._version,
            )
        ):
            return self._new()
        try:
            index = Index(self._schema, str(self._folder), reuse=True)
            _register(index)
            index.searcher()
        except (ValueError, OSError) as error:
            log.warning("the word index cannot be opened and is rebuilt: %s", error)
            return self._new()
        self._mark = state.mark
        return index

    def _new(self) -> Index:
        from tantivy import Index

        if self._folder is None:
            index = Index(self._schema)
        else:
            if self._folder.exists():
                shutil.rmtree(self._folder)
            self._folder.mkdir(parents=True)
            index = Index(self._schema, str(self._folder), reuse=False)
        _register(index)
        return index

    def _writing(self) -> IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(HEAP_BYTES, 1)
        return self._writer

    def _save(self, mark: str) -> None:
        if self._folder is not None:
            state = {"format": FORMAT, "analyser": self._version, "mark": mark}
            _write_durably(self._folder / STATE, json.dumps(state))
        self._mark = mark


def revision_key(document_id: str, content_hash: str) -> str:
    """Return the term under which a revision's passages are counted."""
    return f"{document_id}@{content_hash}"


def _schema() -> Schema:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("document_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("revision", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_text_field("body", tokenizer_name=TOKENIZER, index_option="position")
    builder.add_text_field("title", tokenizer_name=TOKENIZER, index_option="position")
    return builder.build()


def _register(index: Index) -> None:
    from tantivy import TextAnalyzerBuilder, Tokenizer

    index.register_tokenizer(TOKENIZER, TextAnalyzerBuilder(Tokenizer.whitespace()).build())


def _term_queries(schema: Schema, term: QueryTerm) -> Iterator[Query]:
    """Yield the query of one term, or nothing if none of its alternatives holds a word."""
    from tantivy import Query

    phrases = [phrase for phrase in term.alternatives if phrase]
    if phrases:
        best = Query.disjunction_max_query([_phrase(schema, phrase) for phrase in phrases], 0.0)
        yield Query.boost_query(best, term.weight)


def _phrase(schema: Schema, phrase: tuple[str, ...]) -> Query:
    """Return the query of a phrase in body and title, their scores summed."""
    from tantivy import Occur, Query

    def within(field: str) -> Query:
        if len(phrase) == 1:
            return Query.term_query(schema, field, phrase[0])
        return Query.phrase_query(schema, field, list(phrase))

    title = Query.boost_query(within("title"), TITLE_WEIGHT)
    return Query.boolean_query([(Occur.Should, within("body")), (Occur.Should, title)])


def _filter_queries(schema: Schema, filters: Filters) -> Iterator[Query]:
    """Yield queries that a passage must match and that add nothing to its score."""
    from tantivy import FieldType, Query

    bounds = date_bounds(filters)
    if bounds is not None:
        dates = Query.range_query(schema, "published", FieldType.Integer, bounds[0], bounds[1])
        yield Query.const_score_query(dates, 0.0)
    if filters.source is not None:
        source = Query.term_query(schema, "source", filters.source, "basic")
        yield Query.const_score_query(source, 0.0)
    if filters.document_ids:
        ids = Query.term_set_query(schema, "document_id", list(filters.document_ids))
        yield Query.const_score_query(ids, 0.0)


def _read_state(folder: Path | None) -> State | None:
    if folder is None:
        return None
    try:
        fields = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return State(int(fields["format"]), str(fields["analyser"]), str(fields["mark"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_durably(path: Path, content: str) -> None:
    """Replace a file so that a crash leaves the old content or the new, never half of it."""
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
