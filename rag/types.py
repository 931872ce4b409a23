"""The nouns of the program: frozen records that travel between its layers.

Offsets are always in characters (Unicode code points), half-open, and always into
`Document.text`, the cleaned text, unless a docstring says otherwise. Vectors never sit on
these types; they pass between models and store as float32 arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Language = Literal["id", "en"]
Support = Literal["quoted", "supported", "partial", "unsupported"]
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as it was read, before cleaning; what the caller knows of it beats what is found.

    `origin` is the absolute path of the file it came from, or "upload"; `content_hash` is the
    SHA-256 hex digest of what was read, so that an unchanged document can be skipped.
    """

    id: str
    text: str
    content_hash: str
    origin: str
    title: str | None = None
    url: str | None = None
    published: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One article: its cleaned text and what is known of it.

    `source` names the publisher: as given, else the host of its url, else the name of its file.
    """

    id: str
    title: str
    text: str
    language: Language
    source: str
    origin: str
    content_hash: str
    url: str | None = None
    published: date | None = None
    passage_count: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one document: `document.text[start:end] == text`."""

    document_id: str
    content_hash: str
    index: int
    text: str
    start: int
    end: int
    language: Language
    published: date | None = None
    source: str = ""

    @property
    def id(self) -> str:
        """`<document_id>@<hash8>#<index>`, so that two revisions never share an id."""
        return f"{self.document_id}@{self.content_hash[:8]}#{self.index}"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may answer; empty fields let everything pass. Dates are inclusive."""

    published_after: date | None = None
    published_before: date | None = None
    source: str | None = None
    document_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """One idea of a question for the word index: the best-scoring alternative counts, once.

    Each alternative is a phrase of analysed terms (most hold one term); `weight` multiplies its
    BM25 score.
    """

    alternatives: tuple[tuple[str, ...], ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, with its document; a higher score is better, within one search.

    `also_in` names the documents of near-duplicate stories folded into this hit.
    `answer_start` and `answer_end` are the words that the reader takes for the answer, if one read.
    """

    passage: Passage
    document: Document
    score: float
    also_in: tuple[str, ...] = ()
    has_answer: float | None = None
    answer_start: int | None = None
    answer_end: int | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words of one document: `document.text[start:end] == quote`.

    `highlights` are the answer words inside the quote, as (start, end) into the document's text.
    """

    number: int
    document_id: str
    title: str
    source: str
    url: str | None
    published: date | None
    quote: str
    start: int
    end: int
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, the numbers of its citations, and how well they support it."""

    text: str
    citations: tuple[int, ...]
    support: Support


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage as an answer shows it."""

    document_id: str
    passage_id: str
    text: str
    start: int
    end: int
    score: float
    title: str = ""
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets for a question; `answer` is the sentences with their [n] markers."""

    answer: str
    language: Language
    abstained: bool
    answerer: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[ShownPassage, ...] = ()
    warnings: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    standalone_question: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """Event: the passages that the answer will rest on, best first."""

    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class TokenWritten:
    """Event: the next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """Event: the checked answer; always the last."""

    answer: Answer


Event = SourcesFound | TokenWritten | AnswerReady


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be ingested: its name (a path, or path:line) and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest run did, as document ids in the order of the work."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
