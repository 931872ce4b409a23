"""The trainings run from start to end, on a little made-up data, each by its one command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from training.data import load_corpus, parallel_sentences

ROOT = Path(__file__).parents[2]
TOWNS = ("Bandung", "Surabaya", "Medan", "Makassar", "Padang", "Malang", "Bogor", "Solo")


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the real shape; every fourth passage is dev."""
    folder = tmp_path_factory.mktemp("data")
    passages: list[dict[str, object]] = []
    questions: list[dict[str, object]] = []
    english: list[str] = []
    for number in range(40):
        town, year = TOWNS[number % 8], 1950 + number
        text = f"Pasar di {town} dibuka pada tahun {year}. Pasar itu ramai setiap hari."
        split = "dev" if number % 4 == 3 else "train"
        passages.append({"id": f"p{number}", "text": text, "split": split})
        english.append(f"p{number}\tThe market in {town} opened in {year}. It is busy every day.")
        for answer in (str(year), None):
            questions.append(
                {
                    "id": f"q{number}-{answer}",
                    "question_id": f"Kapan pasar di {town} dibuka?"
                    if answer
                    else f"Siapa pemilik pasar di {town}?",
                    "question_en": f"When did the market in {town} open?",
                    "passage": f"p{number}",
                    "answer": answer,
                    "answer_start": text.index(str(year)) if answer else None,
                    "source": "made up",
                }
            )
    write_rows(folder / "passages.jsonl", passages)
    write_rows(folder / "qa_train.jsonl", questions)
    (folder / "passages_en.tsv").write_text("\n".join(english) + "\n", encoding="utf-8")
    write_rows(
        folder / "qa_english.jsonl",
        [
            {
                "question": f"who opened gate {number}?",
                "passage": f"Gate {number} was opened by Ann Lee. It stands in {town}.",
                "answer": "Ann Lee",
                "task": "extractive",
                "source": source,
            }
            for number, town in enumerate(TOWNS * 4)
            for source in ("natural-questions (QED release)", "qamr-wikinews")
        ],
    )
    pairs = [
        f"Saya tinggal di {town}.\tI live in {town}.\t{source}\tCC0"
        for town in TOWNS
        for source in ("ntrex-128", "tatoeba-manythings", "django-docs-translations")
    ]
    parallel = "\n".join(["indonesian\tenglish\tsource\tlicence", *pairs])
    (folder / "parallel.tsv").write_text(parallel + "\n", encoding="utf-8")
    (folder / "lexicon_en_id.tsv").write_text("market\tpasar|bursa\nopen\tbuka\n", encoding="utf-8")
    return folder


def test_nothing_of_a_dev_passage_is_trained_on(data: Path) -> None:
    corpus = load_corpus(data)
    assert "p3" not in corpus.passages
    assert "p3" not in corpus.english_passages
    assert len(corpus.passages) == 30
    assert {q.passage for q in corpus.questions} == set(corpus.passages)
    assert not any("1953" in text for row in parallel_sentences(corpus) for text in row[:2])


def test_sentences_of_the_two_versions_are_paired(data: Path) -> None:
    pairs = [(a, b) for a, b, _ in parallel_sentences(load_corpus(data))]
    assert ("Pasar itu ramai setiap hari.", "It is busy every day.") in pairs


def test_both_trainings_run_and_resume(data: Path, tmp_path: Path) -> None:
    common = ["--data", str(data), "--out", str(tmp_path), "--smoke", "--threads", "2"]
    for command in (
        ["training.encoder", *common],
        ["training.encoder", *common, "--resume"],
        ["training.reader", *common],
        ["training.export", "encoder", str(tmp_path / "encoder"), str(tmp_path / "e")],
        ["training.export", "reader", str(tmp_path / "reader"), str(tmp_path / "r")],
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, capture_output=True)
    for name in ("e", "r"):
        assert (tmp_path / name / "model.onnx").stat().st_size < 30_000_000
        assert (tmp_path / name / "tokenizer.json").exists()
