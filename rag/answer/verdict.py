"""The verdict on one sentence of an answer against what it cites.

In order: verbatim words are `quoted`. A number, date or name that the evidence does not hold, a
denial of what it says, or roles that it gives to others make a sentence `unsupported`. What then
remains is meaning: the share of the sentence's concepts that the best sentences of the evidence
express, with the encoder's cosine beside it where there is an encoder. A sentence of which only a
part is told is `partial`. The thresholds were chosen on one half of tests/data/verdicts.jsonl and
measured on both by bench/checking.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rag.answer.concepts import (
    Concept,
    ConceptSet,
    find_concepts,
    folded_text,
    missing_names,
)
from rag.answer.roles import affiliation_differs, affiliations, roles_differ, swapped
from rag.models.encoder import Encoder
from rag.text.dates import DateMention
from rag.text.facts import Amount, find_amounts, find_days, says_date
from rag.text.lexicon import Lexicon
from rag.text.sentences import split_sentences
from rag.types import Document, Language, Support

SUPPORTED_COVERAGE = 0.58
"""Share of a sentence's concepts that its evidence expresses at least, if it is supported."""
PARTIAL_COVERAGE = 0.4
"""The same for partial support; less is no support."""
IN_PASSAGE, IN_TITLE = 0.5, 0.5
"""What a concept counts that only the rest of the passage, or the title, expresses."""
LONGEST_GAP = 3
"""So many concepts in a row that the whole passage lacks are a part that nothing supports."""
SPAN_SENTENCES = 2
"""Sentences that one citation quotes at the most."""
SECOND_SENTENCE = 0.05
"""What a second sentence in a quote must add at least."""
ASKED_SHARE = 0.05
"""How much the question counts beside the claim when a quote is chosen."""
SHORT_QUOTE_WORDS = 3
"""A verbatim run of fewer words is no quotation."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far evidence supports a sentence, where in the document's text, and how well (0..1).

    `problem` names what is wrong, for measuring: number, date, name, negation, role, meaning.
    `joint` tells that only several passages together support the sentence.
    """

    support: Support
    start: int
    end: int
    score: float
    problem: str = ""
    joint: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer with its facts."""

    text: str
    concepts: tuple[Concept, ...]
    amounts: tuple[Amount, ...]
    days: tuple[DateMention, ...]


def read_claim(text: str, language: Language, lexicon: Lexicon) -> Claim:
    """Return the claim of a sentence; markdown emphasis is no part of it."""
    plain = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text).strip()
    return Claim(
        plain,
        find_concepts(plain, language, lexicon),
        tuple(find_amounts(plain, language)),
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


class Evidence:
    """A cited passage of a document, read once for all sentences that cite it."""

    def __init__(self, document: Document, start: int, end: int, lexicon: Lexicon) -> None:
        self.document = document
        self.start, self.end = start, end
        self._lexicon = lexicon
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
        spans = split_sentences(self.document.text[: self.start])
        if not spans:
            return None
        a, b = spans[-1]
        text = self.document.text[a:b]
        return EvidenceSentence(a, b, text, self._concepts(text))

    @cached_property
    def title(self) -> ConceptSet:
        """Return the concepts of the document's title."""
        return ConceptSet(self._concepts(self.document.title))

    @cached_property
    def names(self) -> ConceptSet:
        """Return all concepts that may hold a name: passage, title, the sentence before."""
        before = self.before.concepts if self.before else ()
        return ConceptSet([*self.whole.concepts, *self.title.concepts, *before])

    @cached_property
    def affiliations(self) -> list[tuple[Concept, Concept]]:
        """Return which country each person of the document belongs to."""
        text = f"{self.document.title}.\n{self.document.text}"
        return [
            pair
            for a, b in split_sentences(text)
            for pair in affiliations(self._concepts(text[a:b]), text[a:b])
        ]

    @cached_property
    def amounts(self) -> list[Amount]:
        """Return the numbers of the passage and its title, and what "both" implies."""
        text = f"{self.document.title}\n{self.text}"
        found = find_amounts(text, self.document.language)
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
_MOST_ENUMERATED = 6


def judge(
    claim: Claim,
    evidence: Evidence,
    asked: Claim | None = None,
    encoder: Encoder | None = None,
) -> Verdict:
    """Return the verdict on a claim against one cited passage, with the words to quote.

    `asked` is the question: between sentences that tell the claim alike, it chooses the quote.
    """
    verbatim = _find_verbatim(claim.text, evidence)
    if verbatim:
        return Verdict("quoted", *verbatim, 1.0)
    span, coverage = best_span(claim, evidence, asked)
    if not span:
        return Verdict("unsupported", evidence.start, evidence.end, 0.0, "meaning")
    start, end = span[0].start, span[-1].end
    problem = wrong_fact(claim, evidence) or _contradiction(claim, span, evidence)
    if problem:
        return Verdict("unsupported", start, end, coverage, problem)
    if coverage < PARTIAL_COVERAGE:
        return Verdict("unsupported", start, end, coverage, "meaning")
    partial = coverage < SUPPORTED_COVERAGE or longest_gap(claim, evidence) >= LONGEST_GAP
    return Verdict("partial" if partial else "supported", start, end, coverage)


def judge_together(claim: Claim, cited: Sequence[tuple[Evidence, Verdict]]) -> Verdict:
    """Return the verdict on a claim that cites several passages, best verdict first.

    Each fact must be told by one of them; the words to quote stay those of the best.
    """
    best = cited[0][1]
    contradicted = any(verdict.problem in ("negation", "role") for _, verdict in cited)
    if contradicted or best.support in ("quoted", "supported"):
        return best
    passages = [evidence for evidence, _ in cited]
    told = all(any(_tells_amount(a, claim, e) for e in passages) for a in claim.amounts) and all(
        any(says_date(day, other) for e in passages for other in e.days) for day in claim.days
    )
    names = ConceptSet(c for e in passages for c in e.names.concepts)
    if not told or missing_names(claim.concepts, names):
        return best
    whole = ConceptSet(c for e in passages for c in e.whole.concepts)
    held = sum(whole.holds(concept) for concept in claim.concepts)
    share = held / len(claim.concepts) if claim.concepts else 0.0
    if share < SUPPORTED_COVERAGE:
        return best
    return replace(best, support="supported", score=share, problem="", joint=True)


def _find_verbatim(text: str, evidence: Evidence) -> tuple[int, int] | None:
    """Return the sentences of the passage that hold the text word for word."""
    sought = folded_text(text)
    if len(sought.split()) < SHORT_QUOTE_WORDS:
        return None
    for first in range(len(evidence.sentences)):
        for last in evidence.sentences[first : first + SPAN_SENTENCES]:
            start = evidence.sentences[first].start
            if sought in folded_text(evidence.document.text[start : last.end]):
                return start, last.end
    return None


def best_span(
    claim: Claim, evidence: Evidence, asked: Claim | None = None
) -> tuple[list[EvidenceSentence], float]:
    """Return the one or two adjacent sentences that express most of the claim, and how much.

    Two are only taken where the second adds something that the first lacks.
    """
    best: list[EvidenceSentence] = []
    best_score = best_coverage = -1.0
    for length in range(1, SPAN_SENTENCES + 1):
        for first in range(len(evidence.sentences) - length + 1):
            span = list(evidence.sentences[first : first + length])
            covered = coverage_of(claim, span, evidence)
            score = covered - SECOND_SENTENCE * (length - 1)
            if asked is not None:
                score += ASKED_SHARE * coverage_of(asked, span, evidence)
            if score > best_score:
                best, best_score, best_coverage = span, score, covered
    return best, max(best_coverage, 0.0)


def coverage_of(claim: Claim, span: Sequence[EvidenceSentence], evidence: Evidence) -> float:
    """Return the share of the claim's concepts and facts that a span expresses, in 0..1."""
    own = ConceptSet(c for sentence in span for c in sentence.concepts)
    text = "\n".join(sentence.text for sentence in span)
    total = found = 0.0
    absent = {c.start for c in missing_names(claim.concepts, own)}
    for concept in claim.concepts:
        total += 1.0
        held = concept.start not in absent if concept.named else own.holds(concept)
        if held:
            found += 1.0
        elif evidence.whole.holds(concept):
            found += IN_PASSAGE
        elif evidence.title.holds(concept):
            found += IN_TITLE
    amounts = find_amounts(text, evidence.document.language)
    days = find_days(text, evidence.document.published)
    for amount in claim.amounts:
        total += 1.0
        found += any(amount.agrees(other) for other in amounts)
    for day in claim.days:
        total += 1.0
        found += any(says_date(day, other) for other in days)
    return found / total if total else 0.0


def longest_gap(claim: Claim, evidence: Evidence) -> int:
    """Return how many concepts in a row the passage and the title do not speak of."""
    longest = current = 0
    for concept in claim.concepts:
        held = evidence.whole.holds(concept) or evidence.title.holds(concept)
        current = 0 if held or concept.named else current + 1
        longest = max(longest, current)
    return longest


def wrong_fact(claim: Claim, evidence: Evidence) -> str:
    """Return the kind of fact that the evidence does not hold, "" if it holds all."""
    for amount in claim.amounts:
        if not _tells_amount(amount, claim, evidence):
            return "number"
    for day in claim.days:
        if not any(says_date(day, other) for other in evidence.days):
            return "date"
    if missing_names(claim.concepts, evidence.names):
        return "name"
    return ""


def _tells_amount(amount: Amount, claim: Claim, evidence: Evidence) -> bool:
    same = [other for other in evidence.amounts if amount.agrees(other)]
    if amount.unit and not any(other.unit for other in same):
        # "two weeks" is not told by "two bases" where the same passage has "two days".
        count = replace(amount, unit="")
        if any(count.agrees(other) for other in evidence.amounts if other.unit):
            return False
    if same:
        return True
    if any(day.year in amount.values for day in evidence.days):
        return True
    value = min(amount.values)
    if amount.spelled and value <= 2 and not amount.unit:
        return value <= 1 or len([c for c in claim.concepts if c.named]) >= 2
    # A small number may count what the sentence or the passage lists.
    return (
        not amount.unit
        and value <= _MOST_ENUMERATED
        and value in (_listed(claim.text), _bullets(evidence.text))
    )


def _listed(text: str) -> int:
    """Return how many things the longest list of a sentence holds: A, B and C are three."""
    runs = re.findall(r"[^.;:]+", text)
    counts = [
        len(re.split(r",\s*(?:and|dan|serta)?\s*|\s+(?:and|dan|serta)\s+", run)) for run in runs
    ]
    return max(counts, default=0)


def _bullets(text: str) -> int:
    return len(re.findall(r"(?m)^\s*[•\-*]\s", text))


def _contradiction(claim: Claim, span: Sequence[EvidenceSentence], evidence: Evidence) -> str:
    if negation_differs(claim, span):
        return "negation"
    if affiliation_differs(claim.concepts, claim.text, evidence.affiliations):
        return "role"
    told = [(sentence.text, sentence.concepts) for sentence in span]
    index = evidence.sentences.index(span[0])
    before = evidence.sentences[index - 1] if index else evidence.before
    leading = before.concepts if before else ()
    if roles_differ(claim.concepts, claim.text, told, leading):
        return "role"
    if swapped(claim.concepts, claim.text, told):
        return "role"
    return ""


_NEGATIVE_WORDING = re.compile(
    r"\b(?:not?|never|neither|nor|cannot|without|none|hardly|tidak|tak|bukan|belum|tanpa|jangan"
    r"|den(?:y|ied|ies)|refus\w+|reject\w*|fail\w*|lack\w*|membantah|menolak|menampik|gagal|batal"
    r"|diragukan|doubt\w*|sulit|kurang|berhenti|menghentikan|melarang|barr?ed|stop\w*|suspend\w*"
    r"|end|ended|mengakhiri|menyudahi|satu-satunya|first|pertama)\b|n['’]t\b",
    re.IGNORECASE,
)


def negation_differs(claim: Claim, span: Sequence[EvidenceSentence]) -> bool:
    """Tell whether the claim denies what the span affirms, or the reverse.

    What a "not" leads is compared: the same concept denied on one side only. A claim that denies
    something where the span holds no negative word at all differs too.
    """
    told = [concept for sentence in span for concept in sentence.concepts]
    denied = [concept for concept in told if concept.negated]
    for concept in claim.concepts:
        if concept.named:
            continue
        same = [other for other in told if other.keys & concept.keys]
        if concept.negated and same and not any(other.negated for other in same):
            return True
        if not concept.negated and same and all(other.negated for other in same):
            return True
    claim_denies = any(concept.negated for concept in claim.concepts)
    return (
        claim_denies
        and not denied
        and not any(_NEGATIVE_WORDING.search(sentence.text) for sentence in span)
    )
