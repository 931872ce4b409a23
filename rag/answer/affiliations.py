"""Which country a person belongs to, by the title: "Menteri Luar Negeri Rusia Sergey Lavrov"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answer.concepts import Concept
from rag.answer.subjects import any_same, same_name
from rag.answer.word_lists import POST_WORDS

_POSTS_BETWEEN = 6


def affiliations(concepts: Sequence[Concept], text: str) -> Iterator[tuple[Concept, Concept]]:
    """Yield (person, country) for each person whom a title in the text gives a country."""
    for position, person in enumerate(concepts):
        if not person.named or person.country:
            continue
        yield from ((person, place) for place in _country_before(concepts, position, text))
        yield from ((person, place) for place in _country_after(concepts, position, text))


def _country_before(concepts: Sequence[Concept], position: int, text: str) -> Iterator[Concept]:
    """Yield the country of "Iranian Foreign Minister X", "Presiden Pakistan X", "Iran's X"."""
    end = concepts[position].start
    posts = 0
    for previous in reversed(concepts[max(0, position - _POSTS_BETWEEN) : position]):
        gap = text[previous.end : end]
        if posts and re.search(r"\bits\s", gap):
            yield from (c for c in concepts[:1] if c.country)
        if not re.fullmatch(r"(?:['’]s?)?[\s,-]*(?:(?:the|of)\s+)*", gap):
            return
        if previous.country:
            if posts or _has_post_before(concepts, previous, text):
                yield previous
            return
        # Of "Ali Larijani" the lexicon may know a part as a word.
        if not previous.capital and previous.word not in POST_WORDS:
            return
        if "," in gap and posts:
            return
        posts += previous.word in POST_WORDS
        end = previous.start


def _has_post_before(concepts: Sequence[Concept], place: Concept, text: str) -> bool:
    earlier = [c for c in concepts if c.end <= place.start]
    return (
        bool(earlier)
        and earlier[-1].word in POST_WORDS
        and len(text[earlier[-1].end : place.start]) <= 8
    )


def _country_after(concepts: Sequence[Concept], position: int, text: str) -> Iterator[Concept]:
    """Yield the country of "X, menteri luar negeri Pakistan", "X of Iran", "X, Iran's minister"."""
    end = concepts[position].end
    posts = 0
    commas = 0
    for following in concepts[position + 1 : position + 2 + _POSTS_BETWEEN]:
        gap = text[end : following.start]
        if not re.fullmatch(r"['’]?s?\s*[,(]?\s*(?:(?:the|of|selaku|sekaligus)\s+)*", gap):
            return
        commas += "," in gap
        if commas > 1:
            return
        if following.country:
            possessive = text[following.end : following.end + 2] in ("'s", "’s")
            if posts or re.search(r"\bof\s+$", gap) or (possessive and commas):
                yield following
            return
        if not following.named and following.word not in POST_WORDS:
            return
        if following.named and commas:
            return
        posts += following.word in POST_WORDS
        end = following.end


def affiliation_differs(
    claim: Sequence[Concept], claim_text: str, document: Sequence[tuple[Concept, Concept]]
) -> bool:
    """Tell whether the claim gives a person another country than the document does."""
    for person, place in affiliations(claim, claim_text):
        known = [country for name, country in document if any_same([person], [name])]
        if known and not any(same_name(place, country) for country in known):
            return True
    return False
