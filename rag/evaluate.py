"""Questions with known answers, and how well the answers that a person would get meet them.

The scoring is pure; `score_questions` alone asks. docs/evaluation.md says what each measure means.
"""

from __future__ import annotations

import json
import math
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from rag.errors import InvalidDocumentError
from rag.types import Answer, Citation, Document, Language

NEAR_CHARACTERS = 200
"""A quote at most this far from the evidence stands next to it: a sentence of news, roughly."""

_MARKER = re.compile(r"\[(\d+)\]")
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question with what a right answer holds.

    A right answer holds one alternative of each group of `keys`; `evidence` are words of the
    articles that it may rest on. `documents` and `kind` are for people who read the file.
    """

    id: str
    question: str
    answerable: bool
    language: Language | None = None
    keys: tuple[tuple[str, ...], ...] = ()
    documents: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    kind: str = "fact"


@dataclass(frozen=True, slots=True)
class CitationScore:
    """Whether a citation's quote stands at its offsets, and whether evidence is in or by it."""

    document_id: str
    number: int
    holds: bool
    near_evidence: bool

    @property
    def right(self) -> bool:
        """Tell whether the citation can be checked and shows what the question is about."""
        return self.holds and self.near_evidence


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """How one answer did; `missing_keys` are the groups of which no alternative was found."""

    id: str
    language: Language | None
    kind: str
    answerable: bool
    abstained: bool
    keys: int
    missing_keys: tuple[tuple[str, ...], ...]
    citations: tuple[CitationScore, ...]
    violations: tuple[str, ...]
    sentences: int
    milliseconds: float

    @property
    def keys_found(self) -> int:
        """Return how many key groups the answer holds."""
        return self.keys - len(self.missing_keys)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        """Return the share, 0 to 1, or None of nothing."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Measures:
    """Sums over questions; keys and citations count answerable questions only, quotes count all."""

    questions: int
    keys: Share
    citations: Share
    quotes: Share
    right_abstentions: Share
    false_abstentions: Share
    violations: int
    sentences_per_answer: float | None
    milliseconds_p50: float | None
    milliseconds_p95: float | None


_QUESTION = TypeAdapter(KnownQuestion)


def read_questions(path: Path) -> tuple[KnownQuestion, ...]:
    """Return the questions of a JSON Lines file. Raises InvalidDocumentError naming the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidDocumentError(f"cannot read the questions in {path}: {reason}") from error
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    questions: dict[str, KnownQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _checked(line)
        except ValueError as error:
            raise InvalidDocumentError(f"{path}:{number}: {error}") from error
        if question.id in questions:
            raise InvalidDocumentError(f"{path}:{number}: a second question {question.id!r}")
        questions[question.id] = question
    if not questions:
        raise InvalidDocumentError(f"{path} holds no questions; write one JSON object a line")
    return tuple(questions.values())


def _checked(line: str) -> KnownQuestion:
    try:
        question = _QUESTION.validate_json(line, strict=True)
    except ValidationError as error:
        problems = (
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}".removeprefix(": ")
            for item in error.errors(include_url=False)
        )
        raise ValueError("; ".join(problems)) from error
    if not question.question.strip():
        raise ValueError("question: it is empty")
    if question.answerable and not question.keys:
        raise ValueError("keys: an answerable question needs what a right answer holds")
    if any(not group or not all(map(_folded, group)) for group in question.keys):
        raise ValueError("keys: a group without words; each group lists its alternatives")
    if any(not part.strip() for part in question.evidence):
        raise ValueError("evidence: an empty text")
    return question


def score_questions(
    questions: Sequence[KnownQuestion],
    ask: Callable[[str], Answer],
    document: Callable[[str], Document],
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[QuestionScore]:
    """Ask each question in turn and yield its score; `clock` tells seconds."""
    for question in questions:
        started = clock()
        answer = ask(question.question)
        milliseconds = (clock() - started) * 1000
        ids = {citation.document_id for citation in answer.citations}
        texts = {document_id: document(document_id).text for document_id in sorted(ids)}
        yield score_answer(question, answer, texts, milliseconds)


def score_answer(
    question: KnownQuestion, answer: Answer, texts: dict[str, str], milliseconds: float
) -> QuestionScore:
    """Return the score of an answer; `texts` holds the text of every cited document by its id."""
    return QuestionScore(
        id=question.id,
        language=question.language,
        kind=question.kind,
        answerable=question.answerable,
        abstained=answer.abstained,
        keys=len(question.keys),
        missing_keys=missing_keys(question.keys, answer.answer),
        citations=tuple(
            CitationScore(
                citation.document_id,
                citation.number,
                quote_holds(citation, texts[citation.document_id]),
                near_evidence(citation, texts[citation.document_id], question.evidence),
            )
            for citation in answer.citations
        ),
        violations=citation_violations(answer, texts),
        sentences=len(answer.sentences),
        milliseconds=milliseconds,
    )


def missing_keys(keys: Sequence[tuple[str, ...]], text: str) -> tuple[tuple[str, ...], ...]:
    """Return the groups of which no alternative stands in the text as whole words.

    Case, accents and the shape of quotation marks and dashes do not count.
    """
    # The marks of citations are no part of what is said: "[10]" does not answer "how many?".
    folded = _folded(_MARKER.sub(" ", text))
    return tuple(
        group
        for group in keys
        if not any(re.search(rf"(?<!\w){re.escape(_folded(key))}(?!\w)", folded) for key in group)
    )


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN).casefold())
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


def quote_holds(citation: Citation, text: str) -> bool:
    """Tell whether the quote is exactly what stands at its offsets."""
    inside = 0 <= citation.start < citation.end <= len(text)
    return inside and text[citation.start : citation.end] == citation.quote


def near_evidence(citation: Citation, text: str, evidence: Sequence[str]) -> bool:
    """Tell whether some evidence lies in the quote or at most NEAR_CHARACTERS from it.

    Cleaning may join lines, so any white space of the evidence matches any of the text.
    """
    return any(
        max(match.start() - citation.end, citation.start - match.end()) <= NEAR_CHARACTERS
        for part in evidence
        for match in re.finditer(r"\s+".join(map(re.escape, part.split())), text, re.IGNORECASE)
    )


def citation_violations(answer: Answer, texts: dict[str, str]) -> tuple[str, ...]:
    """Return what breaks the promise of every answer, in words, or nothing.

    Quotes stand at their offsets; numbers are 1..n in order of first use, in the sentences and in
    the text; what is quoted or supported cites something. `texts` is as in `score_answer`.
    """
    numbers = [citation.number for citation in answer.citations]
    in_sentences = [number for sentence in answer.sentences for number in sentence.citations]
    found = [
        f"citation {citation.number}: the quote is not at its offsets"
        for citation in answer.citations
        if not quote_holds(citation, texts[citation.document_id])
    ]
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"citations are numbered {numbers}")
    for uses, where in ((in_sentences, "sentences"), (_markers(answer), "text")):
        if (order := list(dict.fromkeys(uses))) != numbers:
            found.append(f"the {where} first use citations in the order {order}, not {numbers}")
    found.extend(
        f"sentence {position} is {sentence.support} but cites nothing"
        for position, sentence in enumerate(answer.sentences, start=1)
        if sentence.support in ("quoted", "supported") and not sentence.citations
    )
    return tuple(found)


def _markers(answer: Answer) -> list[int]:
    text = answer.answer
    for citation in answer.citations:
        # An article may hold "[3]" itself; such a quote's marks are its own, not the answer's.
        if _MARKER.search(citation.quote):
            text = text.replace(citation.quote, "")
    return [int(number) for number in _MARKER.findall(text)]


def summarize(scores: Sequence[QuestionScore]) -> Measures:
    """Return the measures over the scores."""
    answerable = [score for score in scores if score.answerable]
    others = [score for score in scores if not score.answerable]
    cited = [citation for score in answerable for citation in score.citations]
    quotes = [citation for score in scores for citation in score.citations]
    answered = [score.sentences for score in scores if not score.abstained]
    times = sorted(score.milliseconds for score in scores)
    return Measures(
        questions=len(scores),
        keys=Share(sum(s.keys_found for s in answerable), sum(s.keys for s in answerable)),
        citations=Share(sum(citation.right for citation in cited), len(cited)),
        quotes=Share(sum(citation.holds for citation in quotes), len(quotes)),
        right_abstentions=Share(sum(score.abstained for score in others), len(others)),
        false_abstentions=Share(sum(score.abstained for score in answerable), len(answerable)),
        violations=sum(len(score.violations) for score in scores),
        sentences_per_answer=sum(answered) / len(answered) if answered else None,
        milliseconds_p50=percentile(times, 50),
        milliseconds_p95=percentile(times, 95),
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile of ascending values, or None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def by_language(scores: Sequence[QuestionScore]) -> dict[str, Measures]:
    """Return the measures over all scores, then over those of each language that occurs."""
    groups = {"all": summarize(scores)}
    languages = sorted({score.language for score in scores if score.language})
    for language in languages:
        groups[language] = summarize([s for s in scores if s.language == language])
    return groups


_ROWS: tuple[tuple[str, Callable[[Measures], str]], ...] = (
    ("questions", lambda m: str(m.questions)),
    ("answer keys found", lambda m: _share(m.keys)),
    ("citations by the evidence", lambda m: _share(m.citations)),
    ("quotes that hold", lambda m: _share(m.quotes)),
    ("right abstentions", lambda m: _share(m.right_abstentions)),
    ("false abstentions", lambda m: _share(m.false_abstentions)),
    ("citation rules broken", lambda m: str(m.violations)),
    ("sentences per answer", lambda m: _number(m.sentences_per_answer, 1)),
    ("latency p50 (ms)", lambda m: _number(m.milliseconds_p50, 0)),
    ("latency p95 (ms)", lambda m: _number(m.milliseconds_p95, 0)),
)


def measures_table(scores: Sequence[QuestionScore]) -> Table:
    """Return the measures as a table for people, one column a language."""
    groups = by_language(scores)
    table = Table("measure")
    for name in groups:
        table.add_column(name, justify="right")
    for label, shown in _ROWS:
        table.add_row(label, *(shown(measures) for measures in groups.values()))
    return table


def _share(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.2f} ({share.right}/{share.of})"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def measures_json(scores: Sequence[QuestionScore]) -> str:
    """Return the measures and every question's score as JSON, without questions and answers."""
    groups = {name: _plain(measures) for name, measures in by_language(scores).items()}
    return json.dumps(
        {"measures": groups, "questions": [asdict(score) for score in scores]}, ensure_ascii=False
    )


def _plain(measures: Measures) -> dict[str, object]:
    values = ((item.name, getattr(measures, item.name)) for item in fields(measures))
    return {
        name: asdict(value) | {"share": value.value} if isinstance(value, Share) else value
        for name, value in values
    }
