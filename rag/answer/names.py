"""Names in a text: runs of capitalised words, and which of them are places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.terms import fold, words

_CAPITAL = r"[A-ZÀ-Þ][\w'’]*(?:-[A-Za-zÀ-ÿ][\w'’]*)*"
_RUN = re.compile(rf"{_CAPITAL}(?:[ ](?:(?:bin|binti|al|ul|van|de|der|von)[ ])?{_CAPITAL})*")
_AFTER_PREPOSITION = re.compile(
    rf"\b(?:di|ke|dari|menuju|kota|provinsi|negara|ibu kota|in|at|from|near|city of|province of)"
    rf" ({_CAPITAL}(?: {_CAPITAL})*)"
)
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?:…]|\n|•|[–—-])\W*$")
_NO_NAMES = frozenset(
    """januari februari maret april mei juni juli agustus september oktober november desember senin
    selasa rabu kamis jumat sabtu minggu january february march may june july august october
    december monday tuesday wednesday thursday friday saturday sunday rp usd us rs""".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name at [start, end) of the text it was found in; `words` are its folded words.

    `certain` is false where only its place at the start of a sentence may have made the capital.
    """

    start: int
    end: int
    words: tuple[str, ...]
    certain: bool


def find_names(text: str) -> list[Name]:
    """Return the runs of capitalised words, in order; months, weekdays and currencies are none."""
    names: list[Name] = []
    for match in _RUN.finditer(text):
        folded = tuple(words(match.group()))
        if not folded or all(word in _NO_NAMES for word in folded):
            continue
        opens = _OPENS_SENTENCE.search(text[max(0, match.start() - 4) : match.start()]) is not None
        certain = not opens or len(folded) > 1
        names.append(Name(match.start(), match.end(), folded, certain))
    return names


def places_in(text: str) -> frozenset[str]:
    """Return the folded first words of what the text goes to, comes from, or lies in."""
    return frozenset(fold(match.group(1).split()[0]) for match in _AFTER_PREPOSITION.finditer(text))
