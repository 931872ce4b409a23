"""What the check compares: the claim of a sentence, and the evidence of a cited passage."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rag.answer.affiliations import affiliations
from rag.answer.concepts import Concept, ConceptSet, find_concepts
from rag.answer.subjects import acts, speaks_on
from rag.answer.titles import Holder, holders
from rag.answer.word_lists import POST_WORDS
from rag.models.encoder import Encoder, FloatArray
from rag.text.dates import DateMention
from rag.text.facts import Amount, find_amounts, find_days, find_relative_days
from rag.text.lexicon import Lexicon
from rag.text.lines import is_bullet
from rag.text.sentences import split_sentences
from rag.text.terms import find_words, fold
from rag.types import Document, Language

REACH = 20_000
"""Characters on both sides of a passage that are read for which country a person belongs to."""


SENTENCES_BEFORE = 2
"""Sentences before a passage whose names its pronouns may stand for."""
MOST_SENTENCES_BEFORE = 6
"""The same where these sentences have pronouns for whom they speak of themselves."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer with its facts."""

    text: str
    language: Language
    concepts: tuple[Concept, ...]
    amounts: tuple[Amount, ...]
    days: tuple[DateMention, ...]


def read_claim(text: str, language: Language, lexicon: Lexicon) -> Claim:
    """Return the claim of a sentence; markdown emphasis is no part of it."""
    plain = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text).strip()
    return Claim(
        plain,
        language,
        find_concepts(plain, language, lexicon),
        find_amounts(plain, language),
        find_days(plain, None),
    )


def without_count(claim: Claim, count: int) -> Claim:
    """Return the claim without the number that counts the items of the list it introduces."""
    return replace(claim, amounts=tuple(a for a in claim.amounts if count not in a.values))


def joined(introduction: Claim, item: Claim) -> Claim:
    """Return what a list's introduction claims of one item."""
    shift = len(introduction.text) + 1
    moved = tuple(
        replace(c, start=c.start + shift, end=c.end + shift, clause=c.clause + 1, part=c.part + 1)
        for c in item.concepts
    )
    return Claim(
        f"{introduction.text} {item.text}",
        introduction.language,
        introduction.concepts + moved,
        introduction.amounts + item.amounts,
        introduction.days + item.days,
    )


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """One sentence of a document, [start, end) of its text."""

    start: int
    end: int
    text: str
    concepts: tuple[Concept, ...]


def _goes_further_back(sentence: EvidenceSentence) -> bool:
    """Tell whether a sentence speaks of a person whom one before it names."""
    people = [c for c in sentence.concepts if acts(c) and not c.country]
    return not people and speaks_on(sentence.text)


class Evidence:
    """A cited passage of a document, read once for all sentences that cite it."""

    def __init__(self, document: Document, start: int, end: int, lexicon: Lexicon) -> None:
        self.document = document
        self.start, self.end = start, end
        self._lexicon = lexicon
        self._vectors: FloatArray | None = None
        self.text = document.text[start:end]
        self.sentences = tuple(
            EvidenceSentence(start + a, start + b, self.text[a:b], self._concepts(self.text[a:b]))
            for a, b in split_sentences(self.text)
        )

    def _concepts(self, text: str) -> tuple[Concept, ...]:
        return find_concepts(text, self.document.language, self._lexicon)

    @cached_property
    def whole(self) -> ConceptSet:
        """Return the concepts of the passage."""
        return ConceptSet(c for sentence in self.sentences for c in sentence.concepts)

    @cached_property
    def before(self) -> EvidenceSentence | None:
        """Return the sentence of the document that leads to the passage."""
        return self._earlier[-1] if self._earlier else None

    @cached_property
    def _earlier(self) -> list[EvidenceSentence]:
        """Return the last sentences before the passage."""
        offset = max(0, self.start - REACH // 10)
        found: list[EvidenceSentence] = []
        for a, b in reversed(split_sentences(self.document.text[offset : self.start])):
            if len(found) >= SENTENCES_BEFORE and not _goes_further_back(found[0]):
                break
            text = self.document.text[offset + a : offset + b]
            found.insert(0, EvidenceSentence(offset + a, offset + b, text, self._concepts(text)))
            if len(found) == MOST_SENTENCES_BEFORE:
                break
        return found

    @cached_property
    def title(self) -> ConceptSet:
        """Return the concepts of the document's title."""
        return ConceptSet(self._concepts(self.document.title))

    @cached_property
    def names(self) -> ConceptSet:
        """Return all concepts that may hold a name: passage, title, the sentences before.

        Of the people there, the document tells the whole name and the country elsewhere.
        """
        before = [concept for sentence in self._earlier for concept in sentence.concepts]
        near = ConceptSet([*self.whole.concepts, *self.title.concepts, *before])
        full = [name for names in self._full_names for name in names if near.holds(names[-1])]
        homes = [place for person, place in self.affiliations if near.holds(person)]
        texts = [self.text, self.document.title, *(sentence.text for sentence in self._earlier)]
        capitals = frozenset(
            fold(text[a:b]) for text in texts for a, b in find_words(text) if text[a].isupper()
        )
        return ConceptSet([*near.concepts, *full, *homes], capitals)

    @cached_property
    def _full_names(self) -> list[list[Concept]]:
        """Return the words of each person's name in the document; a passage may give the last."""
        found: list[list[Concept]] = []
        for text, concepts in self._surroundings:
            for name in concepts:
                # Of "Asif Ali Zardari" the lexicon may know a part as a word.
                if not name.capital or name.country or name.word in POST_WORDS:
                    continue
                last = found[-1][-1] if found else None
                if last in concepts and last and text[last.end : name.start] in (" ", "-"):
                    found[-1].append(name)
                else:
                    found.append([name])
        return [names for names in found if len(names) > 1 and names[-1].named]

    def leading(self, first: EvidenceSentence) -> EvidenceSentence | None:
        """Return the sentence before one of the passage's."""
        if first not in self.sentences:
            return None
        index = self.sentences.index(first)
        return self.sentences[index - 1] if index else self.before

    def span_vectors(self, most: int, encoder: Encoder) -> FloatArray:
        """Return the vectors of `spans(most)`, shape (spans, dimensions), made once."""
        if self._vectors is None:
            texts = [self.document.text[span[0].start : span[-1].end] for span in self.spans(most)]
            self._vectors = encoder.encode_passages(texts)
        return self._vectors

    def spans(self, most: int) -> list[tuple[EvidenceSentence, ...]]:
        """Return what may be quoted: runs of at most `most` sentences, and lists with what leads.

        Shorter ones come first.
        """
        found = [
            self.sentences[first : first + length]
            for length in range(1, most + 1)
            for first in range(len(self.sentences) - length + 1)
        ]
        for first, sentence in enumerate(self.sentences):
            last = first + 1
            if sentence.text.endswith(":"):
                while last < len(self.sentences) and is_bullet(self.sentences[last].text):
                    last += 1
            if last - first > most:
                found.append(self.sentences[first:last])
        return found

    @cached_property
    def affiliations(self) -> list[tuple[Concept, Concept]]:
        """Return which country each person of the document belongs to."""
        return [
            pair for text, concepts in self._surroundings for pair in affiliations(concepts, text)
        ]

    @cached_property
    def _surroundings(self) -> list[tuple[str, tuple[Concept, ...]]]:
        near = self.document.text[max(0, self.start - REACH) : self.end + REACH]
        text = f"{self.document.title}.\n{near}"
        return [(text[a:b], self._concepts(text[a:b])) for a, b in split_sentences(text)]

    @property
    def language(self) -> Language:
        """Return the language of the document."""
        return self.document.language

    @cached_property
    def holders(self) -> list[Holder]:
        """Return who holds which post, as far as the document tells."""
        return [
            holder for text, concepts in self._surroundings for holder in holders(text, concepts)
        ]

    @cached_property
    def amounts(self) -> list[Amount]:
        """Return the numbers of the passage and its title, and what "both" implies."""
        text = f"{self.document.title}\n{self.text}"
        found = list(find_amounts(text, self.document.language))
        for match in _IMPLIED.finditer(text):
            value = float(_IMPLIED_VALUES[match.group().lower()])
            found.append(Amount(frozenset({value}), *match.span(), spelled=True))
        return found

    @cached_property
    def days(self) -> list[DateMention]:
        """Return the dates of the passage and title, and the day of publication."""
        published: date | None = self.document.published
        days = list(find_days(f"{self.document.title}\n{self.text}", published))
        if published:  # a weekday alone must stand in the text
            days += find_relative_days(self.text, published)
            days.append(DateMention(0, 0, published.year, published.month, published.day))
        return days


_IMPLIED_VALUES = {
    "kedua": 2,
    "keduanya": 2,
    "both": 2,
    "pair": 2,
    "masing-masing": 2,
    "ketiga": 3,
    "ketiganya": 3,
    "keempat": 4,
    "sejoli": 2,
}
_IMPLIED = re.compile(
    rf"\b(?:{'|'.join(sorted(_IMPLIED_VALUES, key=len, reverse=True))})\b", re.IGNORECASE
)
