"""The bilingual lexicon: what an English word may be called in Indonesian, and the reverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from operator import itemgetter

from rag.text.terms import stem, words
from rag.types import Language

LONGEST_PHRASE = 4
"""Phrases of the lexicon are looked up to this many words."""


@dataclass(frozen=True, slots=True)
class Match:
    """Words [start, end) of a question and the phrases that translate them, commonest first."""

    start: int
    end: int
    translations: tuple[tuple[str, ...], ...]


class Lexicon:
    """Phrase to phrases in both directions; a word not found as written is found by its stem."""

    def __init__(self, entries: Sequence[tuple[str, Sequence[str]]]) -> None:
        self._by_words: dict[Language, dict[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
            "en": {},
            "id": {},
        }
        reverse: dict[tuple[str, ...], list[tuple[int, tuple[str, ...]]]] = {}
        for english, equivalents in entries:
            source = tuple(words(english))
            targets = tuple(t for t in (tuple(words(e)) for e in equivalents) if t)
            if not source or not targets:
                continue
            self._by_words["en"][source] = targets
            for rank, target in enumerate(targets):
                reverse.setdefault(target, []).append((rank, source))
        # Of the English words for an Indonesian one, first those that it is the common sense of.
        self._by_words["id"] = {
            target: tuple(source for _, source in sorted(sources, key=itemgetter(0)))
            for target, sources in reverse.items()
        }
        self._by_stems: dict[Language, dict[str, tuple[tuple[str, ...], ...]]] = {
            language: _index_by_stem(table, language) for language, table in self._by_words.items()
        }

    def translate(self, phrase: Sequence[str], language: Language) -> tuple[tuple[str, ...], ...]:
        """Return the translations of a phrase of folded words, empty if there is none."""
        found = self._by_words[language].get(tuple(phrase))
        if found is None and len(phrase) == 1:
            found = self._by_stems[language].get(stem(phrase[0], language))
        return found or ()

    def match(self, question: Sequence[str], language: Language) -> list[Match]:
        """Return the longest phrases of a question that the lexicon knows, left to right."""
        matches: list[Match] = []
        position = 0
        while position < len(question):
            step = 1
            for length in range(min(LONGEST_PHRASE, len(question) - position), 0, -1):
                found = self.translate(question[position : position + length], language)
                if found:
                    matches.append(Match(position, position + length, found))
                    step = length
                    break
            position += step
        return matches


def _index_by_stem(
    table: dict[tuple[str, ...], tuple[tuple[str, ...], ...]], language: Language
) -> dict[str, tuple[tuple[str, ...], ...]]:
    merged: dict[str, dict[tuple[str, ...], None]] = {}
    for phrase, translations in table.items():
        if len(phrase) == 1:
            merged.setdefault(stem(phrase[0], language), {}).update(dict.fromkeys(translations))
    return {key: tuple(values) for key, values in merged.items()}


@lru_cache(maxsize=1)
def bundled_lexicon() -> Lexicon:
    """Return the lexicon that comes with the program (10,000 English entries), loaded once."""
    entries: list[tuple[str, Sequence[str]]] = []
    table = files("rag.text").joinpath("lexicon_en_id.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        english, _, equivalents = line.partition("\t")
        entries.append((english, equivalents.split("|")))
    return Lexicon(entries)
