"""Measure the answers without a language model: is the right sentence quoted, is silence right.

    python -m bench.quoting --data DIR

Asks the dev questions, in Indonesian and in English, of all passages of the folder, and lets the
program quote. A quote is right if it holds the answer's words. Refused are those questions that
their own passage does not answer; another passage seldom does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.retrieval import DATA, MemoryStore, product_retriever
from bench.tables import print_table, read_rows
from rag.answer.question import understand_question
from rag.answer.quoting import choose_units
from rag.build import build_encoder, build_reader
from rag.retrieve.retriever import Retriever
from rag.settings import Settings
from rag.text.lexicon import bundled_lexicon
from rag.types import Filters, Language

SETTINGS = Settings.load()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: is there an answer, was something quoted, was it right."""

    answerable: bool
    quoted: bool
    right: bool


def ask(
    retriever: Retriever, question: str, language: Language, answer: str | None, limit: int
) -> Outcome:
    hits = retriever.retrieve(question, language, Filters(), limit)
    units = choose_units(understand_question(question, language, bundled_lexicon()), hits)
    right = answer is not None and any(answer in unit.text for unit in units)
    return Outcome(answer is not None, bool(units), right)


def share(outcomes: Sequence[bool]) -> str:
    return f"{sum(outcomes) / max(1, len(outcomes)):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    if not (arguments.data / "passages.jsonl").exists():
        sys.exit(f"there is no data folder {arguments.data}; name one with --data")
    encoder = build_encoder(SETTINGS)
    rows = list(read_rows(arguments.data / "passages.jsonl"))
    store = MemoryStore({str(row["id"]): str(row["text"]) for row in rows}, "id", encoder)
    reader = build_reader(SETTINGS)
    retriever = product_retriever(store, encoder, reader, SETTINGS, SETTINGS.read_passages)
    questions = list(read_rows(arguments.data / "qa_dev.jsonl"))
    table: list[tuple[str, ...]] = []
    languages: tuple[tuple[Language, str], ...] = (("id", "Indonesian"), ("en", "English"))
    for language, name in languages:
        outcomes = [
            ask(
                retriever,
                str(row[f"question_{language}"]),
                language,
                None if row["answer"] is None else str(row["answer"]),
                SETTINGS.answer_passages,
            )
            for row in questions
        ]
        answerable = [outcome for outcome in outcomes if outcome.answerable]
        table.append(
            (
                name,
                share([outcome.quoted for outcome in answerable]),
                share([outcome.right for outcome in answerable]),
                share([outcome.right for outcome in outcomes if outcome.quoted]),
                share([not outcome.quoted for outcome in outcomes if not outcome.answerable]),
            )
        )
    heads = ("questions", "answered", "rightly", "quotes that are right", "rightly refused")
    print_table("answers without a language model", heads, table)


if __name__ == "__main__":
    main()
