"""A question as evidence is sought for it: its ideas, each in the words of both languages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rag.text.lexicon import Lexicon
from rag.text.terms import STOP_WORDS, find_words, term, words
from rag.types import Language, QueryTerm

MOST_TRANSLATIONS = 4
"""Translations of one word that are searched; later ones of an entry are rarer senses."""
ALL_TRANSLATIONS = 1000
MOST_ENGLISH, MOST_SYNONYMS = 2, 4
"""Indonesian words are also looked for by what their English word is otherwise called."""
PHRASE_WEIGHT = 0.2
"""Weight of a translated phrase, for each of its words, beside the words by themselves."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One content word of a question and the phrases of terms that would express it.

    `named` tells a name: written with a capital, and not merely because it comes first.
    `translated` tells that the lexicon knows the word, so that the other language's passages can
    be expected to express it. `position` counts the question's words.
    """

    word: str
    position: int
    named: bool
    translated: bool
    alternatives: tuple[tuple[str, ...], ...]


def find_ideas(
    question: str, language: Language, lexicon: Lexicon, most_translations: int = ALL_TRANSLATIONS
) -> list[Idea]:
    """Return the content words of a question, in order, each with its translations."""
    folded = words(question)
    written = [question[start:end] for start, end in find_words(question)]
    other: Language = "en" if language == "id" else "id"
    ideas: list[Idea] = []
    for position, word in enumerate(folded):
        if word in STOP_WORDS[language]:
            continue
        itself = [(term(word, language),), (term(word, other),)]
        translations = [
            tuple(term(part, other) for part in phrase)
            for phrase in lexicon.translate((word,), language)[:most_translations]
        ]
        capital = written[position][:1].isupper()
        named = capital and (position > 0 or not translations)
        if language == "id" and most_translations == ALL_TRANSLATIONS:
            translations += [
                tuple(term(part, language) for part in phrase)
                for english in lexicon.translate((word,), "id")[:MOST_ENGLISH]
                for phrase in lexicon.translate(english, "en")[:MOST_SYNONYMS]
            ]
        alternatives = tuple(dict.fromkeys(itself + translations))
        ideas.append(Idea(word, position, named, bool(translations), alternatives))
    return ideas


def query_terms(question: str, language: Language, lexicon: Lexicon) -> list[QueryTerm]:
    """Return what the word index is asked for a question, for passages of either language.

    Every idea counts once, by its rarest expression. A phrase of the lexicon ("foreign minister")
    counts a little more beside its words. Names written in several words are also looked up as
    one ("Amir Abdollahian").
    """
    ideas = find_ideas(question, language, lexicon, MOST_TRANSLATIONS)
    terms = [QueryTerm(idea.alternatives) for idea in ideas]
    other: Language = "en" if language == "id" else "id"
    for match in lexicon.match(words(question), language):
        length = match.end - match.start
        if length > 1:
            phrases = match.translations[:MOST_TRANSLATIONS]
            alternatives = tuple(tuple(term(word, other) for word in phrase) for phrase in phrases)
            terms.append(QueryTerm(alternatives, PHRASE_WEIGHT * length))
    for left, right in pairwise(ideas):
        if left.named and right.named:
            joined = left.word + right.word
            terms.append(QueryTerm(((term(joined, "id"),), (term(joined, "en"),))))
    return terms
