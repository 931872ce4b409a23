"""The sentences of a passage that express a claim best, and how much of it they express."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.claims import Claim, Evidence, EvidenceSentence
from rag.answer.concepts import ConceptSet, missing_names
from rag.answer.subjects import starts_with_pronoun
from rag.models.encoder import Encoder
from rag.text.facts import find_amounts, find_days, says_date

IN_PASSAGE, IN_TITLE = 0.5, 0.5
"""What a concept counts that only the rest of the passage, or the title, expresses."""
IN_REFERENT = 0.9
"""What a concept counts that the sentence before expresses, when a pronoun goes on with it."""
GAP_WINDOW, GAP = 4, 3
"""GAP of GAP_WINDOW concepts in a row that the passage lacks are a part that nothing tells."""
NEARNESS_SHARE = 0.4
"""How much the cosine counts beside the coverage when a quote is chosen."""
SPAN_SENTENCES = 2
"""Sentences that one citation quotes at the most."""
SECOND_SENTENCE = 0.05
"""What a second sentence in a quote must add at least."""
ASKED_SHARE = 0.05
"""How much the question counts beside the claim when a quote is chosen."""


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
