"""The answerer that needs no LLM: it quotes the sentences that answer, or says that none does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.answerer import Draft
from rag.answer.citing import CitationList, draft_of_quotes
from rag.answer.evidence import (
    Coverage,
    DocumentTerms,
    TermSet,
    Unit,
    idea_weights,
    units_of,
)
from rag.answer.names import find_names
from rag.answer.question import Question, understand_question
from rag.answer.wording import according_to, nothing_found
from rag.text.dates import find_dates
from rag.text.lexicon import Lexicon
from rag.text.terms import words
from rag.types import Hit, Language, TokenWritten

NAME = "reader"

MOST_QUOTES = 5
"""Sentences quoted at the most when a question asks for several things."""
LEAST_SCORE = 0.6
"""Units that speak of less of the question are no answer."""
READING_WEIGHT = 0.4
"""What the reader's certainty that its answer stands in a unit adds to the unit's rank."""
HIT_WEIGHT = 0.6
"""What the search's score of a passage adds to its units' rank."""
LEAST_CERTAINTY = 0.35
"""If the reader is less certain of every passage than this, there is no answer."""
SURE_READING = 0.6
"""A unit answers where the reader is so certain of an answer in it, whatever else is missing,"""
LEAST_SURE_SCORE = 0.3
"""if it speaks of at least this much of the question."""
NEARLY_BEST = 0.8
"""Share of the highest score that a further quote needs when several are asked for."""
MOST_MISSING = 0.45
"""Share of the question's weight that may be absent from the whole document."""
MOST_SUBJECT_MISSING = 0.55
"""The same of what is asked about the names: a wife whom no article mentions is not found."""

_NUMBER = re.compile(
    r"\d|\b(?:nol|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|\w+ belas"
    r"|\w+ puluh|se?ratus|seribu|ratusan|ribuan|puluhan|setengah|juta|miliar|triliun"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|dozens?)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:1[0-9]|20)\d\d\b|\b(?:senin|selasa|rabu|kamis|jumat|sabtu|minggu|kemarin|lusa|pagi|malam"
    r"|abad|tahun|bulan|pekan|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday"
    r"|year|month|week|century)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:karena|sebab|akibat|lantaran|agar|supaya|untuk|demi|guna|sehingga|because|since|due to"
    r"|in order to|so that|after|setelah|menyusul|after)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with what speaks for it: `score`, in 0..1, tells if it answers, `rank` how well."""

    unit: Unit
    score: float
    rank: float
    reading: float
    coverage: Coverage


class QuotingAnswerer:
    """Answers by quoting; the same question over the same hits gives the same answer."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    @property
    def name(self) -> str:
        """Return the name that answers show."""
        return NAME

    @property
    def reason(self) -> str:
        """Return why answers are quotes."""
        return "RAG_ANSWERER asks for quotes"

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def answer(
        self,
        question: str,
        language: Language,
        hits: Sequence[Hit],
        wishes: str = "",  # noqa: ARG002 - quotes read as they were written
    ) -> Iterator[TokenWritten | Draft]:
        """Yield the quotes one by one, then the draft."""
        asked = understand_question(question, language, self._lexicon)
        chosen = choose_units(asked, hits)
        if not chosen:
            text = nothing_found(language)
            yield TokenWritten(text)
            yield Draft(text)
            return
        draft = _quote(asked, chosen)
        for number, line in enumerate(draft.text.split("\n")):
            yield TokenWritten(line if number == 0 else f"\n{line}")
        yield draft


def choose_units(question: Question, hits: Sequence[Hit]) -> list[Unit]:
    """Return the units that answer, best document first, in reading order; empty to abstain."""
    certainty = max((hit.has_answer for hit in hits if hit.has_answer is not None), default=1.0)
    ranked = rank_units(question, hits)
    if not ranked or not _answers(ranked[0], certainty):
        return []
    best = ranked[0]
    if not question.wants_several:
        return [best.unit]
    chosen = [best]
    told = set(new_names(best.unit.text, question))
    others = [scored for scored in ranked[1:] if _answers(scored, certainty)]
    bar = NEARLY_BEST * max(scored.score for scored in (best, *others))
    for other in others:
        if len(chosen) == MOST_QUOTES:
            break
        news = set(new_names(other.unit.text, question)) - told
        if news and other.score >= bar and not any(_repeats(other.unit, c.unit) for c in chosen):
            chosen.append(other)
            told |= news
    order = {hit.document.id: rank for rank, hit in reversed(list(enumerate(hits)))}
    units = [scored.unit for scored in chosen]
    return sorted(units, key=lambda unit: (order[unit.hit.document.id], unit.start))


def rank_units(question: Question, hits: Sequence[Hit]) -> list[Scored]:
    """Return every unit of the hits with its score, best first."""
    by_hit = [(hit, units_of(hit)) for hit in hits]
    texts = [TermSet.of(hit.passage.text, hit.passage.language) for hit in hits]
    weights = idea_weights(question, texts)
    documents: dict[str, DocumentTerms] = {}
    scored: list[Scored] = []
    for hit, units in by_hit:
        terms = documents.get(hit.document.id)
        if terms is None:
            terms = documents[hit.document.id] = DocumentTerms(hit)
        for position, unit in enumerate(units):
            leading = units[max(0, position - 2) : position]
            coverage = terms.cover(question, unit, leading, weights)
            score = _score(question, unit, coverage, terms.places)
            reading = _reading(unit)
            rank = score + HIT_WEIGHT * hit.score + READING_WEIGHT * reading
            scored.append(Scored(unit, score, rank, reading, coverage))
    scored.sort(key=lambda s: (-s.rank, s.unit.hit.document.id, s.unit.start))
    return scored


def _score(question: Question, unit: Unit, coverage: Coverage, places: frozenset[str]) -> float:
    score = 0.6 * coverage.near + 0.4 * coverage.inside
    if not _has_expected_type(question, unit.text, places):
        score *= 0.6
    if unit.is_heading:
        score *= 0.8 * (not question.wants_several)  # a headline names what the text tells
    return score


def _reading(unit: Unit) -> float:
    """Return how sure the reader is that its answer stands in the unit, in 0..1."""
    hit = unit.hit
    if hit.has_answer is None or hit.answer_start is None or unit.is_heading:
        return 0.0  # the text tells more than its headline
    return hit.has_answer if unit.start <= hit.answer_start < unit.end else 0.0


def _answers(scored: Scored, certainty: float) -> bool:
    """Tell whether a unit answers: by the words it shares with the question, or by the reader.

    `certainty` is the reader's of the passage that it is surest of.
    """
    coverage = scored.coverage
    if coverage.missing_names:
        return False
    if scored.reading >= SURE_READING and scored.score >= LEAST_SURE_SCORE:
        return True
    return (
        certainty >= LEAST_CERTAINTY
        and scored.score >= LEAST_SCORE
        and coverage.missing_weight <= MOST_MISSING
        and coverage.missing_subject <= MOST_SUBJECT_MISSING
    )


def new_names(text: str, question: Question) -> list[str]:
    """Return the names in a text that the question does not hold, as folded text."""
    asked = set(words(question.text))
    return [
        " ".join(name.words)
        for name in find_names(text)
        if name.certain and not all(word in asked for word in name.words)
    ]


def _has_expected_type(question: Question, text: str, places: frozenset[str]) -> bool:
    match question.kind:
        case "who":
            return any(name.split()[0] not in places for name in new_names(text, question))
        case "when":
            return bool(find_dates(text)) or _TIME.search(text) is not None
        case "number":
            asked = set(words(question.text))
            return any(m.group().lower() not in asked for m in _NUMBER.finditer(text))
        case "where":
            return bool(new_names(text, question))
        case "reason":
            return _REASON.search(text) is not None
        case _:
            return True


def _repeats(one: Unit, other: Unit) -> bool:
    """Tell whether two units say the same in mostly the same words."""
    left, right = set(words(one.text)), set(words(other.text))
    return len(left & right) >= 0.7 * min(len(left), len(right))


def _quote(question: Question, units: Sequence[Unit]) -> Draft:
    cited = CitationList()
    sentences: list[tuple[str, list[int]]] = []
    last_document = ""
    for unit in units:
        document = unit.hit.document
        number = cited.cite(document, unit.start, unit.end, _highlights(unit))
        quote = f"“{unit.text}”"
        if document.id != last_document:
            quote = f"{according_to(document, question.language)} {quote}"
        last_document = document.id
        sentences.append((quote, [number]))
    return draft_of_quotes(sentences, cited)


def _highlights(unit: Unit) -> list[tuple[int, int]]:
    hit = unit.hit
    if hit.answer_start is None or hit.answer_end is None:
        return []
    if unit.start <= hit.answer_start < hit.answer_end <= unit.end:
        return [(hit.answer_start, hit.answer_end)]
    return []
