"""Measure the bundled reader: the words it picks, and whether it knows when there are none.

    python -m bench.reading --data DIR [--reader FOLDER]

Reads qa_dev.jsonl and passages.jsonl of the data folder: token F1 and exact match on answerable
questions, AUROC of has-answer against unanswerable ones, calibration, and time.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.tables import print_table, read_rows
from rag.models.bundled_reader import BundledReader
from rag.models.onnx_model import WEIGHTS_FOLDER
from rag.models.reader import Reader

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BINS = 10
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reader said of one question and its passage, and what is true."""

    predicted: str
    has_answer: float
    answer: str | None


def normalise(text: str) -> list[str]:
    return re.sub(r"\W+", " ", text.casefold()).split()


def token_f1(one: str, other: str) -> float:
    left, right = normalise(one), normalise(other)
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right)) if shared else 0.0


def auroc(positive: FloatArray, negative: FloatArray) -> float:
    """Return the share of (answerable, unanswerable) pairs in the right order, ties by half."""
    above = (positive[:, None] > negative[None]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None]).mean())


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Return the expected calibration error over ten equal bins of probability."""
    said = np.array([o.has_answer for o in outcomes])
    true = np.array([o.answer is not None for o in outcomes])
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    parts = [
        abs(said[bins == b].mean() - true[bins == b].mean()) * (bins == b).mean()
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(sum(parts))


def read_all(reader: Reader, data: Path, language: str) -> list[Outcome]:
    texts = {str(row["id"]): str(row["text"]) for row in read_rows(data / "passages.jsonl")}
    outcomes: list[Outcome] = []
    for row in read_rows(data / "qa_dev.jsonl"):
        text = texts[str(row["passage"])]
        reading = reader.read(str(row[language]), [text])[0]
        answer = None if row["answer"] is None else str(row["answer"])
        outcomes.append(Outcome(text[reading.start : reading.end], reading.has_answer, answer))
    return outcomes


def score(name: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    answerable = [o for o in outcomes if o.answer is not None]
    f1 = statistics.fmean(token_f1(o.predicted, o.answer or "") for o in answerable)
    exact = statistics.fmean(
        normalise(o.predicted) == normalise(o.answer or "") for o in answerable
    )
    positive = np.array([o.has_answer for o in answerable])
    negative = np.array([o.has_answer for o in outcomes if o.answer is None])
    error = calibration_error(outcomes)
    return (
        name,
        f"{len(answerable)}/{len(outcomes)}",
        f"{f1:.3f}",
        f"{exact:.3f}",
        f"{auroc(positive, negative):.3f}",
        f"{error:.3f}",
    )


def thresholds(name: str, outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    positive = np.array([o.has_answer for o in outcomes if o.answer is not None])
    negative = np.array([o.has_answer for o in outcomes if o.answer is None])
    return [
        (name, f"{t:.1f}", f"{(positive >= t).mean():.2f}", f"{(negative < t).mean():.2f}")
        for t in THRESHOLDS
    ]


def measure_speed(reader: Reader, data: Path, passages: int = 10) -> float:
    """Return the median milliseconds of reading ten dev passages for a question."""
    rows = list(read_rows(data / "qa_dev.jsonl"))[:60]
    texts = [str(r["text"]) for r in read_rows(data / "passages.jsonl") if r["split"] == "dev"]
    reader.read(str(rows[0]["question_id"]), texts[:passages])
    spent: list[float] = []
    for number, row in enumerate(rows):
        first = number * 5 % (len(texts) - passages)
        start = time.perf_counter()
        reader.read(str(row["question_id"]), texts[first : first + passages])
        spent.append(1000 * (time.perf_counter() - start))
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--reader", type=Path, default=WEIGHTS_FOLDER / "reader")
    arguments = parser.parse_args()
    if not (arguments.data / "qa_dev.jsonl").exists():
        sys.exit(f"there is no data folder {arguments.data}; name one with --data")
    reader = BundledReader(arguments.reader)
    rows, tried = [], []
    for name, column in (("Indonesian", "question_id"), ("English", "question_en")):
        outcomes = read_all(reader, arguments.data, column)
        rows.append(score(name, outcomes))
        tried += thresholds(name, outcomes)
    heads = ("questions", "answerable", "F1", "exact", "has-answer AUROC", "calibration error")
    print_table("reading", heads, rows)
    print_table(
        "answering at a threshold of has-answer",
        ("questions", "threshold", "answerable kept", "unanswerable refused"),
        tried,
    )
    print(f"10 passages read, p50: {measure_speed(reader, arguments.data):.0f} ms")


if __name__ == "__main__":
    main()
