"""A document as it was read made into a document as it is kept: cleaned, and described."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from rag.errors import InvalidDocumentError
from rag.ingest.sources import UPLOAD_ORIGIN
from rag.text.clean import clean_text
from rag.text.dates import find_dates, find_publication_date
from rag.text.language import detect_language
from rag.text.lines import is_bullet, is_headline, word_count
from rag.text.sentences import split_sentences
from rag.types import Document, RawDocument

TITLE_CHARACTERS = 100
TITLE_WORDS = range(2, 26)
_TITLE_LINES = 4
_BARE_URL = re.compile(
    r"^[ \t]*(?:[\w-]+[ \t]+){0,2}[\w-]*[ \t]*:?[ \t]*<?(https?://[^\s<>\"]+)>?[ \t]*\r?$",
    re.MULTILINE,
)
_DATELINE = re.compile(r"^[^a-z\n]{2,30}(?:\([^)\n]{2,30}\))?\s*(?:--|[-–—])\s*(?=\S)")


def prepare_document(raw: RawDocument) -> Document:
    """Return the cleaned document; what the caller gave beats what is found in the text.

    Raises InvalidDocumentError if no text is left after cleaning.
    """
    text = clean_text(raw.text)
    if not any(character.isalnum() for character in text):
        raise InvalidDocumentError("no text is left after cleaning")
    url = raw.url or _find_url(raw.text)
    return Document(
        id=raw.id,
        title=raw.title or _find_title(text),
        text=text,
        language=detect_language(text),
        source=raw.source or _find_source(raw, url),
        origin=raw.origin,
        content_hash=raw.content_hash,
        url=url,
        published=raw.published or find_publication_date(raw.text, url),
    )


def _find_url(raw_text: str) -> str | None:
    """Return the first address that has a line to itself."""
    match = _BARE_URL.search(raw_text)
    return match.group(1) if match else None


def _find_source(raw: RawDocument, url: str | None) -> str:
    if url:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if host:
            return host.removeprefix("www.")
    return raw.id if raw.origin == UPLOAD_ORIGIN else PurePath(raw.origin).name


def _find_title(text: str) -> str:
    """Return the first line that looks like a headline, else the first sentence, shortened."""
    lines = [line for line in text.split("\n") if line]
    if len(lines) > 1:
        for line in lines[:_TITLE_LINES]:
            if _may_be_title(line):
                return line
            if not find_dates(line) and word_count(line) > TITLE_WORDS[0]:
                break
    start, end = split_sentences(text)[0]
    return _shorten(_DATELINE.sub("", " ".join(text[start:end].split())))


def _may_be_title(line: str) -> bool:
    if word_count(line) not in TITLE_WORDS or not is_headline(line) or is_bullet(line):
        return False
    # A line with a date and little else is a date line, and the title follows it.
    dates = find_dates(line)
    return not dates or word_count(line) > 8


def _shorten(sentence: str) -> str:
    if len(sentence) <= TITLE_CHARACTERS:
        return sentence
    cut = sentence[:TITLE_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:–—-") + "…"
