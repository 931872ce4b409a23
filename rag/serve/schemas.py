"""The shapes that travel over HTTP and are not already nouns of the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rag.types import Document, Filters, Hit, Language, Message, Role


def _is_text(value: str) -> str:
    """Return the string. JSON can escape half a character, which no encoder takes."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds characters that are no text") from error
    return value


Text = Annotated[str, AfterValidator(_is_text)]

FORBID_UNKNOWN = ConfigDict(extra="forbid", frozen=True)


class ChatMessage(BaseModel):
    """One earlier turn of the conversation."""

    model_config = FORBID_UNKNOWN
    role: Role
    content: Text


class ChatFilters(BaseModel):
    """Which documents may answer; dates are inclusive."""

    model_config = FORBID_UNKNOWN
    published_after: date | None = None
    published_before: date | None = None
    source: Text | None = None
    document_ids: list[Text] = Field(default_factory=list)

    def to_filters(self) -> Filters:
        """Return the filters as the engine takes them."""
        return Filters(
            self.published_after, self.published_before, self.source, tuple(self.document_ids)
        )


class ChatRequest(BaseModel):
    """A question; unknown fields are refused, so that a typo cannot pass silently."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"question": "Who did the foreign minister meet?"},
                {
                    "question": "Dan kapan itu?",
                    "history": [
                        {"role": "user", "content": "Siapa yang ditemui menteri luar negeri?"},
                        {"role": "assistant", "content": "Ia menemui duta besar. [1]"},
                    ],
                    "stream": True,
                    "language": "id",
                    "filters": {"published_after": "2024-01-01"},
                },
            ]
        },
    )
    question: Text
    history: list[ChatMessage] = Field(default_factory=list)
    stream: bool = False
    language: Literal["auto", "id", "en"] = "auto"
    filters: ChatFilters = Field(default_factory=ChatFilters)

    def messages(self) -> tuple[Message, ...]:
        """Return the history as the engine takes it."""
        return tuple(Message(turn.role, turn.content) for turn in self.history)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that matches; `also_in` are near-duplicate stories folded into it."""

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

    @classmethod
    def of(cls, hit: Hit) -> SearchHit:
        """Return the hit as it is shown."""
        return cls(
            document_id=hit.document.id,
            passage_id=hit.passage.id,
            text=hit.passage.text,
            start=hit.passage.start,
            end=hit.passage.end,
            title=hit.document.title,
            source=hit.document.source,
            url=hit.document.url,
            language=hit.passage.language,
            published=hit.document.published,
            score=hit.score,
            also_in=hit.also_in,
        )


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """The hits, best first."""

    hits: list[SearchHit]


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text.

    `content_hash` lets a client skip what has not changed. Where a document's file lies is not
    shown: a path tells about the machine.
    """

    id: str
    title: str
    source: str
    url: str | None
    published: date | None
    language: Language
    passage_count: int
    content_hash: str

    @classmethod
    def of(cls, document: Document) -> DocumentSummary:
        """Return the document as it is listed."""
        return cls(
            id=document.id,
            title=document.title,
            source=document.source,
            url=document.url,
            published=document.published,
            language=document.language,
            passage_count=document.passage_count,
            content_hash=document.content_hash,
        )


@dataclass(frozen=True, slots=True)
class DocumentList:
    """All documents, sorted by id."""

    documents: list[DocumentSummary]


@dataclass(frozen=True, slots=True)
class DocumentWithText:
    """A document with the cleaned text that citations point into."""

    id: str
    title: str
    source: str
    url: str | None
    published: date | None
    language: Language
    passage_count: int
    content_hash: str
    text: str

    @classmethod
    def of(cls, document: Document) -> DocumentWithText:
        """Return the document as it is shown."""
        return cls(
            id=document.id,
            title=document.title,
            source=document.source,
            url=document.url,
            published=document.published,
            language=document.language,
            passage_count=document.passage_count,
            content_hash=document.content_hash,
            text=document.text,
        )


@dataclass(frozen=True, slots=True)
class Deleted:
    """The ids of the documents that were deleted."""

    deleted: list[str]


@dataclass(frozen=True, slots=True)
class Problems:
    """What a look at the whole index found, or what a repair did, in words."""

    problems: list[str]
