"""Fit the reader's scales: `python -m training.calibrate --data DIR --reader DIR [--encoder DIR]`.

has-answer becomes a probability by logistic regression on the network's has-answer score and the
log probability of its best span (Platt, "Probabilistic Outputs for Support Vector Machines", 1999),
fitted on the dev questions: each with its own passage, answering or not, and with the best other
passages that the search finds, as they occur in use. Relevance is only scaled into 0..1.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.bundled_encoder import BundledEncoder
from rag.models.bundled_reader import BundledReader, Verdict
from rag.text.terms import words
from training.data import read_rows

OTHERS = 2
"""Passages of the search that are read beside the question's own."""
RIDGE = 1e-3
FloatArray = npt.NDArray[np.float64]


def fit_logistic(features: FloatArray, truth: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the coefficients, bias last, of a weighted logistic regression (Newton's method)."""
    rows = np.hstack([features, np.ones((len(features), 1))])
    found = np.zeros(rows.shape[1])
    for _ in range(50):
        share = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (weights * (truth - share)) - RIDGE * found
        curve = (rows * (weights * share * (1 - share))[:, None]).T @ rows
        step = np.linalg.solve(curve + RIDGE * np.eye(len(found)), slope)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    return found


def read_dev(
    data: Path, reader: BundledReader, encoder: BundledEncoder
) -> tuple[list[Verdict], list[bool], list[float]]:
    """Return the reader's scores on the dev questions, the truth, and the weight of each."""
    texts = {str(row["id"]): str(row["text"]) for row in read_rows(data / "passages.jsonl")}
    keys = list(texts)
    vectors = encoder.encode_passages([texts[key] for key in keys])
    verdicts: list[Verdict] = []
    truth: list[bool] = []
    weights: list[float] = []
    for row in read_rows(data / "qa_dev.jsonl"):
        answer = None if row["answer"] is None else f" {' '.join(words(str(row['answer'])))} "
        for language in ("question_id", "question_en"):
            question = str(row[language])
            near = np.argsort(-(vectors @ encoder.encode_queries([question])[0]))[: OTHERS + 8]
            others = [
                keys[i]
                for i in near
                if keys[i] != row["passage"]
                and answer is not None
                and answer not in f" {' '.join(words(texts[keys[i]]))} "
            ][:OTHERS]
            passages = [texts[str(row["passage"])], *(texts[key] for key in others)]
            verdicts += reader.judge(question, passages)
            truth += [answer is not None] + [False] * len(others)
            weights += [1.0] + [0.5] * len(others)
    return verdicts, truth, weights


def calibrate(data: Path, reader_folder: Path, encoder: BundledEncoder) -> dict[str, float]:
    """Fit the scales and write them into the reader's config.json."""
    reader = BundledReader(reader_folder)
    verdicts, truth, weights = read_dev(data, reader, encoder)
    y, w = np.array(truth, np.float64), np.array(weights)
    answer = fit_logistic(np.array([[v.answer, v.span] for v in verdicts]), y, w)
    relevance = fit_logistic(np.array([[v.relevance] for v in verdicts]), y, w)
    scales = {
        "answer_scale": float(answer[0]),
        "span_scale": float(answer[1]),
        "answer_bias": float(answer[2]),
        "relevance_scale": float(relevance[0]),
        "relevance_bias": float(relevance[1]),
    }
    path = reader_folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | scales
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return scales


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--reader", type=Path, required=True, help="folder of the exported reader")
    parser.add_argument("--encoder", type=Path, help="folder of the exported encoder")
    arguments = parser.parse_args()
    encoder = BundledEncoder(arguments.encoder) if arguments.encoder else BundledEncoder()
    print(json.dumps(calibrate(arguments.data, arguments.reader, encoder)))


if __name__ == "__main__":
    main()
