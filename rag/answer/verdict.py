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

from rag.answer.claims import Claim, Evidence, EvidenceSentence
from rag.answer.concepts import Concept, ConceptSet, folded_text, missing_names
from rag.answer.roles import (
    affiliation_differs,
    bound_otherwise,
    roles_differ,
    speaks_on,
    starts_with_pronoun,
)
from rag.answer.substitutes import (
    counted_otherwise,
    day_part_differs,
    pair_differs,
    person_replaced,
    place_differs,
    span_of_time_differs,
)
from rag.answer.titles import holders, title_differs
from rag.models.encoder import Encoder
from rag.text.facts import Amount, find_amounts, find_days, says_date
from rag.types import Support

SUPPORTED_COVERAGE = 0.6
"""Share of a sentence's concepts that its evidence expresses at least, if it is supported."""
PARTIAL_COVERAGE = 0.4
"""The same for partial support; less is no support."""
IN_PASSAGE, IN_TITLE = 0.5, 0.5
"""What a concept counts that only the rest of the passage, or the title, expresses."""
MOST_REFERENTS = 60
"""Concepts before a span among which a chain of pronouns may find its name."""
IN_REFERENT = 0.9
"""What a concept counts that the sentence before expresses, when a pronoun goes on with it."""
GAP_WINDOW, GAP = 4, 3
"""GAP of GAP_WINDOW concepts in a row that the passage lacks are a part that nothing tells."""
SURE_COSINE = 0.8
"""Cosine of sentence and quote that makes partial coverage full; few half truths have it."""
NEAR_COSINE = 0.62
"""Cosine that makes doubtful coverage partial; no wrong passage had it."""
FOREIGN_COSINE = 0.4
"""Cosine below which partial coverage is chance: 49 in 50 true sentences have 0.44 or more."""
DOUBTFUL_COVERAGE = 0.25
"""Coverage below which no cosine helps."""
NEARNESS_SHARE = 0.4
"""How much the cosine counts beside the coverage when a quote is chosen."""
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


@dataclass(frozen=True, slots=True)
class Span:
    """Adjacent sentences, the share of a claim that they express, and their cosine with it.

    `nearness` is None without an encoder.
    """

    sentences: tuple[EvidenceSentence, ...]
    coverage: float
    nearness: float | None


def rank_spans(
    claim: Claim,
    evidence: Evidence,
    asked: Claim | None = None,
    encoder: Encoder | None = None,
) -> list[Span]:
    """Return what may be quoted for a claim, best first.

    Two sentences come before one only where the second adds something that the first lacks.
    """
    spans = evidence.spans(SPAN_SENTENCES)
    nearness: list[float | None] = [None] * len(spans)
    if encoder is not None and spans:
        own = encoder.encode_passages([claim.text])[0]
        nearness = [
            float(cosine) for cosine in evidence.span_vectors(SPAN_SENTENCES, encoder) @ own
        ]
    found: list[tuple[float, Span]] = []
    for sentences, near in zip(spans, nearness, strict=True):
        covered = coverage_of(claim, sentences, evidence)
        score = covered - (SECOND_SENTENCE if len(sentences) > 1 else 0.0)
        score += NEARNESS_SHARE * (near or 0.0)
        if asked is not None:
            score += ASKED_SHARE * coverage_of(asked, sentences, evidence)
        found.append((score, Span(sentences, covered, near)))
    return [span for _, span in sorted(found, key=lambda pair: -pair[0])]


def coverage_of(claim: Claim, span: Sequence[EvidenceSentence], evidence: Evidence) -> float:
    """Return the share of the claim's concepts and facts that a span expresses, in 0..1."""
    own = ConceptSet(c for sentence in span for c in sentence.concepts)
    text = "\n".join(sentence.text for sentence in span)
    leading = evidence.leading(span[0])
    near = ConceptSet(leading.concepts if leading and starts_with_pronoun(span[0].text) else ())
    total = found = 0.0
    absent = {c.start for c in missing_names(claim.concepts, own)}
    for concept in claim.concepts:
        total += 1.0
        held = concept.start not in absent if concept.named else own.holds(concept)
        if held:
            found += 1.0
        elif near.holds(concept):
            found += IN_REFERENT
        elif evidence.whole.holds(concept):
            found += IN_PASSAGE
        elif evidence.title.holds(concept):
            found += IN_TITLE
    amounts = find_amounts(text, evidence.document.language)
    days = find_days(text, evidence.document.published)
    for amount in claim.amounts:
        if not (amount.spelled and min(amount.values) <= 2 and not amount.unit):
            total += 1.0
            found += any(amount.agrees(other) for other in amounts)
    for day in claim.days:
        total += 1.0
        found += any(says_date(day, other) for other in days)
    return found / total if total else 0.0


def has_gap(claim: Claim, evidence: Evidence) -> bool:
    """Tell whether the passage and the title lack a run of the claim's concepts."""
    lacks = [
        not (concept.named or evidence.whole.holds(concept) or evidence.title.holds(concept))
        for concept in claim.concepts
    ]
    return any(sum(lacks[i : i + GAP_WINDOW]) >= GAP for i in range(len(lacks)))


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
    if roles_differ(claim.concepts, claim.text, told, leading):
        return "role"
    if person_replaced(claim.concepts, told, leading):
        return "name"
    return "role" if bound_otherwise(claim.concepts, claim.text, told) else ""


_NEGATIVE_WORDING = re.compile(
    r"\b(?:not?|never|neither|nor|cannot|without|none|hardly|tidak|tak|bukan|belum|tanpa|jangan"
    r"|den(?:y|ied|ies)|refus\w+|reject\w*|fail\w*|lack\w*|membantah|menolak|menampik|gagal|batal"
    r"|berbeda|berlainan|differ\w*|diragukan|doubt\w*|sulit|kurang|berhenti|menghentikan|melarang|barr?ed|stop\w*|suspend\w*"
    r"|end|ended|mengakhiri|menyudahi|satu-satunya|first|pertama)\b|n['’]t\b",
    re.IGNORECASE,
)


_ENDING = re.compile(
    r"\b(?:cut\w*\s+(?:off|back)|halt\w*|stop\w*|end(?:ed|ing)?|suspend\w*|sever\w*|break\w*\s+off"
    r"|menghentikan|memutus\w*|mengakhiri|menyudahi|berhenti)\b",
    re.IGNORECASE,
)
"""What with a "not" before it says that something goes on."""


def _is_opposite(concept: Concept, told: Sequence[Concept]) -> bool:
    """Tell whether a word denies by its form what the span affirms: unwilling, willing."""
    if not concept.opposite or any(other.keys & concept.keys for other in told):
        return False
    affirmed = [other for other in told if other.keys & concept.opposite]
    return bool(affirmed) and not any(other.in_denial for other in affirmed)


def negation_differs(claim: Claim, span: Sequence[EvidenceSentence]) -> bool:
    """Tell whether the claim denies what the span affirms, or the reverse.

    What a "not" leads is compared: a concept denied on one side and affirmed on the other
    differs, and so does a "not" in the claim where the span holds no negative word at all. Where
    both deny something the same denial may be worded around other words; what the span denies
    and the claim affirms then counts only if the claim's own denial is found in the span.
    """
    told = [concept for sentence in span for concept in sentence.concepts]
    if any(_is_opposite(concept, told) for concept in claim.concepts):
        return True
    only_claim = only_span = paired = False
    for concept in claim.concepts:
        same = [other for other in told if other.keys & concept.keys]
        if concept.named or not same:
            continue
        in_denial = any(other.in_denial for other in same)
        only_claim |= concept.negated and not in_denial
        only_span |= not concept.in_denial and all(other.negated for other in same)
        paired |= concept.negated and in_denial
    claim_denies = any(concept.negated for concept in claim.concepts)
    span_denies = any(concept.negated for concept in told)
    if claim_denies and span_denies:
        return only_claim or (only_span and paired)
    if only_claim or only_span:
        return True
    if claim_denies and _ENDING.search(claim.text) and not span_denies:
        return True  # "did not cut off" is not told by "menghentikan"
    return claim_denies and not any(_NEGATIVE_WORDING.search(s.text) for s in span)
