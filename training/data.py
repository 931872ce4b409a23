"""What the models are trained on, read from one folder; nothing marked dev ever leaves here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BORDER = re.compile(r"(?<=[.!?\]])\s+(?=[A-Z\"'(])")

PARALLEL_REPEATS = {
    "ntrex-128": 3,
    "ud-indonesian-pud": 3,
    "flores200-devtest": 3,
    "sib200-flores": 3,
    "tico-19": 2,
    "nusax-senti": 1,
    "opensource.guide": 1,
    "tatoeba-manythings": 1,
}
"""How often one pass takes each source's pairs; news and encyclopedia most."""
OTHER_SHARE = 4
"""Of the remaining sources (technical documentation, glosses), every fourth pair is taken."""
HELD_OUT_PERCENT = 5
"""Share of Natural Questions passages kept for measuring English on English."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in both languages on one passage; `answer` is None if the passage has none."""

    id: str
    indonesian: str
    english: str
    passage: str
    answer: str | None
    answer_start: int


@dataclass(frozen=True, slots=True)
class EnglishQuestion:
    """An English question with its passage; `whole_sentence` tells answers that are sentences."""

    question: str
    passage: str
    answer: str
    source: str
    whole_sentence: bool


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything to train on. `passages` and `english_passages` are by id, train split only."""

    passages: dict[str, str]
    english_passages: dict[str, str]
    questions: list[Question]
    english_questions: list[EnglishQuestion]
    parallel: list[tuple[str, str, str]]
    lexicon: list[tuple[str, str]]


def read_rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def is_held_out(passage: str) -> bool:
    """Tell whether an English passage is kept for measuring; decided by its text alone."""
    digest = hashlib.sha256(passage.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < HELD_OUT_PERCENT


def load_corpus(folder: Path) -> Corpus:
    """Read the data folder, leaving out every dev passage and all that belongs to one."""
    passages = {
        str(row["id"]): str(row["text"])
        for row in read_rows(folder / "passages.jsonl")
        if row["split"] == "train"
    }
    questions = [
        Question(
            str(row["id"]),
            " ".join(str(row["question_id"]).split()),
            " ".join(str(row["question_en"]).split()),
            str(row["passage"]),
            None if row["answer"] is None else str(row["answer"]),
            -1 if row["answer"] is None else int(str(row["answer_start"])),
        )
        for row in read_rows(folder / "qa_train.jsonl")
        if row["passage"] in passages
    ]
    english_questions = [
        EnglishQuestion(
            str(row["question"]),
            str(row["passage"]),
            str(row["answer"]),
            str(row["source"]),
            row["task"] == "answer_sentence",
        )
        for row in read_rows(folder / "qa_english.jsonl")
        if not (str(row["source"]).startswith("natural") and is_held_out(str(row["passage"])))
    ]
    english_passages: dict[str, str] = {}
    for line in (folder / "passages_en.tsv").read_text(encoding="utf-8").splitlines():
        key, _, text = line.partition("\t")
        if key in passages:
            english_passages[key] = text
    rows = (folder / "parallel.tsv").read_text(encoding="utf-8").split("\n")[1:]
    cells = [row.split("\t") for row in rows if row]
    parallel = [(row[0], row[1], row[2]) for row in cells if row[0].strip() and row[1].strip()]
    return Corpus(
        passages,
        english_passages,
        questions,
        english_questions,
        parallel,
        read_lexicon(folder / "lexicon_en_id.tsv"),
    )


def read_lexicon(path: Path) -> list[tuple[str, str]]:
    """Return (Indonesian, English) pairs, the commonest translation of each entry."""
    pairs: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        english, _, equivalents = line.partition("\t")
        pairs.append((equivalents.split("|")[0], english))
    return pairs


def align_sentences(corpus: Corpus) -> list[tuple[str, str]]:
    """Return (Indonesian, English) sentences of the passages whose two versions have as many."""
    pairs: list[tuple[str, str]] = []
    for key, english in corpus.english_passages.items():
        left = _BORDER.split(corpus.passages[key])
        right = _BORDER.split(english)
        if len(left) == len(right):
            pairs += [p for p in zip(left, right, strict=True) if p[0].strip() and p[1].strip()]
    return pairs


def parallel_sentences(corpus: Corpus) -> list[tuple[str, str, int]]:
    """Return (Indonesian, English, repeats) for the first step, in a fixed order."""
    found: list[tuple[str, str, int]] = []
    for number, (indonesian, english, source) in enumerate(corpus.parallel):
        repeats = PARALLEL_REPEATS.get(source, 1 if number % OTHER_SHARE == 0 else 0)
        if repeats:
            found.append((indonesian, english, repeats))
    found += [(a, b, 2) for a, b in align_sentences(corpus)]
    found += [(q.indonesian, q.english, 1) for q in corpus.questions]
    found += [(a, b, 1) for number, (a, b) in enumerate(corpus.lexicon) if number % 2 == 0]
    found += [(corpus.passages[key], text, 1) for key, text in corpus.english_passages.items()]
    return found
