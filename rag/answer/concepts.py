"""The content words of a text as concepts that can be compared across languages and wordings.

Two words express one concept if they share a key: a stem, or a stem of a translation. So "talks"
agrees with "perundingan", and "berjumpa" with "bertemu", because both may be translated "meet".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.answer.spelling import same_spelling
from rag.answer.word_lists import (
    ABBREVIATIONS,
    ALTERNATIVES,
    ARTICLES,
    CAPITALS,
    CLAUSE_WORDS,
    DENIALS,
    DENYING_PHRASES,
    ERAS,
    LOCATIVES,
    MORE_LIGHT,
    NEGATORS,
    ONLY,
    OPENERS,
    OTHER_PLACES,
    POST_WORDS,
    PREPOSITIONS,
    RISING,
    SHORT_TITLES,
    SOFT_NEGATORS,
    WEAK_AFTER_NEGATION,
)
from rag.text.dates import find_dates
from rag.text.facts import find_amounts
from rag.text.lexicon import Lexicon
from rag.text.query import MOST_TRANSLATIONS
from rag.text.terms import STOP_WORDS, find_words, fold, term, words
from rag.types import Language


@dataclass(frozen=True, slots=True)
class Concept:
    """A content word [start, end) of a text.

    `named` tells a name that another text must hold to speak of the same; `country` is the key
    of the country that it means, be it by its people or its capital. `subject` is False for a
    name that a preposition leads ("from Tehran"). `negated` tells that it is what a "not" right
    before it denies, `in_denial` that it is among the few words after one. `clause` counts what
    punctuation and conjunctions part, `part` only what cannot share a subject. `capital` tells
    how it is written, `opening` that the start of a sentence may be why. `located` tells that
    something is there, or moves there or from there. `opposite` are the keys of what the word
    denies by its own form ("unwilling"). `known` tells that the lexicon has it, so that it is
    nobody's name ("Muslim"). `own` is the key of the word itself.
    """

    word: str
    start: int
    end: int
    keys: frozenset[str]
    named: bool = False
    country: str = ""
    subject: bool = True
    negated: bool = False
    in_denial: bool = False
    clause: int = 0
    part: int = 0
    capital: bool = False
    opening: bool = False
    located: bool = False
    opposite: frozenset[str] = frozenset()
    known: bool = False
    own: str = ""


# English denies "complete" in "not a complete system", Indonesian "sistem": the words after the
# first may be what the other language denies.
_NEGATED_WORDS = 1
_DENIAL_REACH = 4
_SHORTEST_DENIAL = 6
_LONG_WORD = 7
_LONG_PART = 5
_AFFIXED: dict[Language, re.Pattern[str]] = {
    "id": re.compile(r"(?:me|ber|di|ter|pe|ke|se|per)[a-z]{4,}|[a-z]{4,}(?:nya|kan)"),
    "en": re.compile(r"[a-z]{4,}(?:ing|ed|ly|tion|ment)"),
}
_FORMED = re.compile(
    r"[a-z]{3,}(?:ncy|ity|isms?|[st]ions?|ments?|ships?|ology|ists?|ness|ances?|ences?|able|ible"
    r"|ous|ive|ary|[ct]al|ial|onal|nts|cils?|tees?)"
)
_COMPOUND = re.compile(r"(?:-[a-z]+)+(?![\w-])")  # Tit-for-tat, but not Anwaar-ul-Haq
_PARTS = re.compile(r"[;:.!?()\n—–]|\s-\s")
_OTHER: dict[Language, Language] = {"id": "en", "en": "id"}
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?:;\n•]|[-*] |[\"“‘(])\s*$")


MOST_NAME_TRANSLATIONS = 2
"""Translations that the lexicon has of a name at the most, as spellings: Punjab, Punyab."""


@lru_cache(maxsize=4)
def _places(lexicon: Lexicon) -> dict[str, str]:
    """Return the key of the country for each key of a country, its people, or its capital."""
    countries: dict[str, str] = {}
    names = {**{country: country for country in CAPITALS}, **{p: p for p in OTHER_PLACES}}
    names.update({capital: country for country, capital in CAPITALS.items()})
    for name, country in names.items():
        own = [term(name, "en"), term(name, "id")]
        # Turkey is also a bird: of a country's names only the first translation is taken.
        own += [_joined(phrase, "id") for phrase in lexicon.translate((name,), "en")[:1]]
        for key in own:
            countries.setdefault(key, term(country, "en"))
    return countries


@lru_cache(maxsize=8192)
def find_concepts(text: str, language: Language, lexicon: Lexicon) -> tuple[Concept, ...]:
    """Return the concepts of a text in order, without stop words, numbers and dates."""
    spans, folded = find_words(text), words(text)
    phrase_keys = _phrase_keys(folded, language, lexicon)
    places = _places(lexicon)
    facts = [(mention.start, mention.end) for mention in find_dates(text)]
    facts += [(amount.start, amount.end) for amount in find_amounts(text, language)]
    concepts: list[Concept] = []
    clause = part = denied = reach = 0
    led = before_capital = False
    previous_end = 0
    previous_word = ""
    for position, ((start, end), word) in enumerate(zip(spans, folded, strict=True)):
        gap = text[previous_end:start]
        previous_end = end
        before, previous_word = previous_word, word
        # What leads the first word of "in the Paku Alaman palace" leads all of the name.
        led = not re.search(r"[^\s'’\"“-]", gap) and (
            before in PREPOSITIONS or (led and (before in ARTICLES or before_capital))
        )
        before_capital = text[start].isupper()
        following_word = folded[position + 1] if position + 1 < len(folded) else ""
        conjunction = word in CLAUSE_WORDS and following_word != "itu"  # "ketika itu": then
        new_part = _PARTS.search(gap) is not None or conjunction
        if new_part or "," in gap:
            clause, part = clause + 1, part + new_part
            denied = reach = 0
        written = text[start:end]
        if written[:-1].isupper() and written.endswith("s") and word.endswith("s") and word[1:2]:
            word = word[:-1]  # PCs; of "NATO's" the "s" has gone already
        if word == "no" and text[end : end + 2] in (". ", ".\n"):
            continue  # "No. 152" is a number
        if written in ERAS and (len(written) > 1 or before[-1:].isdigit()):
            continue
        if word in SHORT_TITLES and written[0].isupper() and text[end : end + 1] == ".":
            continue
        if word == "no" and _between_capitals(text, spans, position):
            continue  # Minamoto no Ason
        if word in SOFT_NEGATORS or (word in NEGATORS and before in RISING):
            reach = max(reach, 1)
            continue
        if word in NEGATORS and following_word in ONLY:
            continue  # "tidak hanya A, tetapi juga B" denies neither
        if word in NEGATORS or word.endswith(("n't", "n’t")):
            denied = 0 if denied else _NEGATED_WORDS
            reach = _DENIAL_REACH if denied else 0
            continue
        abbreviation = ABBREVIATIONS.get(written)
        if word in MORE_LIGHT or (word in STOP_WORDS[language] and abbreviation is None):
            continue
        if written[0].isdigit() or any(a <= start < b for a, b in facts):
            continue
        keys = {term(word, language)} | phrase_keys[position]
        if abbreviation:
            keys = {term(abbreviation, "en")}
        if written[:1].isupper():  # names are mostly spelled alike in both languages
            keys |= {term(word, "en"), term(word, "id")}
        initial = _OPENS_SENTENCE.search(text[:start]) is not None
        country = next((places[key] for key in sorted(keys) if key in places), "")
        place = written[:1].isupper() and bool(country)
        following = text[spans[position + 1][0]] if position + 1 < len(spans) else ""
        translated = bool(phrase_keys[position])
        alike = _is_alike(word, phrase_keys[position], language, lexicon)
        named = place or (
            written[:1].isupper()
            and len(word) > 1
            and (
                not _COMPOUND.match(text, end)
                and _opens_with_name(word, translated, following, language)
                if initial
                else alike
                or (before in LOCATIVES and gap == " " and word not in POST_WORDS)
                or not (translated or _is_ordinary(word, language))
            )
        )
        weak = word in WEAK_AFTER_NEGATION and not named
        # "tidak punya minat ataupun keinginan" denies both.
        denies_on = before in ALTERNATIVES and bool(concepts) and concepts[-1].negated
        denying = (word, following_word) in DENYING_PHRASES
        negated = (denied > 0 or denies_on) and not weak and not named
        negated |= denying
        in_denial = reach > 0 or denying or _denies_itself(word, phrase_keys[position])
        denied, reach = max(0, denied - negated), max(0, reach - (not weak))
        subject = not led
        if not weak:
            concepts.append(
                Concept(
                    word,
                    start,
                    end,
                    frozenset(keys),
                    named,
                    country if place else "",
                    subject,
                    negated,
                    in_denial,
                    clause,
                    part,
                    written[:1].isupper(),
                    initial,
                    before in LOCATIVES,
                    _opposite(word, language, lexicon),
                    translated,
                    term(word, language),
                )
            )
        if word in DENIALS or denying:
            denied, reach = _NEGATED_WORDS, _DENIAL_REACH
    return tuple(concepts)


def _between_capitals(text: str, spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Tell whether a word stands between two capitalised ones."""
    if not 0 < position < len(spans) - 1:
        return False
    return all(text[spans[p][0]].isupper() for p in (position - 1, position + 1))


def _denies_itself(word: str, keys: set[str]) -> bool:
    """Tell whether a word says what other words say with a "not": unlimited, tidak terbatas."""
    if word.startswith("un") and len(word) > _SHORTEST_DENIAL:
        return True
    return word.startswith("ketidak") or any(
        key[3:].split("_")[0] in NEGATORS or key.startswith("id:ketidak") for key in keys
    )


def _opposite(word: str, language: Language, lexicon: Lexicon) -> frozenset[str]:
    """Return the keys of what an English "un-" denies, none of other words."""
    rest = word.removeprefix("un")
    known = lexicon.translate((rest,), "en") if language == "en" and rest != word else ()
    keys = {_joined(phrase, "id") for phrase in known[:MOST_TRANSLATIONS]}
    return frozenset(keys | {term(rest, "en")}) if keys else frozenset()


def _is_alike(word: str, keys: set[str], language: Language, lexicon: Lexicon) -> bool:
    """Tell whether the lexicon knows a word only as the same word: Punjab, (al-)Qaeda.

    Names have no synonyms; "Islam" has, and so has "Parlemen".
    """
    own = lexicon.translate((word,), language)
    stem = term(word, language)[3:]
    if own:
        return f"{_OTHER[language]}:{stem}" in keys and len(own) <= MOST_NAME_TRANSLATIONS
    other = (key[3:] for key in keys if key.startswith(_OTHER[language]))
    return any(stem in key.split("_") for key in other)


def _is_ordinary(word: str, language: Language) -> bool:
    """Tell whether a word that no lexicon knows is formed as names are not: Regency, Buddhism."""
    return language == "en" and _FORMED.fullmatch(word) is not None


def _opens_with_name(word: str, translated: bool, following: str, language: Language) -> bool:
    """Tell whether the first word of a sentence is a name: no word of the language, it seems."""
    if translated or word in OPENERS or _is_ordinary(word, language):
        return False
    return following.isupper() or not _AFFIXED[language].fullmatch(word)


def _phrase_keys(folded: Sequence[str], language: Language, lexicon: Lexicon) -> list[set[str]]:
    """Return the keys that each word gets from its translations and those of its phrases."""
    other = _OTHER[language]
    keys: list[set[str]] = []
    for word in folded:
        found = lexicon.translate((word,), language)[:MOST_TRANSLATIONS]
        keys.append({_joined(phrase, other) for phrase in found})
    for match in lexicon.match(folded, language):
        if match.end - match.start > 1:
            shared = {_joined(folded[match.start : match.end], language)}
            shared |= {_joined(phrase, other) for phrase in match.translations[:MOST_TRANSLATIONS]}
            for position in range(match.start, match.end):
                keys[position] |= shared
    return keys


def _joined(phrase: Sequence[str], language: Language) -> str:
    if len(phrase) == 1:
        return term(phrase[0], language)
    return f"{language}:" + "_".join(term(word, language)[3:] for word in phrase)


class ConceptSet:
    """What a text speaks of: asks whether a concept of another text is among it."""

    def __init__(self, concepts: Iterable[Concept], capitals: frozenset[str] = frozenset()) -> None:
        self.concepts = tuple(concepts)
        self._capitals = capitals  # with those that look like light words: Yang Pu
        self.keys = frozenset(key for concept in self.concepts for key in concept.keys)
        written = [c for c in self.concepts if c.capital]
        self._names = {c.word for c in written if len(c.word) >= 4}
        self._names |= {one.word + two.word for one, two in pairwise(written)}
        # What opens a sentence may be no name: Carbohydrates, karbohidrat.
        self._words = self._names | {c.word for c in self.concepts if len(c.word) >= _LONG_WORD}

    def holds(self, concept: Concept) -> bool:
        """Tell whether the text speaks of the concept; names in any spelling."""
        if concept.keys & self.keys:
            return True
        if not concept.named:
            return False
        if concept.word in self._capitals:
            return True
        names = self._words if concept.opening else self._names
        if any(same_spelling(concept.word, name) for name in names):
            return True
        # Amir-Abdollahian is Amirabdollahian.
        return len(concept.word) >= _LONG_WORD and any(n.endswith(concept.word) for n in names)

    def holds_pair(self, one: Concept, two: Concept) -> bool:
        """Tell whether two words of a name stand in the text as one: Amir Abdollahian."""
        joined = one.word + two.word
        return any(same_spelling(joined, name) for name in self._names)

    def holds_part(self, concept: Concept) -> bool:
        """Tell whether a name of several words has one that is part of this: Anwaar-ul-, Anwaarul.

        The rest of the name must be held too, which is not looked at here.
        """
        return any(
            min(len(name), len(concept.word)) >= _LONG_PART
            and (concept.word.startswith(name) or name.startswith(concept.word))
            for name in self._names
        )

    def holds_country(self, concept: Concept) -> bool:
        """Tell whether the text speaks of a country by its capital, or the reverse."""
        return any(concept.country == other.country for other in self.concepts)


def missing_names(concepts: Sequence[Concept], evidence: ConceptSet) -> list[Concept]:
    """Return the names that the evidence does not hold."""
    missing: list[Concept] = []
    for position, concept in enumerate(concepts):
        if not concept.named or evidence.holds(concept):
            continue
        neighbours = [
            pair
            for pair in (concepts[position - 1 : position + 1], concepts[position : position + 2])
            if len(pair) == 2 and all(c.named for c in pair)
        ]
        if any(evidence.holds_pair(*pair) for pair in neighbours):
            continue
        if neighbours and evidence.holds_part(concept):
            continue
        if concept.country and not concept.located and evidence.holds_country(concept):
            continue
        missing.append(concept)
    return missing


def folded_text(text: str) -> str:
    """Return a text for verbatim comparison: one form of space and quotation marks, lower case."""
    plain = re.sub(r"[“”„«»\"‘’'`*_]+", "", fold(text))
    plain = re.sub(r"[–—-]+", "-", plain)
    return re.sub(r"\s+", " ", plain).strip(" .!?;,:-")
