"""The check of an answer that a language model wrote: every sentence cited, every citation judged.

Markers become citations of the best sentences of the passages that they name. What the model
cited wrongly is cited rightly if another passage supports it; what no passage supports is
flagged, or dropped; an answer of which nothing is supported is no answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer.answerer import Draft
from rag.answer.citing import CitationList, with_markers
from rag.answer.claims import Claim, Evidence, joined, read_claim, without_count
from rag.answer.markers import MarkedSentence, parse_markers
from rag.answer.statements import claims_nothing, is_bare_reply, says_no_answer
from rag.answer.verdict import Verdict, judge, judge_together
from rag.answer.wording import nothing_found
from rag.models.encoder import Encoder
from rag.models.reader import Reader
from rag.text.lexicon import Lexicon
from rag.types import Hit, Language, Sentence

logger = logging.getLogger(__name__)

Unsupported = Literal["flag", "drop"]

_RANK = {"unsupported": 0, "partial": 1, "supported": 2, "quoted": 3}
MOST_CITATIONS = 4
"""Quotes that one sentence shows at the most, however many passages it names."""
SHORT_ITEM_CONCEPTS = 6
"""A list item of no more concepts is read together with the sentence that introduces the list."""
SURE_HIGHLIGHT = 0.5
"""Probability from which the words that the reader finds in a quote are highlighted."""


@dataclass(frozen=True, slots=True)
class _Cited:
    """A verdict with the index of the hit that it is about."""

    hit: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Checked:
    """A sentence with the quotes that it rests on; the first verdict is the sentence's own."""

    written: MarkedSentence
    cited: tuple[_Cited, ...]


class Checker:
    """Checks written answers; the same answer over the same hits gives the same draft."""

    def __init__(
        self,
        lexicon: Lexicon,
        encoder: Encoder | None,
        reader: Reader | None,
        *,
        unsupported: Unsupported = "flag",
    ) -> None:
        self._lexicon = lexicon
        self._encoder = encoder
        self._reader = reader
        self._unsupported: Unsupported = unsupported

    def check(
        self, text: str, language: Language, hits: Sequence[Hit], question: str = ""
    ) -> Draft:
        """Return the draft of a model's text; `hits[i]` is passage i + 1 of its prompt.

        A draft without sentences is an abstention: the text says so itself, or nothing in it is
        supported.
        """
        written = _merge_bare_replies(
            [s for s in parse_markers(text, len(hits)) if not claims_nothing(s.text)]
        )
        silent = [s for s in written if says_no_answer(s.text)]
        claims = [s for s in written if not says_no_answer(s.text)]
        evidence = [
            Evidence(hit.document, hit.passage.start, hit.passage.end, self._lexicon)
            for hit in hits
        ]
        asked = read_claim(question, language, self._lexicon) if question else None
        checked = [
            self._check_sentence(sentence, claim, evidence, asked)
            for sentence, claim in self._claims(claims, language)
        ]
        supported = [c for c in checked if _support(c) != "unsupported"]
        logger.info("%d of %d sentences are supported", len(supported), len(checked))
        if not supported:
            return Draft(nothing_found(language))
        warnings = [sentence.text for sentence in silent]
        if self._unsupported == "drop" and len(supported) < len(checked):
            warnings.append(_dropped(len(checked) - len(supported), language))
            checked = _keep_layout(checked)
        return self._draft(checked, hits, question, warnings)

    def _claims(
        self, sentences: Sequence[MarkedSentence], language: Language
    ) -> Iterator[tuple[MarkedSentence, Claim]]:
        """Yield each sentence with what it claims.

        A sentence that introduces a list rests on the passages of the items and may count them; a
        short item claims what its introduction says of it.
        """
        introduction: Claim | None = None
        for position, sentence in enumerate(sentences):
            claim = read_claim(_without_reply(sentence.text), language, self._lexicon)
            items = _items_after(sentences, position)
            if items:
                numbers = dict.fromkeys(n for item in items for n in item.passage_numbers)
                if not sentence.passage_numbers:
                    sentence = replace(sentence, passage_numbers=tuple(numbers))
                claim = introduction = without_count(claim, len(items))
            elif not sentence.before.strip():
                introduction = None
            elif introduction is not None and len(claim.concepts) <= SHORT_ITEM_CONCEPTS:
                claim = joined(introduction, claim)
            yield sentence, claim

    def _check_sentence(
        self,
        sentence: MarkedSentence,
        claim: Claim,
        evidence: Sequence[Evidence],
        asked: Claim | None,
    ) -> _Checked:
        named = [number - 1 for number in sentence.passage_numbers]
        own = [_Cited(i, self._judge(claim, evidence[i], asked)) for i in named]
        cited = _best_first(own)[:MOST_CITATIONS]
        if len(own) > 1 and cited[0].verdict.support in ("partial", "unsupported"):
            together = judge_together(claim, [(evidence[c.hit], c.verdict) for c in cited])
            cited[0] = replace(cited[0], verdict=together)
        if not cited or cited[0].verdict.support == "unsupported":
            others = [i for i in range(len(evidence)) if i not in named]
            found = _best_first([_Cited(i, self._judge(claim, evidence[i], asked)) for i in others])
            needed = "supported" if cited else "partial"
            if found and _RANK[found[0].verdict.support] >= _RANK[needed]:
                return _Checked(sentence, (found[0],))
            return _Checked(sentence, tuple(cited[:1]))
        helpful = [c for c in cited[1:] if c.verdict.support != "unsupported"]
        if cited[0].verdict.joint:
            helpful = [c for c in cited[1:] if c.verdict.score > 0]
        return _Checked(sentence, (cited[0], *helpful))

    def _judge(self, claim: Claim, evidence: Evidence, asked: Claim | None) -> Verdict:
        return judge(claim, evidence, asked, self._encoder)

    def _draft(
        self,
        checked: Sequence[_Checked],
        hits: Sequence[Hit],
        question: str,
        warnings: Sequence[str],
    ) -> Draft:
        citations = CitationList()
        parts: list[str] = []
        sentences: list[Sentence] = []
        for item in checked:
            numbers: list[int] = []
            for cited in item.cited:
                hit, verdict = hits[cited.hit], cited.verdict
                highlights = self._highlights(question, hit, verdict)
                number = citations.cite(hit.document, verdict.start, verdict.end, highlights)
                if number not in numbers:
                    numbers.append(number)
            sentence = Sentence(item.written.text, tuple(numbers), _support(item))
            sentences.append(sentence)
            before = item.written.before if parts else item.written.before.lstrip()
            parts.append(before + with_markers(sentence))
        return Draft("".join(parts), tuple(sentences), citations.all(), tuple(warnings))

    def _highlights(self, question: str, hit: Hit, verdict: Verdict) -> list[tuple[int, int]]:
        """Return the words of a quote that the reader takes for the answer."""
        if self._reader is None or not question:
            return []
        quote = hit.document.text[verdict.start : verdict.end]
        reading = self._reader.read(question, [quote])[0]
        if reading.has_answer < SURE_HIGHLIGHT or reading.start >= reading.end:
            return []
        return [(verdict.start + reading.start, verdict.start + reading.end)]


def _dropped(count: int, language: Language) -> str:
    """Return the warning that sentences were left out."""
    if language == "en":
        return f"{count} {'sentence' if count == 1 else 'sentences'} left out: not supported."
    return f"{count} kalimat dihilangkan karena tidak didukung artikel."


def _support(checked: _Checked) -> Literal["quoted", "supported", "partial", "unsupported"]:
    return checked.cited[0].verdict.support if checked.cited else "unsupported"


def _best_first(cited: Sequence[_Cited]) -> list[_Cited]:
    return sorted(cited, key=lambda c: (-_RANK[c.verdict.support], -c.verdict.score, c.hit))


def _merge_bare_replies(sentences: Sequence[MarkedSentence]) -> list[MarkedSentence]:
    """Return the sentences with a lone "Yes." joined to the sentence after it."""
    merged: list[MarkedSentence] = []
    reply: MarkedSentence | None = None
    for sentence in sentences:
        if reply is not None:
            numbers = dict.fromkeys((*reply.passage_numbers, *sentence.passage_numbers))
            text = f"{reply.text} {sentence.text}"
            sentence = MarkedSentence(text, tuple(numbers), reply.before)
            reply = None
        elif is_bare_reply(sentence.text):
            reply = sentence
            continue
        merged.append(sentence)
    return [*merged, reply] if reply is not None else merged


def _without_reply(text: str) -> str:
    """Return a sentence without the "Yes." that was joined to it."""
    head, separator, rest = text.partition(" ")
    return rest if separator and is_bare_reply(head) else text


def _items_after(sentences: Sequence[MarkedSentence], position: int) -> list[MarkedSentence]:
    """Return the list items that a sentence introduces, none if it introduces no list."""
    if not sentences[position].text.rstrip("*_ ").endswith(":"):
        return []
    items: list[MarkedSentence] = []
    for item in sentences[position + 1 :]:
        if not item.before.strip():
            break
        items.append(item)
    return items


def _keep_layout(checked: Sequence[_Checked]) -> list[_Checked]:
    """Return the supported sentences; line breaks before dropped ones are kept."""
    kept: list[_Checked] = []
    waiting = ""
    for item in checked:
        before = item.written.before
        if waiting.count("\n") > before.count("\n"):
            before = waiting
        if _support(item) == "unsupported":
            waiting = before
            continue
        waiting = ""
        kept.append(replace(item, written=replace(item.written, before=before)))
    return kept
