"""Who does what to whom, as far as word order tells it: enough to see that roles were swapped.

No parser is at hand, so only what is plain counts: the names that stand before a word in its
clause and are led by no preposition may be its subject; a person belongs to the country that
stands in the same title ("Menteri Luar Negeri Rusia Sergey Lavrov").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.concepts import Concept
from rag.answer.spelling import same_spelling

_PRONOUN = re.compile(
    r"^(?:namun|tetapi|selain itu|meski begitu|but|however|also)?,?\s*"
    r"(?:ia|dia|beliau|he|she|it|mereka|they|keduanya|kedua|both|the two|langkah|hal|itu|this"
    r"|that)\b",
    re.IGNORECASE,
)
_ON = re.compile(
    r"\b(?:ia|dia|beliau|menurutnya|katanya|ujarnya|lanjutnya|tambahnya|tuturnya|jelasnya|he|she)\b",
    re.IGNORECASE,
)
# "chaired by", "dipimpin oleh", but not "novels by": what a noun's author did is another matter.
_AGENT = re.compile(
    r"\b(?:\w+(?:ed|en|wn|ld|ung|uck|et|ght|id|un|ost)\s+by|di\w{4,}(?:\s+\w+)?\s+oleh)\s+"
    r"(?P<title>(?:[^\s,;.]+\s+){0,6})$",
    re.IGNORECASE,
)
# An Indonesian passive, no English word and no other Indonesian one: discuss, dialog.
_DI_VERB = (
    r"\bdi(?!a\b|an|ri\b|plo|men|alog|sk|rek|rec|vi|ve|sta|sci|scu|sco|scl|spu|spl|sas|smi|sru|str|ffe|ffi"
    r"|gni|git|nne)[a-z]{4,}(?<!nya)\b"
)
_BARE_AGENT = re.compile(rf"{_DI_VERB}\s+(?P<title>(?:[^\s,;.]+\s+){{0,6}})$")
_SPEAKER = re.compile(
    r"\b(?:kata|ujar|tutur|ucap|jelas|lanjut|ungkap|imbuh|menurut|bagi|di mata|according to|said"
    r"|(?:^|(?<=,\s))for)\s+"
    r"(?P<title>(?:[^\s,;.]+\s+){0,6})$",
    re.IGNORECASE,
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
    rf"|{_DI_VERB}|\bter(?!oris|or|rit|rai|mina|hadap|us|sebut|masuk)[a-z]{{4,}}",
    re.IGNORECASE,
)
UNTRANSLATED_KEYS = 2
"""Keys of a name that the lexicon does not know: its own stem in either language."""
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


def subjects(concepts: Sequence[Concept], text: str) -> Iterator[tuple[Concept, list[Concept]]]:
    """Yield each word that is no name and no post, with the names that may be its subject.

    They are the names before it that share a part of the sentence with it and that no
    preposition leads, the agents of passives ("by Kakar", "dipimpin Kakar"), and whoever the
    whole sentence is put into the mouth of ("kata Jilani").
    """
    agents = [c for c in concepts if acts(c) and _leads_agent(text, c)]
    for concept in concepts:
        if concept.named or concept.word in POST_WORDS:
            continue
        before = [
            c
            for c in concepts
            if acts(c)
            and c.subject
            and c.part == concept.part
            and c.end <= concept.start
            and _reaches(c, concept, concepts, text)
        ]
        own = [c for c in agents if c.part == concept.part or _led_by(_SPEAKER, text, c)]
        yield concept, [*before, *(c for c in own if c not in before)]


def _reaches(name: Concept, word: Concept, concepts: Sequence[Concept], text: str) -> bool:
    """Tell whether a name may be the subject of a word after it.

    "Israel's" in the middle of a sentence has only what it owns: "he condemned Israel's attacks".
    """
    first = next(c for c in concepts if c.part == name.part)
    opens = first.start == name.start and not starts_with_pronoun(text)
    if opens or not re.search(r"['’]s", text[name.start : name.end + 2]):
        return True
    return not any(name.end <= c.start < word.start for c in concepts)


def acts(name: Concept) -> bool:
    """Tell whether a name may act: a country, or a name that is no word ("Muslim" is one)."""
    return name.named and (name.country != "" or len(name.keys) <= UNTRANSLATED_KEYS)


def _led_by(pattern: re.Pattern[str], text: str, name: Concept) -> bool:
    """Tell whether what the pattern looks for leads a name, with at most a title between."""
    match = pattern.search(text[: name.start])
    return match is not None and _is_title(match["title"])


def _is_title(words: str) -> bool:
    """Tell whether the words before a name are titles or more of the name."""
    return all(
        word[:1].isupper() or word.lower() in POST_WORDS or word.lower() == "the"
        for word in words.split()
    )


def _leads_agent(text: str, name: Concept) -> bool:
    """Tell whether a name is the agent of a passive, or said to be the speaker."""
    return any(_led_by(pattern, text, name) for pattern in (_AGENT, _BARE_AGENT, _SPEAKER))


def speaks_on(text: str) -> bool:
    """Tell whether a sentence may have its subject from the sentences before it."""
    return starts_with_pronoun(text) or _ON.search(text) is not None


def starts_with_pronoun(text: str) -> bool:
    """Tell whether a sentence speaks of whoever the one before spoke of."""
    return _PRONOUN.match(text.strip("\"“'‘ ")) is not None


def same_name(one: Concept, other: Concept) -> bool:
    """Tell whether two names are of one person, place or government."""
    return (
        bool(one.keys & other.keys)
        or same_spelling(one.word, other.word)
        or (one.country != "" and one.country == other.country)
    )


def _overlap(some: Sequence[Concept], others: Sequence[Concept]) -> bool:
    # Amirabdollahian is Abdollahian: the parts of a name written as one count too.
    return any(
        same_name(one, other)
        or (min(len(one.word), len(other.word)) > 5 and one.word.endswith(other.word))
        or (min(len(one.word), len(other.word)) > 5 and other.word.endswith(one.word))
        for one in some
        for other in others
    )


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
            known += [place for person, place in homes if _overlap([person], known)]
            known += [c for c in concepts if _may_bear(c, concept, text)]
            told.append((concept, known if names or owners or goes_on else []))
        own = [concept for concept in concepts if acts(concept)]
        previous = [*own, *previous] if goes_on or not own else own
    openers = [concepts[0] for _, concepts in evidence if concepts and not concepts[0].named]
    conflicts = agreements = 0
    for concept, names in subjects(claim, claim_text):
        matching = [known for other, known in told if known and other.keys & concept.keys]
        if not names or not matching:
            continue
        # A name that opens a sentence may have been taken for another word.
        agreed = any(_overlap(names, known) for known in [*matching, openers])
        if agreed or (concept.keys & of_both and any(name.country for name in names)):
            agreements += 1
        else:
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
        if known and not _overlap(agents, known):
            return True
    return False


def _passives(
    concepts: Sequence[Concept], text: str
) -> Iterator[tuple[Concept, list[Concept], list[Concept]]]:
    """Yield (verb, words of the agent's name, what stands before the verb) for each passive."""
    agents: dict[int, list[Concept]] = {}
    for name in concepts:
        before = text[: name.start]
        match = _AGENT.search(before) or _BARE_AGENT.search(before)
        if match and acts(name) and _is_title(match["title"]):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            agents.setdefault(start, []).append(name)
    for verb in concepts:
        if verb.start in agents:
            objects = [c for c in concepts if c.end <= verb.start and c.part == verb.part]
            yield verb, agents[verb.start], objects


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
        if same and not any(_overlap(before, first) for first in same):
            return True
        reverse = any(
            _same_word(word, other)
            and _overlap(before, second[:1])
            and _overlap(after, first)
            and not _overlap(before, first)
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
            if concept.named or concept.word in POST_WORDS:
                continue
            before = [n for n in names if n.end <= concept.start and acts(n)]
            after = [n for n in names if n.start >= concept.end]
            if before and after:
                yield concept, before, after


POST_WORDS = frozenset(
    """minister menteri menlu president presiden prime perdana foreign luar negeri deputy wakil
    interim caretaker sementara secretary sekretaris general jenderal speaker ketua chief army
    intelligence ambassador duta besar dubes leader pemimpin spokesman spokeswoman juru bicara
    information penerangan defense defence pertahanan national nasional security keamanan
    assembly majelis parliament parlemen supreme tertinggi council dewan panglima militer military
    commander finance keuangan governor gubernur king raja queen interior dalam chairman acting
    economy ekonomi trade envoy utusan diplomat senator prince pangeran revolusi revolution islam
    islamic ayatullah ayatollah menhan menkeu counterpart mitra""".split()
)
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
        known = [country for name, country in document if _overlap([person], [name])]
        if known and not any(same_name(place, country) for country in known):
            return True
    return False
