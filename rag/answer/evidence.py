"""The sentences that could answer, and how much of the question each of them speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answer.names import places_in
from rag.answer.question import Question
from rag.text.lines import ends_sentence, is_bullet
from rag.text.query import Idea
from rag.text.sentences import split_sentences
from rag.text.terms import analyse, term, untagged, words
from rag.types import Hit, Language

_MOST_LIST_CHARACTERS = 900
_PRONOUN = re.compile(r"^(?:[“\"]?(?:Ia|Dia|Beliau|Mereka|Keduanya|He|She|They|Both)\b)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a sentence with the list it introduces, [start, end) of a document's text."""

    hit: Hit
    start: int
    end: int
    is_heading: bool

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.hit.document.text[self.start : self.end]


def units_of(hit: Hit) -> list[Unit]:
    """Return the quotable units of a hit's passage, in order."""
    text, offset = hit.passage.text, hit.passage.start
    spans = split_sentences(text)
    units: list[Unit] = []
    position = 0
    while position < len(spans):
        start, end = spans[position]
        after = position + 1
        if text[start:end].endswith(":"):
            while after < len(spans) and _is_list_item(text[slice(*spans[after])]):
                if spans[after][1] - start > _MOST_LIST_CHARACTERS:
                    break
                end = spans[after][1]
                after += 1
        units.append(Unit(hit, offset + start, offset + end, _is_heading(text[start:end])))
        position = after
    return units


def _is_list_item(text: str) -> bool:
    return is_bullet(text) or not ends_sentence(text)


def _is_heading(text: str) -> bool:
    return not ends_sentence(text) and not is_bullet(text) and "\n" not in text


@dataclass(frozen=True, slots=True)
class TermSet:
    """The terms of a text for looking up ideas: single terms, pairs, and words joined in pairs."""

    terms: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str, language: Language) -> TermSet:
        """Return the terms of a text."""
        found, folded = analyse(text, language), words(text)
        joined = {term(a + b, language) for a, b in pairwise(folded)}
        pairs = frozenset(pairwise(found))
        return cls(frozenset(found) | joined, pairs, frozenset(folded))

    def holds(self, idea: Idea) -> bool:
        """Tell whether the text expresses an idea: in either language, names in any spelling."""
        for phrase in idea.alternatives:
            if len(phrase) == 1:
                if phrase[0] in self.terms:
                    return True
            elif all(pair in self.pairs for pair in pairwise(phrase)):
                return True
        # Names and words that the lexicon does not know may be spelt otherwise: Teheran, separatis.
        if not idea.named and idea.translated:
            return False
        spellings = {idea.word}
        if idea.named:
            spellings |= {untagged(phrase[0]) for phrase in idea.alternatives if len(phrase) == 1}
        return any(_same_word(own, word) for own in spellings for word in self.words)


_ADJECTIVE_ENDINGS = frozenset({"i", "n", "an", "ian", "ans", "ians", "ese", "is", "s", "nya"})


def _same_word(one: str, other: str) -> bool:
    """Tell whether two folded words are spellings of one, or a country and its adjective."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4 or shorter[0] != longer[0]:
        return False
    if longer.startswith(shorter):
        ending = longer[len(shorter) :]
        if ending in _ADJECTIVE_ENDINGS or (len(shorter) > 4 and len(ending) <= 2):
            return True  # Iranians, Turkiye
    most = len(shorter) // 6 + (len(shorter) == 5)
    return most > 0 and edit_distance(one, other, most) <= most


def edit_distance(one: str, other: str, most: int) -> int:
    """Return the Levenshtein distance, or `most` + 1 as soon as it is known to be greater."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    previous = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        current = [i]
        for j, right in enumerate(other, start=1):
            cost = previous[j - 1] + (left != right)
            current.append(min(cost, previous[j] + 1, current[-1] + 1))
        if min(current) > most:
            return most + 1
        previous = current
    return previous[-1]


IN_UNIT, IN_NEIGHBOUR, IN_PASSAGE, IN_DOCUMENT = 1.0, 0.75, 0.5, 0.25
"""What an idea counts for, by how near to the sentence it is expressed."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question a unit and its surroundings speak of; each in 0..1.

    `near` is the weighted share of ideas, less for those farther away; `inside` counts only the
    unit itself; `missing_names` are names of the question that the whole document lacks, and
    `missing_subject` is the share that it lacks of the ideas that are neither names nor saying.
    """

    near: float
    inside: float
    missing_names: int
    missing_weight: float
    missing_subject: float


class DocumentTerms:
    """The terms of one document and of the units in it, made once for a question."""

    def __init__(self, hit: Hit) -> None:
        document = hit.document
        self._language: Language = document.language
        self._whole = TermSet.of(f"{document.title}\n{document.text}", document.language)
        self._title = TermSet.of(document.title, document.language)
        self._passages: dict[str, TermSet] = {}
        self.places = places_in(document.text)

    def cover(
        self,
        question: Question,
        unit: Unit,
        before: Sequence[Unit],
        weights: Sequence[float],
    ) -> Coverage:
        """Measure one unit; `before` are the units leading to it, `weights` those of the ideas."""
        own = TermSet.of(unit.text, self._language)
        leading = TermSet.of("\n".join(u.text for u in before), self._language)
        short = self._named_in_short(question, own)
        if _PRONOUN.search(unit.text):
            # "Ia juga menemui ..." speaks of whom the sentence before names.
            short |= self._named_in_short(question, leading)
            short |= {idea for idea in question.ideas if idea.named and leading.holds(idea)}
        passage = self._passage(unit.hit)
        near = inside = missing = 0.0
        lacking: set[Idea] = set()
        subject = missing_subject = 0.0
        for idea, weight in zip(question.ideas, weights, strict=True):
            # A word that the lexicon does not know may well be there in the other language.
            can_tell = idea.translated or question.language == self._language
            is_subject = can_tell and not idea.named and idea.word not in _SAYING
            subject += weight * is_subject
            if idea in short or own.holds(idea):
                near += weight * IN_UNIT
                inside += weight
            elif leading.holds(idea):
                near += weight * IN_NEIGHBOUR
            elif passage.holds(idea) or self._title.holds(idea):
                near += weight * IN_PASSAGE
            elif self._whole.holds(idea):
                near += weight * IN_DOCUMENT
            else:
                missing += weight
                if idea.named:
                    lacking.add(idea)
                missing_subject += weight * is_subject
        total = sum(weights) or 1.0
        return Coverage(
            near / total,
            inside / total,
            _missing_names(question, lacking),
            missing / total,
            missing_subject / (subject or 1.0),
        )

    def _named_in_short(self, question: Question, own: TermSet) -> set[Idea]:
        """Return the ideas of names that the unit holds a part of, and the document the whole.

        Reports give a full name once and then the surname alone.
        """
        return {
            idea
            for name in names_of(question.ideas)
            if len(name) > 1 and any(own.holds(part) for part in name)
            if all(self._whole.holds(part) for part in name)
            for idea in name
        }

    def _passage(self, hit: Hit) -> TermSet:
        found = self._passages.get(hit.passage.id)
        if found is None:
            found = self._passages[hit.passage.id] = TermSet.of(hit.passage.text, self._language)
        return found


def _missing_names(question: Question, lacking: set[Idea]) -> int:
    """Return how many words of names are missing; not those of long names that are mostly there.

    "West Pasaman Regency" may be "Kabupaten Pasaman Barat", and a "Regency" that nobody knows.
    """
    missing = 0
    for name in names_of(question.ideas):
        absent = sum(part in lacking for part in name)
        if len(name) < LONG_NAME or absent > MOST_ABSENT * len(name):
            missing += absent
    return missing


LONG_NAME, MOST_ABSENT = 3, 1 / 3
"""Words of a long name, and the share of them that may be absent."""


def names_of(ideas: Sequence[Idea]) -> list[tuple[Idea, ...]]:
    """Return the names among ideas; capitalised words side by side are one name."""
    names: list[tuple[Idea, ...]] = []
    for idea in ideas:
        if not idea.named:
            continue
        if names and names[-1][-1].position == idea.position - 1:
            names[-1] = (*names[-1], idea)
        else:
            names.append((idea,))
    return names


def idea_weights(question: Question, texts: Iterable[TermSet]) -> list[float]:
    """Return a weight for each idea: rarer among the candidates weighs more, names and numbers too.

    Verbs of saying weigh little: reports speak of them everywhere. So do words that the lexicon
    does not know: their absence tells nothing.
    """
    sets = list(texts)
    weights: list[float] = []
    for idea in question.ideas:
        held = sum(terms.holds(idea) for terms in sets)
        rarity = 1.0 - 0.6 * held / max(len(sets), 1)
        if idea.word in _SAYING:
            weights.append(SAYING_WEIGHT)
        elif idea.named:
            weights.append(NAME_WEIGHT * rarity)
        else:
            weights.append(rarity * (1.0 if idea.translated or held else UNKNOWN_WEIGHT))
    return weights


SAYING_WEIGHT, NAME_WEIGHT, UNKNOWN_WEIGHT = 0.3, 1.6, 0.4
_SAYING = frozenset(
    """say says said tell told call calls called according mention mentioned state stated cite cited
    report reported article articles describe described kata mengatakan katakan menyebut disebut
    sebut menurut ujar menyatakan artikel berita disebutkan name nama dikatakan dianggap consider
    considered""".split()
)
