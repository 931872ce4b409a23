"""How documents and passages lie in Chroma: pure conversions, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rag.types import Document, Filters, Language, Passage

Metadata = dict[str, str | int]
UNKNOWN_DATE = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """What of a document is current: its content hash and how many passages it has."""

    content_hash: str
    passage_count: int


def passage_ids(document_id: str, revision: Revision) -> list[str]:
    """Return the ids of all passages of one revision, in order."""
    prefix = f"{document_id}@{revision.content_hash[:8]}#"
    return [f"{prefix}{index}" for index in range(revision.passage_count)]


def document_id_of(passage_id: str) -> str:
    """Return the document's part of a passage id; document ids may themselves hold @ and #."""
    return passage_id.rpartition("@")[0]


def date_number(day: date | None) -> int:
    """Return the date as the number YYYYMMDD, or 0 for an unknown one."""
    return UNKNOWN_DATE if day is None else day.year * 10_000 + day.month * 100 + day.day


def number_date(number: int) -> date | None:
    """Return the date that `date_number` made the number from."""
    if number == UNKNOWN_DATE:
        return None
    return date(number // 10_000, number // 100 % 100, number % 100)


def date_bounds(filters: Filters) -> tuple[int, int] | None:
    """Return the inclusive YYYYMMDD range asked for, or None; undated documents lie outside it."""
    if filters.published_after is None and filters.published_before is None:
        return None
    lowest = date_number(filters.published_after or date.min)
    return lowest, date_number(filters.published_before or date.max)


def passage_metadata(passage: Passage) -> Metadata:
    """Return a passage's metadata; Chroma cannot hold None, so an unknown date is 0."""
    return {
        "document_id": passage.document_id,
        "hash": passage.content_hash,
        "index": passage.index,
        "start": passage.start,
        "end": passage.end,
        "language": passage.language,
        "published": date_number(passage.published),
        "source": passage.source,
    }


def passage_from_row(text: str, metadata: Mapping[str, object]) -> Passage:
    """Return the passage that `passage_metadata` described."""
    return Passage(
        document_id=_text(metadata, "document_id"),
        content_hash=_text(metadata, "hash"),
        index=_number(metadata, "index"),
        text=text,
        start=_number(metadata, "start"),
        end=_number(metadata, "end"),
        language=_language(metadata),
        published=number_date(_number(metadata, "published")),
        source=_text(metadata, "source"),
    )


def document_metadata(document: Document, passage_count: int) -> Metadata:
    """Return a document's metadata; its text is kept beside it, an unknown URL is left out."""
    metadata: Metadata = {
        "title": document.title,
        "source": document.source,
        "origin": document.origin,
        "published": date_number(document.published),
        "language": document.language,
        "content_hash": document.content_hash,
        "passage_count": passage_count,
    }
    if document.url is not None:
        metadata["url"] = document.url
    return metadata


def document_from_row(document_id: str, text: str, metadata: Mapping[str, object]) -> Document:
    """Return the document that `document_metadata` described."""
    return Document(
        id=document_id,
        title=_text(metadata, "title"),
        text=text,
        language=_language(metadata),
        source=_text(metadata, "source"),
        origin=_text(metadata, "origin"),
        content_hash=_text(metadata, "content_hash"),
        url=_text(metadata, "url") if "url" in metadata else None,
        published=number_date(_number(metadata, "published")),
        passage_count=_number(metadata, "passage_count"),
    )


def revision_from_row(metadata: Mapping[str, object]) -> Revision:
    """Return the current revision that a documents row names."""
    return Revision(_text(metadata, "content_hash"), _number(metadata, "passage_count"))


def passes(metadata: Mapping[str, object], filters: Filters) -> bool:
    """Say whether a row's source and date satisfy the filters."""
    bounds = date_bounds(filters)
    if bounds is not None and not bounds[0] <= _number(metadata, "published") <= bounds[1]:
        return False
    return filters.source is None or metadata.get("source") == filters.source


def _text(metadata: Mapping[str, object], key: str) -> str:
    return str(metadata.get(key, ""))


def _number(metadata: Mapping[str, object], key: str) -> int:
    value = metadata.get(key, 0)
    return int(value) if isinstance(value, int | float) else 0


def _language(metadata: Mapping[str, object]) -> Language:
    return "en" if metadata.get("language") == "en" else "id"
