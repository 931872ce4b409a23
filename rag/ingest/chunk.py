"""A document cut into passages: runs of whole sentences of about the wanted length.

Headings stay with what follows them, and lists with the sentence that introduces them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.text.lines import ends_sentence, introduces_list, is_bullet, is_heading, word_count
from rag.text.sentences import split_sentences
from rag.types import Document, Passage

CHUNKING_VERSION = 1
"""Changes whenever `chunk_document` would cut another way."""

TINY = 0.25
"""A last passage shorter than this share of the wanted length joins the one before it."""

NEW_TOPIC = 0.5
"""A heading begins a new passage once the current one has this share of the wanted length."""

Kind = Literal["heading", "item", "sentence"]


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    words: int
    kind: Kind
    introduces: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """Units that stay together: sentences after their heading, items after their introduction."""

    units: tuple[_Unit, ...]

    @property
    def words(self) -> int:
        return sum(unit.words for unit in self.units)


def chunk_document(document: Document, passage_words: int) -> list[Passage]:
    """Return the document's passages in order; together they hold every sentence once.

    A passage aims at `passage_words` words and has at most twice as many, unless one sentence
    alone has more.
    """
    groups = [
        part
        for group in _groups(_units(document.text))
        for part in _split_long(group, 2 * passage_words)
    ]
    return [
        Passage(
            document_id=document.id,
            content_hash=document.content_hash,
            index=index,
            text=document.text[units[0].start : units[-1].end],
            start=units[0].start,
            end=units[-1].end,
            language=document.language,
            published=document.published,
            source=document.source,
        )
        for index, units in enumerate(_pack(groups, passage_words))
    ]


def _units(text: str) -> list[_Unit]:
    """Return the sentences of the text with what each is in the shape of the page."""
    units: list[_Unit] = []
    in_list = False
    previous_end = 0
    for start, end in split_sentences(text):
        line = text[start:end]
        gap = text[previous_end:start]
        begins_line = "\n" in gap or not units
        ends_line = end == len(text) or text[end:].lstrip(" ").startswith("\n")
        bullet = begins_line and is_bullet(line)
        if begins_line and in_list and not bullet:
            # Items without a bullet: short lines right under the introduction.
            plain_list = not (units and is_bullet(text[units[-1].start : units[-1].end]))
            in_list = plain_list and "\n\n" not in gap and not ends_sentence(line)
        kind: Kind = "sentence"
        if bullet or in_list:
            kind = "item"
        elif begins_line and ends_line and is_heading(line) and end < len(text):
            kind = "heading"
        introduces = introduces_list(line)
        in_list = introduces or in_list
        units.append(_Unit(start, end, word_count(line), kind, introduces))
        previous_end = end
    return units


def _groups(units: Sequence[_Unit]) -> Iterator[_Group]:
    """Yield the units with their headings, introductions and items."""
    group: list[_Unit] = []
    for unit in units:
        if group and not _belongs(group[-1], unit):
            yield _Group(tuple(group))
            group = []
        group.append(unit)
    if group:
        yield _Group(tuple(group))


def _belongs(previous: _Unit, unit: _Unit) -> bool:
    return previous.kind == "heading" or previous.introduces or unit.kind == "item"


def _split_long(group: _Group, most_words: int) -> Iterator[_Group]:
    """Yield the group in parts of at most `most_words` words, or of one unit each."""
    part: list[_Unit] = []
    words = 0
    for unit in group.units:
        if part and words + unit.words > most_words:
            yield _Group(tuple(part))
            part, words = [], 0
        part.append(unit)
        words += unit.words
    if part:
        yield _Group(tuple(part))


def _pack(groups: Sequence[_Group], passage_words: int) -> list[list[_Unit]]:
    """Return groups joined into passages, each as near to the wanted length as the next allows."""
    passages: list[list[_Group]] = []
    words = 0
    for group in groups:
        if passages and not _is_full(words, group, passage_words):
            passages[-1].append(group)
            words += group.words
        else:
            passages.append([group])
            words = group.words
    if len(passages) > 1:
        last, before = (sum(group.words for group in passages[i]) for i in (-1, -2))
        if last < TINY * passage_words and last + before <= 2 * passage_words:
            passages[-2].extend(passages.pop())
    return [[unit for group in passage for unit in group.units] for passage in passages]


def _is_full(words: int, following: _Group, passage_words: int) -> bool:
    together = words + following.words
    if together > 2 * passage_words:
        return True
    if following.units[0].kind == "heading" and words >= NEW_TOPIC * passage_words:
        return True
    # Stop where the length is nearest to the wanted one.
    return together - passage_words > passage_words - words
