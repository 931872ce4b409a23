"""What the reader is shown: questions with their passages, and passages that do not answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from rag.text.terms import words
from training.data import Corpus, Question

T = TypeVar("T")
CLS, SEP = 2, 3
LONGEST_QUESTION = 40
LONGEST_PASSAGE = 160
"""Tokens of a passage that one example shows; longer ones are cut around the answer."""
LISTS = 12
NEGATIVES = 2
UNANSWERABLE = 7
NATURAL = 6
SHORT_ENGLISH = 4
"""What one update reads: so many questions with their passage and negatives, and so on."""
ENGLISH_QUESTIONS = 0.5
ENGLISH_PASSAGES = 0.15


@dataclass(frozen=True, slots=True)
class Tokenised:
    """A passage's token ids and the characters that each covers."""

    ids: list[int]
    offsets: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """One row for the reader. `span` is in positions of the row, None if there is none to learn.

    Rows of one `group` are candidates of one question, the answering one first; -1 is no group.
    """

    ids: list[int]
    types: list[int]
    span: tuple[int, int] | None
    answers: bool
    group: int


def token_span(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last token of the characters [start, end), None if they hold none."""
    inside = [i for i, (left, right) in enumerate(offsets) if right > start and left < end]
    return (inside[0], inside[-1]) if inside else None


class ReadingBatches:
    """Draws what one update reads. `negatives` are passage ids by question id, hardest first."""

    def __init__(
        self, corpus: Corpus, tokenizer: Tokenizer, negatives: dict[str, list[str]]
    ) -> None:
        self._tokenizer = tokenizer
        self._answerable = [q for q in corpus.questions if q.answer is not None]
        self._unanswerable = [q for q in corpus.questions if q.answer is None]
        self._negatives = negatives
        self._passages = self._tokenise_all(corpus.passages)
        self._english_passages = self._tokenise_all(corpus.english_passages)
        self._english_texts = corpus.english_passages
        extractive = [q for q in corpus.english_questions if not q.whole_sentence]
        extractive = [q for q in extractive if q.answer in q.passage]
        self._natural = [q for q in extractive if q.source.startswith("natural")]
        self._short = [q for q in extractive if q.source.startswith("qamr")]
        folded = {key: f" {' '.join(words(text))} " for key, text in corpus.passages.items()}
        self._clean: dict[str, list[str]] = {}
        for question in self._answerable:
            answer = f" {' '.join(words(question.answer or ''))} "
            near = negatives.get(question.id, [])
            self._clean[question.id] = [key for key in near if answer not in folded[key]]

    def _tokenise_all(self, texts: dict[str, str]) -> dict[str, Tokenised]:
        encoded = self._tokenizer.encode_batch(list(texts.values()), add_special_tokens=False)
        return {
            key: Tokenised(one.ids, one.offsets) for key, one in zip(texts, encoded, strict=True)
        }

    def draw(self, step: int, seed: int) -> list[Example]:
        """Return the examples of one update; a pass goes over all questions in shuffled order."""
        rng = np.random.default_rng((seed, step))
        examples: list[Example] = []
        for group, question in enumerate(_turn(self._answerable, LISTS, step, seed)):
            asked = self._ask(question, rng)
            examples.append(self._with_own_passage(question, asked, group, rng))
            near = self._clean[question.id]
            for key in _prefer_first(near, NEGATIVES, rng):
                examples.append(self._row(asked, self._passages[key], None, False, group, rng))
        for question in _turn(self._unanswerable, UNANSWERABLE, step, seed + 1):
            asked = self._ask(question, rng)
            passage = self._passages[question.passage]
            examples.append(self._row(asked, passage, None, False, -1, rng))
        for pool, count in ((self._natural, NATURAL), (self._short, SHORT_ENGLISH)):
            for english in _turn(pool, count, step, seed + 2):
                one = self._tokenizer.encode(english.passage, add_special_tokens=False)
                start = english.passage.index(english.answer)
                span = token_span(one.offsets, start, start + len(english.answer))
                passage = Tokenised(one.ids, one.offsets)
                asked = self._question_ids(english.question)
                examples.append(self._row(asked, passage, span, True, -1, rng))
        return examples

    def _ask(self, question: Question, rng: np.random.Generator) -> list[int]:
        in_english = rng.random() < ENGLISH_QUESTIONS
        return self._question_ids(question.english if in_english else question.indonesian)

    def _question_ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:LONGEST_QUESTION]

    def _with_own_passage(
        self, question: Question, asked: list[int], group: int, rng: np.random.Generator
    ) -> Example:
        answer = question.answer or ""
        english = self._english_texts.get(question.passage)
        if english is not None and rng.random() < ENGLISH_PASSAGES:
            passage = self._english_passages[question.passage]
            # Names and numbers read alike in both languages; other answers have no span there.
            once = english.count(answer) == 1
            start = english.find(answer)
            span = token_span(passage.offsets, start, start + len(answer)) if once else None
            return self._row(asked, passage, span, True, group, rng)
        passage = self._passages[question.passage]
        start = question.answer_start
        span = token_span(passage.offsets, start, start + len(answer))
        return self._row(asked, passage, span, True, group, rng)

    def _row(
        self,
        asked: list[int],
        passage: Tokenised,
        span: tuple[int, int] | None,
        answers: bool,
        group: int,
        rng: np.random.Generator,
    ) -> Example:
        first = 0
        over = len(passage.ids) - LONGEST_PASSAGE
        if over > 0 and span is not None:
            low = max(0, span[1] - LONGEST_PASSAGE + 1)
            high = max(low, min(over, span[0]))
            first = int(rng.integers(low, high + 1))
        window = passage.ids[first : first + LONGEST_PASSAGE]
        shift = len(asked) + 2 - first
        placed = None if span is None else (span[0] + shift, span[1] + shift)
        inside = range(len(asked) + 2, len(asked) + 2 + len(window))
        if placed is not None and not (placed[0] in inside and placed[1] in inside):
            placed = None
        ids = [CLS, *asked, SEP, *window, SEP]
        types = [0] * (len(asked) + 2) + [1] * (len(window) + 1)
        return Example(ids, types, placed, answers, group)


def _turn(pool: Sequence[T], count: int, step: int, seed: int) -> list[T]:
    """Return the next few of a pool that is gone through again and again, newly shuffled."""
    if not pool:
        return []
    chosen: list[T] = []
    for place in range(step * count, (step + 1) * count):
        turn, within = divmod(place, len(pool))
        order = _order(len(pool), turn, seed)
        chosen.append(pool[int(order[within])])
    return chosen


@lru_cache(maxsize=8)
def _order(size: int, turn: int, seed: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, 77, turn)).permutation(size)


def _prefer_first(keys: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """Return some of the keys, earlier ones more often."""
    if len(keys) <= count:
        return list(keys)
    weights: npt.NDArray[np.float64] = 1.0 / (np.arange(len(keys)) + 3.0)
    chosen = rng.choice(len(keys), count, replace=False, p=weights / weights.sum())
    return [keys[int(i)] for i in chosen]
