"""Batches in which every passage has others that look like it, so that negatives are hard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
import numpy.typing as npt

from rag.text.terms import analyse, words
from training.data import Corpus, Question

NEIGHBOURS = 12
CLUSTER = 4
"""A batch is made of so many passages that look alike, many times over."""
ENGLISH_SHARE = 0.3
"""Share of the passages that are shown in their English version."""
SHORTEST_TELLING_ANSWER = 3

Tokenise = Callable[[Sequence[str], int], list[list[int]]]


def bm25_neighbours(
    questions: Sequence[tuple[str, str]], passages: dict[str, str], count: int
) -> list[list[str]]:
    """Return what BM25 finds for each (question, own passage's id), without that passage."""
    keys = list(passages)
    index = bm25s.BM25()
    index.index([analyse(passages[key], "id") for key in keys], show_progress=False)
    asked = [analyse(question, "id") or ["-"] for question, _ in questions]
    k = min(count + 1, len(keys))
    found, _ = index.retrieve(asked, k=k, show_progress=False)
    return [
        [keys[i] for i in row if keys[i] != own][:count]
        for row, (_, own) in zip(found, questions, strict=True)
    ]


def bm25_scores(
    questions: Sequence[str], passages: dict[str, str]
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the BM25 scores of all passages, in their order, for each question."""
    index = bm25s.BM25()
    index.index([analyse(text, "id") for text in passages.values()], show_progress=False)
    for question in questions:
        yield index.get_scores(analyse(question, "id") or ["-"])


@dataclass(frozen=True, slots=True)
class RetrievalBatch:
    """Tokenised questions and passages; `targets[i]` is the column of question i's passage.

    Questions come as Indonesian, the same in English, then English ones on English passages;
    `pairs` are the questions behind the first block, `keys` name the passages by column.
    """

    questions: list[list[int]]
    passages: list[list[int]]
    targets: npt.NDArray[np.int64]
    keys: list[str]
    pairs: list[Question]


class RetrievalBatches:
    """Draws batches of passages, each with a question in both languages."""

    def __init__(
        self, corpus: Corpus, tokenise: Tokenise, longest_question: int, longest_passage: int
    ) -> None:
        answered = [q for q in corpus.questions if q.answer is not None]
        self._by_passage: dict[str, list[Question]] = {}
        for question in answered:
            self._by_passage.setdefault(question.passage, []).append(question)
        self._keys = list(self._by_passage)
        asked = [(q.indonesian, q.passage) for q in answered]
        found = bm25_neighbours(asked, corpus.passages, NEIGHBOURS)
        self._answered = answered
        self._near: list[dict[str, list[str]]] = [{}]
        for question, near in zip(answered, found, strict=True):
            usable = [key for key in near if key in self._by_passage]
            self._near[0].setdefault(question.passage, []).extend(usable)
        self._indonesian = dict(
            zip(
                [q.id for q in answered],
                tokenise([q.indonesian for q in answered], longest_question),
                strict=True,
            )
        )
        self._english = dict(
            zip(
                [q.id for q in answered],
                tokenise([q.english for q in answered], longest_question),
                strict=True,
            )
        )
        keys = list(corpus.passages)
        self._passages = dict(
            zip(keys, tokenise([corpus.passages[k] for k in keys], longest_passage), strict=True)
        )
        keys = list(corpus.english_passages)
        texts = [corpus.english_passages[key] for key in keys]
        self._english_passages = dict(zip(keys, tokenise(texts, longest_passage), strict=True))
        natural = [q for q in corpus.english_questions if q.source.startswith("natural")]
        self._natural_questions = tokenise([q.question for q in natural], longest_question)
        self._natural_passages = tokenise([q.passage for q in natural], longest_passage)
        self._natural_keys = ["en:" + q.passage[:120] for q in natural]
        self._folded = {k: f" {' '.join(words(text))} " for k, text in corpus.passages.items()}

    def draw(self, rng: np.random.Generator, passages: int, english: int) -> RetrievalBatch:
        """Return a batch of so many passages of either language and so many of the English set."""
        keys = self._draw_keys(rng, min(passages, len(self._keys)))
        pairs = [self._pick(rng, self._by_passage[key]) for key in keys]
        texts = [
            self._english_passages[key]
            if key in self._english_passages and rng.random() < ENGLISH_SHARE
            else self._passages[key]
            for key in keys
        ]
        rows = rng.choice(len(self._natural_keys), english, replace=False)
        columns = list(range(len(keys)))
        questions = [self._indonesian[q.id] for q in pairs] + [self._english[q.id] for q in pairs]
        questions += [self._natural_questions[row] for row in rows]
        targets = columns * 2 + [len(keys) + i for i in range(english)]
        return RetrievalBatch(
            questions,
            texts + [self._natural_passages[row] for row in rows],
            np.array(targets, np.int64),
            keys + [self._natural_keys[row] for row in rows],
            pairs,
        )

    def mine(self, embed: Callable[[list[list[int]]], npt.NDArray[np.float32]]) -> None:
        """Draw from now on also passages that the encoder itself confuses with a question's own.

        `embed` returns unit vectors, shape (texts, width). Mining again replaces what was found.
        """
        asked = [
            (self._english if number % 2 else self._indonesian)[question.id]
            for number, question in enumerate(self._answered)
        ]
        scores = embed(asked) @ embed([self._passages[key] for key in self._keys]).T
        best = np.argsort(-scores, axis=1)[:, : NEIGHBOURS + 1]
        found: dict[str, list[str]] = {}
        for question, row in zip(self._answered, best, strict=True):
            near = [self._keys[i] for i in row if self._keys[i] != question.passage]
            found.setdefault(question.passage, []).extend(near)
        self._near[1:] = [found]

    def unfit(self, batch: RetrievalBatch, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return which columns are no fair negative of a question, shape (questions, len(keys)).

        That is another showing of its own passage, or a passage that holds its answer's words.
        """
        wrong = np.zeros((len(batch.questions), len(keys)), np.bool_)
        size = len(batch.pairs)
        for number, question in enumerate(batch.pairs):
            answer = " ".join(words(question.answer or ""))
            telling = len(answer) >= SHORTEST_TELLING_ANSWER
            for column, key in enumerate(keys):
                if key == question.passage or (
                    telling and f" {answer} " in self._folded.get(key, "")
                ):
                    wrong[number, column] = wrong[size + number, column] = True
        for number in range(2 * size, len(batch.questions)):
            own = batch.keys[batch.targets[number]]
            wrong[number] = [key == own for key in keys]
        wrong[np.arange(len(batch.questions)), batch.targets] = False
        return wrong

    def _draw_keys(self, rng: np.random.Generator, count: int) -> list[str]:
        chosen: dict[str, None] = {}
        while len(chosen) < count:
            seed = self._keys[int(rng.integers(len(self._keys)))]
            near = self._near[int(rng.integers(len(self._near)))].get(seed, [])
            picked = [near[i] for i in rng.permutation(len(near))[: CLUSTER - 1]]
            for key in [seed, *picked]:
                if len(chosen) < count:
                    chosen[key] = None
        return list(chosen)

    @staticmethod
    def _pick(rng: np.random.Generator, questions: Sequence[Question]) -> Question:
        return questions[int(rng.integers(len(questions)))]
