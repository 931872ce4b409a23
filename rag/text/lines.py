"""The shapes of lines: bullets, headings, headlines and prose, told apart by form alone."""

from __future__ import annotations

import re

_BULLET = re.compile(r"(?:[•●○▪■◦‣∙·*–—-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_CLOSERS = r"[\"”’'»)\]]*(?:\[\d+\])*"
_SENTENCE_END = re.compile(rf"[.!?…]{_CLOSERS}\s*$")
_FULL_STOP = re.compile(rf"(?<!\.\.)\.{_CLOSERS}\s*$")
_LIST_END = re.compile(r"[:;,]\s*$")
_HAS_LETTER = re.compile(r"[^\W\d_]")

HEADING_WORDS = 25
PROSE_WORDS = 8
LONG_LINE_WORDS = 30


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list written as running text."""
    return frozenset(words.split())


def word_count(text: str) -> int:
    """Return how many runs of non-space characters there are."""
    return len(text.split())


def is_bullet(line: str) -> bool:
    """Tell whether the line is an item of a list: "• ...", "- ...", "1. ...", "a) ..."."""
    return _BULLET.match(line.lstrip()) is not None


def ends_sentence(line: str) -> bool:
    """Tell whether the line ends in . ! ? or an ellipsis, closing quotes and brackets aside."""
    return _SENTENCE_END.search(line) is not None


def introduces_list(line: str) -> bool:
    """Tell whether the line ends in a colon, so that what follows belongs to it."""
    return line.rstrip().endswith(":")


def is_heading(line: str) -> bool:
    """Tell whether the line has the form of a heading: short, and without closing punctuation."""
    return (
        1 <= word_count(line) <= HEADING_WORDS
        and not _SENTENCE_END.search(line)
        and not _LIST_END.search(line)
        and not is_bullet(line)
        and _HAS_LETTER.search(line) is not None
    )


def is_headline(line: str) -> bool:
    """Tell whether the line may be the headline of a story: as a heading, or ending in ? ! ..."""
    return (
        1 <= word_count(line) <= HEADING_WORDS
        and not _FULL_STOP.search(line)
        and not _LIST_END.search(line)
    )


def is_prose(line: str) -> bool:
    """Tell whether the line is running text: whole sentences, or simply long."""
    count = word_count(line)
    return count >= LONG_LINE_WORDS or (
        count >= PROSE_WORDS and _FULL_STOP.search(line) is not None
    )
