"""The reader that comes with the program: int8 on onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np

from rag.errors import ReaderError
from rag.models.onnx_model import (
    WEIGHTS_FOLDER,
    FloatArray,
    OnnxModel,
    Tokens,
)
from rag.models.reader import Reading

LONGEST_QUESTION = 48
LONGEST_INPUT = 224
"""Tokens of question and passage that are read at once; a longer passage is read by windows."""
OVERLAP = 48
"""Tokens that two windows of a passage share, so that no answer is cut by both."""
LONGEST_ANSWER = 30
"""Tokens of an answer at the most."""
CLS, SEP = 2, 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the network's scores become the numbers of a Reading; fitted by training.calibrate."""

    answer: float
    span: float
    bias: float
    relevance: float
    relevance_bias: float


@dataclass(frozen=True, slots=True)
class _Window:
    """Tokens [start, end) of one passage."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Raw scores of one passage: first and last character, span, has-answer and relevance."""

    start: int
    end: int
    span: float
    answer: float
    relevance: float


UNREAD = Verdict(0, 0, -1e6, -1e6, -1e6)
"""Of a passage without a word in it."""


class BundledReader:
    """Reads Indonesian and English. Safe to use from several threads."""

    def __init__(self, folder: Path = WEIGHTS_FOLDER / "reader") -> None:
        self._model = OnnxModel(folder, ReaderError)
        self._calibration: Calibration | None = None

    @property
    def name(self) -> str:
        """`bundled:` and eight hex digits of its weights. Raises ReaderError."""
        return f"bundled:{self._model.digest}"

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Return one reading a passage, in input order. Raises ReaderError."""
        scales = self._scales()
        return [
            Reading(
                verdict.start,
                verdict.end,
                _share(scales.answer * verdict.answer + scales.span * verdict.span + scales.bias),
                _share(scales.relevance * verdict.relevance + scales.relevance_bias),
            )
            for verdict in self.judge(question, passages)
        ]

    def judge(self, question: str, passages: Sequence[str]) -> list[Verdict]:
        """Return the uncalibrated scores, one a passage, in input order. Raises ReaderError."""
        asked = self._model.tokenise([question])[0].ids[:LONGEST_QUESTION]
        tokens = self._model.tokenise(passages) if passages else []
        room = LONGEST_INPUT - len(asked) - 3
        windows = [w for i, one in enumerate(tokens) for w in _windows(i, len(one.ids), room)]
        rows, types = [], []
        for window in windows:
            part = tokens[window.passage].ids[window.start : window.end]
            rows.append([CLS, *asked, SEP, *part, SEP])
            types.append([0] * (len(asked) + 2) + [1] * (len(part) + 1))
        verdicts = [UNREAD] * len(passages)
        first = len(asked) + 2
        for window, outputs in zip(windows, self._model.run_each(rows, types), strict=True):
            start, end, answer, relevance = outputs
            last = first + window.end - window.start
            verdict = _verdict(
                start[first:last],
                end[first:last],
                (float(answer), float(relevance)),
                tokens[window.passage],
                window,
                passages[window.passage],
            )
            verdicts[window.passage] = _merge(verdicts[window.passage], verdict)
        return verdicts

    def _scales(self) -> Calibration:
        if self._calibration is None:
            read = self._model.setting
            self._calibration = Calibration(
                read("answer_scale"),
                read("span_scale"),
                read("answer_bias"),
                read("relevance_scale"),
                read("relevance_bias"),
            )
        return self._calibration


def _windows(passage: int, length: int, room: int) -> list[_Window]:
    """Return windows of at most `room` tokens that together hold all of a passage."""
    windows: list[_Window] = []
    start = 0
    while start < length:
        end = min(length, start + room)
        windows.append(_Window(passage, start, end))
        if end == length:
            break
        start = end - OVERLAP
    return windows


def _verdict(
    start: FloatArray,
    end: FloatArray,
    scores: tuple[float, float],
    tokens: Tokens,
    window: _Window,
    text: str,
) -> Verdict:
    first, last, score = best_span(start, end)
    left = tokens.offsets[window.start + first][0]
    right = tokens.offsets[window.start + last][1]
    left, right = _whole_words(text, left, right)
    return Verdict(left, right, score, scores[0], scores[1])


def best_span(start: FloatArray, end: FloatArray) -> tuple[int, int, float]:
    """Return the first and last token of the likeliest span, and its log probability."""
    begin, finish = _log_softmax(start), _log_softmax(end)
    best = (0, 0, float("-inf"))
    for length in range(min(LONGEST_ANSWER, len(begin))):
        sums = begin[: len(begin) - length] + finish[length:]
        place = int(np.argmax(sums))
        if sums[place] > best[2]:
            best = (place, place + length, float(sums[place]))
    return best


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max()
    result: FloatArray = shifted - np.log(np.exp(shifted).sum())
    return result


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span widened to whole words, and without space at its ends."""
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _merge(one: Verdict, other: Verdict) -> Verdict:
    """Return the span of the window that answers best, with the best relevance of both."""
    better = max(one, other, key=lambda verdict: verdict.answer + verdict.span)
    return Verdict(
        better.start, better.end, better.span, better.answer, max(one.relevance, other.relevance)
    )


def _share(score: float) -> float:
    """Return the logistic function of a score, in 0..1."""
    return 1 / (1 + exp(-score)) if score > -30 else 0.0
