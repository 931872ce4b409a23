"""What the quoted words say in the place of something that a claim says: another name, count, time.

Every fact of the claim may stand somewhere in the passage and yet belong to something else there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answer.concepts import Concept, ConceptSet
from rag.answer.subjects import acts, same_name
from rag.text.facts import Amount, find_amounts
from rag.types import Language

_DAY_PARTS = {
    "dini": {0, 1},
    "subuh": {0, 1},
    "dawn": {0, 1},
    "pagi": {1},
    "morning": {1},
    "siang": {2},
    "noon": {2},
    "midday": {2},
    "afternoon": {2, 3},
    "sore": {3},
    "petang": {3},
    "evening": {3, 4},
    "malam": {4},
    "night": {4},
    "tonight": {4},
    "overnight": {0, 4},
    "midnight": {0, 4},
}
_DAY_PART = re.compile(rf"\b(?:{'|'.join(_DAY_PARTS)})\b", re.IGNORECASE)
_UNITS = {
    word: words[0]
    for words in (("year", "tahun"), ("month", "bulan"), ("week", "minggu", "pekan"))
    for word in words
}
_LAST = re.compile(
    r"\b(?:last\s+(year|month|week)|(tahun|bulan|minggu|pekan)\s+(?:lalu|silam|kemarin))\b",
    re.IGNORECASE,
)
_PARTS_OF = {
    word: words[0]
    for words in (
        ("early", "awal", "beginning"),
        ("mid", "pertengahan", "middle"),
        ("late", "akhir"),
    )
    for word in words
}
_MONTHS = "jan|feb|mar|apr|mei|may|jun|jul|agu|aug|sep|okt|oct|nov|des|dec|tahun|bulan|pekan|abad"
_PART_OF = re.compile(
    rf"\b(early|awal|beginning|mid|pertengahan|middle|late|akhir)(?:\s+of|\s+in)?[\s-]+(?={_MONTHS})",
    re.IGNORECASE,
)
_HEAD_REACH = 2
"""Concepts after a number among which stands what it counts: "two main bases", "dua markas"."""
_HEAD_GAP = 24
_PARTITIVE = re.compile(r"\s+(?:\w+\s+){0,3}?(?:of|dari)\b", re.IGNORECASE)
LEAST_AROUND = 3
"""Words beside the names that a claim has at least, if a name among them is to be missed."""
SHARE_AROUND = 0.8
"""Share of them that the quoted words hold at least; then they tell the same of another."""
_YEARS = range(1000, 2200)
_PLACE_WORDS = re.compile(r"\b(?:in|at|di)\s+(?:(?:the city of|kota|ibu kota)\s+)?$", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(?:between|antara)\s+(?P<one>.{2,60}?)\s+(?:and|dan)\s+(?P<two>\S+(?:\s+\S+){0,5})",
    re.IGNORECASE | re.DOTALL,
)

Told = Sequence[tuple[str, Sequence[Concept]]]
"""Sentences with their concepts."""


def day_part_differs(claim: str, passage: str) -> bool:
    """Tell whether the claim names a part of the day, and the passage names only others."""
    own, told = _day_parts(claim), _day_parts(passage)
    return any(told and not any(part & other for other in told) for part in own)


def span_of_time_differs(claim: str, passage: str) -> bool:
    """Tell whether "last month" or "early January" stands against "tahun lalu", "akhir Januari"."""
    for pattern, kinds in ((_LAST, _UNITS), (_PART_OF, _PARTS_OF)):
        own = {kinds[_word(match)] for match in pattern.finditer(claim)}
        told = {kinds[_word(match)] for match in pattern.finditer(passage)}
        if own and told and not own & told:
            return True
    return False


def _word(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group).lower()


def _day_parts(text: str) -> list[set[int]]:
    return [_DAY_PARTS[match.group().lower()] for match in _DAY_PART.finditer(text)]


def counted_otherwise(
    claim: str,
    language: Language,
    concepts: Sequence[Concept],
    evidence: Told,
    evidence_language: Language,
) -> bool:
    """Tell whether the claim counts something of which the evidence gives only other numbers."""
    told = [
        pair
        for text, known in evidence
        for pair in _counts(find_amounts(text, evidence_language), text, known)
    ]
    for amount, heads in _counts(find_amounts(claim, language), claim, concepts):
        same = [
            other
            for other, counted in told
            if any(one.keys & two.keys for one in heads for two in counted)
        ]
        if same and not any(amount.agrees(other) for other in same):
            return True
    return False


def _counts(
    amounts: Sequence[Amount], text: str, concepts: Sequence[Concept]
) -> Iterator[tuple[Amount, list[Concept]]]:
    """Yield each plain number with what it may count."""
    for amount in amounts:
        after = [c for c in concepts if c.start >= amount.end][:_HEAD_REACH]
        near = [c for c in after if c.start - amount.end <= _HEAD_GAP]
        heads = [c for c in near if not re.search(r"[,.;:()]", text[amount.end : c.start])]
        value = min(amount.values)
        is_year = not amount.spelled and value in _YEARS
        if value == 1 and not amount.start and _PARTITIVE.match(text, amount.end):
            continue  # "one outcome of the meeting" counts no meetings
        if heads and not amount.unit and value == int(value) and not is_year:
            yield amount, heads


def place_differs(claim: str, concepts: Sequence[Concept], span: Told) -> bool:
    """Tell whether the claim puts into one place what the quoted words put into another."""
    told = ConceptSet(c for _, known in span for c in known)
    own = ConceptSet(concepts)
    elsewhere = [place for text, known in span for place in _places(text, known)]
    for place in _places(claim, concepts):
        if told.holds(place) or (place.country and told.holds_country(place)):
            continue
        for other in elsewhere:
            alike = _is_country(place) == _is_country(other)
            if alike and not own.holds(other) and not same_name(place, other):
                return True
    return False


def _places(text: str, concepts: Sequence[Concept]) -> Iterator[Concept]:
    for concept in concepts:
        if concept.named and _PLACE_WORDS.search(text[: concept.start]):
            yield concept


def _is_country(place: Concept) -> bool:
    """Tell a country from a capital, which bears the key of its country too."""
    return place.country in place.keys


def pair_differs(claim: str, concepts: Sequence[Concept], span: Told) -> bool:
    """Tell whether "between A and B" stands against "between A and C" in the quoted words."""
    told = [pair for text, known in span for pair in _pairs(text, known)]
    for sides in _pairs(claim, concepts):
        found = [
            [any(same_name(a, b) for a in side for other in pair for b in other) for side in sides]
            for pair in told
        ]
        if any(any(match) for match in found) and not any(all(match) for match in found):
            return True
    return False


def _pairs(text: str, concepts: Sequence[Concept]) -> Iterator[tuple[list[Concept], list[Concept]]]:
    """Yield the names on both sides of each "between ... and ..."."""
    for match in _PAIR.finditer(text):
        one, two = (
            [c for c in concepts if _is_name(c) and match.start(side) <= c.start < match.end(side)]
            for side in ("one", "two")
        )
        if one and two:
            yield one, two


def _is_name(concept: Concept) -> bool:
    """Tell whether a word is written as a name, though the lexicon may know it: Taliban."""
    return concept.named or (concept.capital and not concept.opening)


def person_replaced(concepts: Sequence[Concept], span: Told, leading: Sequence[Concept]) -> bool:
    """Tell whether the quoted words speak of another person instead of one whom the claim names.

    `leading` are the concepts of the sentences that a pronoun of the quoted words may go back to.
    """
    own = ConceptSet(concepts)
    told = ConceptSet([*(c for _, known in span for c in known), *leading])
    missing = [c for c in concepts if _is_person(c) and not told.holds(c)]
    missing = [c for c in missing if not any(same_name(c, other) for other in told.concepts)]
    others = [c for _, known in span for c in known if _is_person(c) and not own.holds(c)]
    present = [c for c in concepts if _is_person(c) and c not in missing]
    return bool(missing and others) and not present


def country_replaced(concepts: Sequence[Concept], span: Told, leading: Sequence[Concept]) -> bool:
    """Tell whether the quoted words say all that a claim says, but of another country."""
    own = ConceptSet(concepts)
    told = ConceptSet([*(c for _, known in span for c in known), *leading])
    rest = [c for c in concepts if not c.named]
    held = sum(told.holds(concept) for concept in rest)
    if len(rest) < LEAST_AROUND or held < SHARE_AROUND * len(rest):
        return False
    missing = [c for c in concepts if c.country and not _speaks_of(told, c)]
    others = [c for _, known in span for c in known if c.country and not _speaks_of(own, c)]
    return bool(missing and others)


def _speaks_of(told: ConceptSet, name: Concept) -> bool:
    return told.holds(name) or told.holds_country(name)


def _is_person(concept: Concept) -> bool:
    return acts(concept) and not concept.country and concept.subject and not concept.known
