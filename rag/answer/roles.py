"""Who does what to whom: enough of it to see that roles were swapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.concepts import Concept
from rag.answer.subjects import (
    AGENT,
    BARE_AGENT,
    DI_VERB,
    acts,
    any_same,
    is_part_of_name,
    is_title,
    same_name,
    speaks_on,
    starts_with_pronoun,
    subjects,
)

_COPULA = re.compile(
    r"\b(?:is|are|was|were|adalah|ialah|yaitu|yakni|merupakan)\s+(?:the\s+)?$", re.IGNORECASE
)
_BOTH = re.compile(
    r"\b(?:kedua (?:negara|pihak|pemerintah|bangsa|ibu kota)|both (?:countries|sides|nations"
    r"|governments|states)|the two (?:countries|sides|nations|governments|neighbou?rs))\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|be|is|are)\s+(?:\w+ly\s+)?\w+(?:ed|en|ld|wn|ung|uck|et|ght)\b"
    rf"|{DI_VERB}|\bter(?!oris|or|rit|rai|mina|hadap|us|sebut|masuk)[a-z]{{4,}}",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"\b(?:membalas(?:nya)?|retaliat(?:ed|es|ing|ory|ion)|(?:hit|hits|struck|strikes?)\s+back"
    r"|(?P<noun>(?:serangan\s+)?(?:balasan|pembalasan)))\b",
    re.IGNORECASE,
)
_GENITIVE_WORDS = 2
LEAST_CONFLICTS = 2
"""Words whose subject differs that make a swap of roles; one alone may be chance."""
MORE_CONFLICTS = 2
"""Times as many words as those whose subject is the same."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The names and the other concepts of one clause, in order, and whether it is passive."""

    concepts: tuple[Concept, ...]
    passive: bool


def clauses_of(text: str, concepts: Sequence[Concept]) -> list[Clause]:
    """Return the clauses of a sentence."""
    found: list[Clause] = []
    numbers = sorted({concept.clause for concept in concepts})
    for number in numbers:
        members = tuple(c for c in concepts if c.clause == number)
        words = text[members[0].start : members[-1].end]
        found.append(Clause(members, _PASSIVE.search(words) is not None))
    return found


def roles_differ(
    claim: Sequence[Concept],
    claim_text: str,
    evidence: Sequence[tuple[str, Sequence[Concept]]],
    leading: Sequence[Concept],
    homes: Sequence[tuple[Concept, Concept]] = (),
) -> bool:
    """Tell whether the claim has other names do what the evidence tells.

    `evidence` are sentences with their concepts; `leading` the names of the sentence before them,
    which a pronoun may stand for; `homes` give the countries of people: what Lavrov does, "the
    Russian minister" does.
    """
    told: list[tuple[Concept, list[Concept]]] = []
    previous = [concept for concept in leading if acts(concept)]
    of_both: set[str] = set()
    for text, concepts in evidence:
        goes_on = speaks_on(text)
        if _BOTH.search(text):
            of_both.update(key for concept in concepts for key in concept.keys)
        for concept, names in subjects(concepts, text):
            owners = _owners(concepts, concept, text) if names else []
            known = [*names, *owners, *(previous if goes_on else ())]
            known += [place for person, place in homes if any_same([person], known)]
            known += [c for c in concepts if _may_bear(c, concept, text)]
            told.append((concept, known if names or owners or goes_on else []))
        own = [concept for concept in concepts if acts(concept)]
        previous = [*own, *previous] if goes_on or not own else own
    openers = [concepts[0] for _, concepts in evidence if concepts and not concepts[0].named]
    named = [concept for concept in claim if acts(concept)]
    conflicts = agreements = 0
    for concept, names in subjects(claim, claim_text):
        matching = [known for other, known in told if known and other.keys & concept.keys]
        if not names or not matching:
            continue
        # A name that opens a sentence may have been taken for another word.
        agreed = any(any_same(names, known) for known in [*matching, openers])
        if agreed or (concept.keys & of_both and any(name.country for name in names)):
            agreements += 1
        elif any(any_same(named, known) for known in matching):
            # Who does it stands in the claim too, in another role: a swap.
            conflicts += 1
    return conflicts >= LEAST_CONFLICTS and conflicts > MORE_CONFLICTS * agreements


def _may_bear(name: Concept, word: Concept, text: str) -> bool:
    """Tell whether a word may be said of a name, though this is not its plain subject.

    So of what stands after "is", as of what stands before; and of what a preposition leads: "they
    border on Russia in the north", "they border Russia".
    """
    if not acts(name):
        return False
    before = name.part == word.part and name.end <= word.start
    return before or _COPULA.search(text[: name.start]) is not None


def agents_differ(
    claim: Sequence[Concept], claim_text: str, evidence: Sequence[tuple[str, Sequence[Concept]]]
) -> bool:
    """Tell whether "chaired by Kakar" stands against "dipimpin Perdana Menteri Solangi".

    Unlike the other differences of roles this looks at the whole passage: a quote may tell of the
    same meeting, and of somebody else's part in it.
    """
    told = [passive for text, concepts in evidence for passive in _passives(concepts, text)]
    for verb, agents, objects in _passives(claim, claim_text):
        known = [
            agent
            for done, others, its in told
            if done.keys & verb.keys and any(a.keys & b.keys for a in objects for b in its)
            for agent in others
        ]
        if known and not any_same(agents, known):
            return True
    return False


def replier_differs(
    claim: Sequence[Concept], claim_text: str, evidence: Sequence[tuple[str, Sequence[Concept]]]
) -> bool:
    """Tell whether "Iran hit back" stands against "Pakistan membalas": the order of deeds turned.

    Of two that did the same to each other, most words of the passage may be said of both.
    """
    told = [name for text, concepts in evidence for name in _repliers(concepts, text)]
    own = list(_repliers(claim, claim_text))
    return bool(own and told) and not any_same(own, told)


def _repliers(concepts: Sequence[Concept], text: str) -> Iterator[Concept]:
    """Yield the country that each reply is plainly of."""
    for match in _REPLY.finditer(text):
        after = next((c for c in concepts if c.start >= match.end()), None)
        beside = after is not None and not text[match.end() : after.start].strip()
        if match["noun"] and after and after.country and beside:
            yield after  # "serangan balasan Pakistan"
            continue
        before = [c for c in concepts if c.country and c.named and c.end <= match.start()]
        near = [c for c in before if not re.search(r"[.;:]", text[c.end : match.start()])]
        if near and near[-1].subject:
            yield near[-1]


def _passives(
    concepts: Sequence[Concept], text: str
) -> Iterator[tuple[Concept, list[Concept], list[Concept]]]:
    """Yield (verb, words of the agent's name, what stands before the verb) for each passive."""
    agents: dict[int, list[Concept]] = {}
    for name in concepts:
        before = text[: name.start]
        match = AGENT.search(before) or BARE_AGENT.search(before)
        if match and acts(name) and is_title(match["title"]) and not _owns(name, text):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            agents.setdefault(start, []).append(name)
    for verb in concepts:
        if verb.start in agents:
            objects = [c for c in concepts if c.end <= verb.start and c.part == verb.part]
            yield verb, agents[verb.start], objects


def _owns(name: Concept, text: str) -> bool:
    """Tell whether a name is only whose the agent is: "chaired by Pakistan's prime minister, X"."""
    return re.search(r"['’](?:s\b|\s)", text[name.start : name.end + 2]) is not None


def _owners(concepts: Sequence[Concept], word: Concept, text: str) -> list[Concept]:
    """Return the name whose the word is ("keputusan kabinet Pakistan"), or that it explains."""
    place = concepts.index(word)
    found: list[Concept] = []
    end = word.end
    for following in concepts[place + 1 : place + 2 + _GENITIVE_WORDS]:
        if text[end : following.start].strip():
            break
        if following.named:
            found.append(following)
            break
        end = following.end
    for earlier in reversed(concepts[:place]):
        if earlier.clause < word.clause - 1:
            break
        if earlier.clause == word.clause - 1:
            if earlier.named and text[earlier.end :].startswith(","):
                found.append(earlier)  # "Balochistan, provinsi di Pakistan"
            break
    return found


def bound_otherwise(
    claim: Sequence[Concept], claim_text: str, evidence: Sequence[tuple[str, Sequence[Concept]]]
) -> bool:
    """Tell whether a word ties two names in the claim that the evidence ties to others.

    "Pakistan offered Russia arms" against "Russia offered Pakistan arms", "Iranians are Sunni"
    against "Pakistanis are Sunni": the same word, the same second name, another first one.
    """
    told = [
        (*tie, starts_with_pronoun(text))
        for text, concepts in evidence
        for tie in _ties(concepts, text)
    ]
    for word, before, after in _ties(claim, claim_text):
        same = [
            first
            for other, first, second, goes_on in told
            # The first name of what a pronoun opens is another sentence's.
            if _same_word(word, other) and same_name(after[0], second[0]) and not goes_on
        ]
        if same and not any(any_same(before, first) for first in same):
            return True
        reverse = any(
            _same_word(word, other)
            and any_same(before, second[:1])
            and any_same(after, first)
            and not any_same(before, first)
            for other, first, second, _ in told
        )
        if reverse and not same:
            return True
    return False


def _same_word(one: Concept, other: Concept) -> bool:
    """Tell whether two words are one, or translate each other: no synonyms of one language.

    "Negara" and "keadaan" may both be translated "state", and have nothing in common.
    """
    if one.own[:2] == other.own[:2]:
        return one.own == other.own
    return bool(one.keys & other.keys)


def _ties(
    concepts: Sequence[Concept], text: str
) -> Iterator[tuple[Concept, list[Concept], list[Concept]]]:
    """Yield (word, names before, names after) for each word between names of one active clause."""
    for clause in clauses_of(text, concepts):
        if clause.passive:
            continue
        names = [c for c in clause.concepts if c.named]
        for concept in clause.concepts:
            if is_part_of_name(concept):
                continue
            before = [n for n in names if n.end <= concept.start and acts(n) and n.subject]
            after = [n for n in names if n.start >= concept.end]
            if before and after:
                yield concept, before, after
