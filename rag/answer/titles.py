"""Which post a text gives to which person, and whether a claim gives it to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.concepts import Concept
from rag.answer.subjects import acts, same_name
from rag.answer.word_lists import POST_WORDS

_BEFORE = re.compile(r"(?:['’]s?)?\s*(?:(?:the|of|for|untuk|dari)\s+)*")
_AFTER = re.compile(
    r"['’]?s?\s*[,(]?\s*(?:(?:yang|who|is|was|has|been|serves|served|adalah|ialah|menjabat|merupakan"
    r"|sebagai|selaku|sekaligus|as|the|an?|of|for|from|dari)\s+)*"
)
_HOLDING = frozenset("menjabat serves served serving holds held jabatan dijabat".split())
_LINK = re.compile(r"[\s\-–]*(?:(?:bin|al|ul)[\s\-–]+)*")
LEAST_POST_WORDS = 2
"""A post of fewer words ("minister") belongs to many."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, by the words of the name, with the words of a post."""

    names: tuple[Concept, ...]
    post: tuple[Concept, ...]


def holders(text: str, concepts: Sequence[Concept]) -> Iterator[Holder]:
    """Yield each person of a sentence with the post that stands right before or after the name."""
    position = 0
    while position < len(concepts):
        if not _is_person(concepts[position]):
            position += 1
            continue
        last = position
        while (
            last + 1 < len(concepts)
            and _is_person(concepts[last + 1])
            and _LINK.fullmatch(text[concepts[last].end : concepts[last + 1].start])
        ):
            last += 1
        names = tuple(concepts[position : last + 1])
        for post in (
            _post(text, concepts[position - 1 :: -1] if position else (), names[0].start, _BEFORE),
            _post(text, concepts[last + 1 :], names[-1].end, _AFTER),
        ):
            if post:
                yield Holder(names, post)
        position = last + 1


def _post(
    text: str, near: Sequence[Concept], edge: int, between: re.Pattern[str]
) -> tuple[Concept, ...]:
    """Return the words of a post among concepts that lead away from a name, nearest first."""
    found: list[Concept] = []
    for concept in near:
        gap = text[edge : concept.start] if concept.start >= edge else text[concept.end : edge]
        if not between.fullmatch(gap):
            break
        if found and re.search(r"[,(]", gap):
            break
        if concept.word in _HOLDING and not found:
            pass
        elif concept.word in POST_WORDS:
            found.append(concept)
        elif not concept.country:
            break
        edge = concept.end if concept.start >= edge else concept.start
    return tuple(found)


def title_differs(claim: Sequence[Holder], document: Sequence[Holder]) -> bool:
    """Tell whether the claim gives a person a post that the document gives only to another."""
    for holder in claim:
        if len(holder.post) < LEAST_POST_WORDS:
            continue
        own = [known for known in document if _same_person(holder, known)]
        if not own or any(_has_post(known, holder) for known in own):
            continue
        if any(_has_post(known, holder) for known in document):
            return True
    return False


def _same_person(one: Holder, other: Holder) -> bool:
    return any(same_name(a, b) for a in one.names for b in other.names)


def _has_post(known: Holder, claimed: Holder) -> bool:
    return all(any(word.keys & other.keys for other in known.post) for word in claimed.post)


def _is_person(concept: Concept) -> bool:
    return acts(concept) and not concept.country and concept.word not in POST_WORDS
