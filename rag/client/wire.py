"""What travels between the command line and a server, and its way to and from the nouns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from rag.errors import RagError, ServerError
from rag.types import Document, Filters, Hit, Language, Passage, RawDocument


class ListedDocument(BaseModel):
    """A document as a server lists or shows it; a listing has no text."""

    id: str
    title: str
    source: str
    url: str | None
    published: date | None
    language: Language
    passage_count: int
    content_hash: str
    text: str = ""

    def to_document(self) -> Document:
        """Return the document; where it came from does not travel."""
        return Document(
            id=self.id,
            title=self.title,
            text=self.text,
            language=self.language,
            source=self.source,
            origin="",
            content_hash=self.content_hash,
            url=self.url,
            published=self.published,
            passage_count=self.passage_count,
        )


class DocumentList(BaseModel):
    """All documents, by id."""

    documents: list[ListedDocument]


class FoundPassage(BaseModel):
    """A passage that a search found."""

    document_id: str
    passage_id: str
    text: str
    start: int
    end: int
    title: str
    source: str
    url: str | None
    language: Language
    published: date | None
    score: float
    also_in: tuple[str, ...]

    def to_hit(self) -> Hit:
        """Return the hit; of its document, only what travels with a hit is filled in."""
        revision, _, index = self.passage_id.rpartition("@")[2].partition("#")
        passage = Passage(
            document_id=self.document_id,
            content_hash=revision,
            index=int(index),
            text=self.text,
            start=self.start,
            end=self.end,
            language=self.language,
            published=self.published,
            source=self.source,
        )
        document = Document(
            id=self.document_id,
            title=self.title,
            text="",
            language=self.language,
            source=self.source,
            origin="",
            content_hash=revision,
            url=self.url,
            published=self.published,
        )
        return Hit(passage, document, self.score, self.also_in)


class Hits(BaseModel):
    """What a search found, best first."""

    hits: list[FoundPassage]


class Problems(BaseModel):
    """What is wrong with an index, or what was put right, in words."""

    problems: list[str]


def error_from(body: object) -> RagError:
    """Return the error that a server describes, as the class that has its code."""
    match body:
        case {"error": {"code": str(code), "message": str(message)}}:
            return _errors_by_code().get(code, ServerError)(message)
    raise ValueError("not the body of an error")


def _errors_by_code() -> dict[str, type[RagError]]:
    def with_subclasses(kind: type[RagError]) -> Iterator[type[RagError]]:
        yield kind
        for subclass in kind.__subclasses__():
            yield from with_subclasses(subclass)

    # A subclass without a code of its own comes later than the class that it has it from.
    found: dict[str, type[RagError]] = {}
    for kind in with_subclasses(RagError):
        found.setdefault(kind.code, kind)
    return found


def document_as_json(raw: RawDocument) -> dict[str, str | None]:
    """Return a document as `POST /api/documents` takes it from the command line."""
    return {
        "id": raw.id,
        "title": raw.title,
        "text": raw.text,
        "url": raw.url,
        "published": raw.published.isoformat() if raw.published else None,
        "source": raw.source,
        "origin": raw.origin,
        "content_hash": raw.content_hash,
    }


def filters_as_json(filters: Filters) -> dict[str, str | list[str] | None]:
    """Return filters as `POST /api/chat` takes them."""
    return {
        "published_after": filters.published_after.isoformat() if filters.published_after else None,
        "published_before": (
            filters.published_before.isoformat() if filters.published_before else None
        ),
        "source": filters.source,
        "document_ids": list(filters.document_ids),
    }
