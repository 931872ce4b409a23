"""The verdict on one sentence of an answer against what it cites.

In order: verbatim words are `quoted`. A number, date or name that the evidence does not hold, a
denial of what it says, or roles that it gives to others make a sentence `unsupported`. What then
remains is meaning: the share of the sentence's concepts that the best sentences of the evidence
express, with the encoder's cosine beside it where there is an encoder. A sentence of which only a
part is told is `partial`. The thresholds were chosen on tests/data/verdicts.jsonl; how they do on
rows that were held back is measured by bench/checking.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.affiliations import affiliation_differs
from rag.answer.claims import Claim, Evidence, EvidenceSentence
from rag.answer.concepts import Concept, ConceptSet, folded_text, missing_names
from rag.answer.denial import negation_differs
from rag.answer.roles import agents_differ, bound_otherwise, replier_differs, roles_differ
from rag.answer.spans import SPAN_SENTENCES, Span, has_gap, rank_spans
from rag.answer.subjects import speaks_on
from rag.answer.substitutes import (
    counted_otherwise,
    country_replaced,
    day_part_differs,
    pair_differs,
    person_replaced,
    place_differs,
    span_of_time_differs,
)
from rag.answer.titles import holders, title_differs
from rag.models.encoder import Encoder
from rag.text.facts import Amount, says_date
from rag.types import Support

SUPPORTED_COVERAGE = 0.6
"""Share of a sentence's concepts that its evidence expresses at least, if it is supported."""
PARTIAL_COVERAGE = 0.4
"""The same for partial support; less is no support."""
MOST_REFERENTS = 60
"""Concepts before a span among which a chain of pronouns may find its name."""
SURE_COSINE = 0.8
"""Cosine of sentence and quote that makes partial coverage full; few half truths have it."""
NEAR_COSINE = 0.62
"""Cosine that makes doubtful coverage partial; no wrong passage had it."""
FOREIGN_COSINE = 0.4
"""Cosine below which partial coverage is chance: 49 in 50 true sentences have 0.44 or more."""
DOUBTFUL_COVERAGE = 0.25
"""Coverage below which no cosine helps."""
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


_MOST_ENUMERATED = 6
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ROMAN = {number: rf"\b{'X' * (number // 10)}{_ONES[number % 10]}\b" for number in range(2, 40)}


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
    spans = rank_spans(claim, evidence, asked, encoder)
    if not spans:
        return Verdict("unsupported", evidence.start, evidence.end, 0.0, "meaning")
    best = spans[0]
    start, end = best.sentences[0].start, best.sentences[-1].end
    problem = wrong_fact(claim, evidence) or _contradiction(claim, best.sentences, evidence)
    if problem:
        return Verdict("unsupported", start, end, best.coverage, problem)
    support = _by_meaning(claim, evidence, best)
    problem = "meaning" if support == "unsupported" else ""
    return Verdict(support, start, end, best.coverage, problem)


def _by_meaning(claim: Claim, evidence: Evidence, span: Span) -> Support:
    gap = has_gap(claim, evidence)
    support: Support = "supported"
    if span.coverage < PARTIAL_COVERAGE:
        support = "unsupported"
    elif span.coverage < SUPPORTED_COVERAGE or gap:
        support = "partial"
    if span.nearness is None or support == "supported" or span.coverage < DOUBTFUL_COVERAGE:
        return support
    if support == "unsupported":
        return "partial" if span.nearness >= NEAR_COSINE else support
    if span.nearness < FOREIGN_COSINE:
        return "unsupported"
    return "supported" if span.nearness >= SURE_COSINE and not gap else support


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
    told = [(sentence.text, sentence.concepts) for sentence in evidence.sentences]
    if counted_otherwise(claim.text, claim.language, claim.concepts, told, evidence.language):
        return "number"
    if day_part_differs(claim.text, evidence.text):
        return "date"
    if span_of_time_differs(claim.text, evidence.text):
        return "date"
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
    if value == 1 and _is_rate(amount, claim):
        return True
    if amount.spelled and value <= 2 and not amount.unit:
        return value <= 1 or len([c for c in claim.concepts if c.named]) >= 2
    if not amount.unit and value in _ROMAN and re.search(_ROMAN[int(value)], evidence.text):
        return True  # the sixth congress is "Kongres VI"
    # A small number may count what the sentence or the passage lists.
    return (
        not amount.unit
        and value <= _MOST_ENUMERATED
        and value in (_listed(claim.text), _bullets(evidence.text))
    )


def _is_rate(amount: Amount, claim: Claim) -> bool:
    """Tell whether a span of time is what another number is counted by: "10 miliar setahun"."""
    return any(0 <= amount.start - other.end <= 1 for other in claim.amounts)


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
    if title_differs(list(holders(claim.text, claim.concepts)), evidence.holders):
        return "role"
    told = [(sentence.text, sentence.concepts) for sentence in span]
    if place_differs(claim.text, claim.concepts, told):
        return "name"
    if pair_differs(claim.text, claim.concepts, told):
        return "name"
    leading: list[Concept] = []
    first: EvidenceSentence | None = span[0]
    while first and speaks_on(first.text) and len(leading) < MOST_REFERENTS:
        first = evidence.leading(first)
        leading.extend(first.concepts if first else ())
    homes = evidence.affiliations
    if roles_differ(claim.concepts, claim.text, told, leading, homes):
        return "role"
    passage = [(sentence.text, sentence.concepts) for sentence in evidence.sentences]
    if agents_differ(claim.concepts, claim.text, passage):
        return "role"
    if replier_differs(claim.concepts, claim.text, passage):
        return "role"
    if person_replaced(claim.concepts, told, leading):
        return "name"
    if country_replaced(claim.concepts, told, leading):
        return "name"
    return "role" if bound_otherwise(claim.concepts, claim.text, told) else ""
