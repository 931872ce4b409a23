"""Whether a claim denies what the evidence affirms, or the reverse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from rag.answer.claims import Claim, EvidenceSentence
from rag.answer.concepts import Concept
from rag.answer.word_lists import OPPOSITES
from rag.text.terms import term
from rag.types import Language

_NEGATIVE_WORDING = re.compile(
    r"\b(?:not?|never|neither|nor|cannot|without|none|hardly|tidak|tak|bukan|belum|tanpa|jangan"
    r"|den(?:y|ied|ies)|refus\w+|reject\w*|fail\w*|lack\w*|membantah|menolak|menampik|gagal|batal"
    r"|berbeda|berlainan|differ\w*|diragukan|doubt\w*|sulit|kurang|berhenti|menghentikan|melarang|barr?ed|stop\w*|suspend\w*"
    r"|end|ended|mengakhiri|menyudahi|satu-satunya|first|pertama|kecuali|mengecualikan|except|exclud\w*)\b|n['’]t\b",
    re.IGNORECASE,
)


LANGUAGES: tuple[Language, ...] = ("id", "en")
_ENDING = re.compile(
    r"\b(?:cut\w*\s+(?:off|back)|halt\w*|stop\w*|end(?:ed|ing)?|suspend\w*|sever\w*|break\w*\s+off"
    r"|menghentikan|memutus\w*|mengakhiri|menyudahi|berhenti)\b",
    re.IGNORECASE,
)
"""What with a "not" before it says that something goes on."""


ANTONYM_REACH = 2
"""Words around an antonym among which stands what it is said of."""


def _is_opposite(concept: Concept, told: Sequence[Concept]) -> bool:
    """Tell whether a word denies by its form what the span affirms: unwilling, willing."""
    if not concept.opposite or any(other.keys & concept.keys for other in told):
        return False
    affirmed = [other for other in told if other.keys & concept.opposite]
    return bool(affirmed) and not any(other.in_denial for other in affirmed)


def _is_antonym(place: int, concepts: Sequence[Concept], told: Sequence[Concept]) -> bool:
    """Tell whether the span says the opposite of a word, of the same thing: it rises, it falls."""
    concept = concepts[place]
    if concept.in_denial or any(c.keys & concept.keys for c in told):
        return False
    words = {other.own for other in told}
    opposites = {
        word
        for side, opposite in _opposites()
        if concept.own in side and not words & side
        for word in opposite
    }
    beside = _beside(place, concepts)
    return any(
        one.keys & other.keys
        for position, known in enumerate(told)
        if known.own in opposites and not known.in_denial
        for one in beside
        for other in _beside(position, told)
    )


def _tells_opposite(concept: Concept, told: Sequence[Concept]) -> bool:
    """Tell whether the span affirms the opposite of a word: "belum maju", "tertinggal"."""
    words = {other.own for other in told if not other.in_denial}
    return any(concept.own in side and words & opposite for side, opposite in _opposites())


@cache
def _opposites() -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return the keys of the words of each side, with those of the other."""
    found = []
    for pair in OPPOSITES:
        one, other = (
            frozenset(term(word, language) for word in side for language in LANGUAGES)
            for side in pair
        )
        found += [(one, other), (other, one)]
    return found


def _beside(place: int, concepts: Sequence[Concept]) -> list[Concept]:
    """Return the concepts around one, which it may be said of."""
    own = concepts[place]
    near = range(max(0, place - ANTONYM_REACH), min(place + ANTONYM_REACH + 1, len(concepts)))
    return [
        concepts[n]
        for n in near
        # Places are counted from the start of each sentence: a step back is the next sentence's.
        if (concepts[n].start - own.start) * (n - place) > 0 and concepts[n].clause == own.clause
    ]


def negation_differs(claim: Claim, span: Sequence[EvidenceSentence]) -> bool:
    """Tell whether the claim denies what the span affirms, or the reverse.

    What a "not" leads is compared: a concept denied on one side and affirmed on the other
    differs, and so does a "not" in the claim where the span holds no negative word at all. Where
    both deny something the same denial may be worded around other words; what the span denies
    and the claim affirms then counts only if the claim's own denial is found in the span.
    """
    told = [concept for sentence in span for concept in sentence.concepts]
    if any(_is_opposite(concept, told) for concept in claim.concepts):
        return True
    if any(_is_antonym(place, claim.concepts, told) for place in range(len(claim.concepts))):
        return True
    only_claim = only_span = paired = False
    for concept in claim.concepts:
        same = [other for other in told if other.keys & concept.keys]
        if concept.named or not same:
            continue
        in_denial = any(other.in_denial for other in same)
        only_claim |= concept.negated and not in_denial
        only_span |= not concept.in_denial and all(other.negated for other in same)
        paired |= concept.negated and in_denial
    claim_denies = any(
        concept.negated and not _tells_opposite(concept, told) for concept in claim.concepts
    )
    span_denies = any(concept.negated for concept in told)
    if claim_denies and span_denies:
        return only_claim or (only_span and paired)
    if only_claim or only_span:
        return True
    if claim_denies and _ENDING.search(claim.text) and not span_denies:
        return True  # "did not cut off" is not told by "menghentikan"
    return claim_denies and not any(_NEGATIVE_WORDING.search(s.text) for s in span)
