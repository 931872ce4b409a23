"""Which names may be the subject of a word, as far as word order tells it.

No parser is at hand, so only what is plain counts: the names that stand before a word in its
clause and are led by no preposition may be its subject, and so may the agents of passives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answer.concepts import Concept
from rag.answer.spelling import same_spelling
from rag.answer.word_lists import POST_WORDS

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
AGENT = re.compile(
    r"\b(?:\w+(?:ed|en|wn|ld|ung|uck|et|ght|id|un|ost)\s+by|di\w{4,}(?:\s+\w+)?\s+oleh)\s+"
    r"(?P<title>(?:[^\s,;.]+\s+){0,6})$",
    re.IGNORECASE,
)
# An Indonesian passive, no English word and no other Indonesian one: discuss, dialog.
DI_VERB = (
    r"\bdi(?!a\b|an|ri\b|plo|men|alog|sk|rek|rec|vi|ve|sta|sci|scu|sco|scl|spu|spl|sas|smi|sru|str|ffe|ffi"
    r"|gni|git|nne)[a-z]{4,}(?<!nya)\b"
)
BARE_AGENT = re.compile(rf"{DI_VERB}\s+(?P<title>(?:[^\s,;.]+\s+){{0,6}})$")
_SPEAKER = re.compile(
    r"\b(?:kata|ujar|tutur|ucap|jelas|lanjut|ungkap|imbuh|menurut|bagi|di mata|according to|said"
    r"|(?:^|(?<=,\s))for)\s+"
    r"(?P<title>(?:[^\s,;.]+\s+){0,6})$",
    re.IGNORECASE,
)
# Who receives something is no doer of it: "they were thanked by", "mendapat pujian dari".
_RECEIVES = re.compile(
    r"\b(?:mendapat|mendapatkan|menerima|memperoleh|diterima|receiv\w+|got|gets?|obtain\w*)\b",
    re.IGNORECASE,
)
_GIVER = re.compile(r"\b(?:dari|from)\s+(?P<title>(?:[^\s,;.]+\s+){0,6})$", re.IGNORECASE)
UNTRANSLATED_KEYS = 2
"""Keys of a name that the lexicon does not know: its own stem in either language."""


def subjects(concepts: Sequence[Concept], text: str) -> Iterator[tuple[Concept, list[Concept]]]:
    """Yield each word that is no name and no post, with the names that may be its subject.

    They are the names before it that share a part of the sentence with it and that no
    preposition leads, the agents of passives ("by Kakar", "dipimpin Kakar"), and whoever the
    whole sentence is put into the mouth of ("kata Jilani").
    """
    receives = _RECEIVES.search(text) is not None
    agents = [
        c
        for c in concepts
        if acts(c) and (_leads_agent(text, c) or (receives and _led_by(_GIVER, text, c)))
    ]
    for concept in concepts:
        if is_part_of_name(concept):
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


def is_part_of_name(concept: Concept) -> bool:
    """Tell whether a word does nothing itself: a name, a post, a word within a name."""
    within = concept.capital and not concept.opening
    return concept.named or within or concept.word in POST_WORDS


def acts(name: Concept) -> bool:
    """Tell whether a name may act: a country, or a name that is no word ("Muslim" is one)."""
    return name.named and (name.country != "" or len(name.keys) <= UNTRANSLATED_KEYS)


def _led_by(pattern: re.Pattern[str], text: str, name: Concept) -> bool:
    """Tell whether what the pattern looks for leads a name, with at most a title between."""
    match = pattern.search(text[: name.start])
    return match is not None and is_title(match["title"])


def is_title(words: str) -> bool:
    """Tell whether the words before a name are titles or more of the name."""
    return all(
        word[:1].isupper() or word.lower() in POST_WORDS or word.lower() == "the"
        for word in words.split()
    )


def _leads_agent(text: str, name: Concept) -> bool:
    """Tell whether a name is the agent of a passive, or said to be the speaker."""
    return any(_led_by(pattern, text, name) for pattern in (AGENT, BARE_AGENT, _SPEAKER))


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


def any_same(some: Sequence[Concept], others: Sequence[Concept]) -> bool:
    """Tell whether a name is among others.

    Amirabdollahian is Abdollahian: the parts of a name written as one count too.
    """
    return any(
        same_name(one, other)
        or (min(len(one.word), len(other.word)) > 5 and one.word.endswith(other.word))
        or (min(len(one.word), len(other.word)) > 5 and other.word.endswith(one.word))
        for one in some
        for other in others
    )
