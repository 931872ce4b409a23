"""What the page needs of the server besides answers: its files, an overview, feedback."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rag.errors import StorageFullError
from rag.serve import feedback
from rag.serve.feedback import Feedback, keep_feedback
from rag.serve.page import overview_of
from rag.serve.suggestions import Suggestions, find_questions, spread
from rag.types import Answer, Citation, Document

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MET = "Budi Santoso bertemu Siti Aminah di kedai."
TEXT = f"{MET} Budi Santoso menggambarkan Jepara sebagai kota ukir."


def document(name: str, published: date | None = None, text: str = TEXT) -> Document:
    return Document(name, name, text, "id", "Contoh", "upload", name, None, published, 2)


class Index:
    """An engine that answers each question with the first sentence, or not at all."""

    def __init__(self, *documents: Document, answered: bool = True) -> None:
        self.kept = {one.id: one for one in documents}
        self.asked: list[str] = []
        self.answered = answered

    def documents(self) -> list[Document]:
        return list(self.kept.values())

    def document(self, document_id: str) -> Document:
        return self.kept[document_id]

    def content_hashes(self) -> dict[str, str]:
        return {one.id: one.content_hash for one in self.kept.values()}

    def status(self) -> object:
        from rag.engine import Status

        return Status(len(self.kept), 2, "e", "reader", "")

    def ask(self, question: str, *, language: str) -> Answer:
        self.asked.append(question)
        if not self.answered:
            return Answer("", "id", abstained=True, answerer="reader")
        cited = [
            Citation(1, one.id, one.title, one.source, None, None, MET, 0, len(MET))
            for one in self.kept.values()
        ]
        return Answer("", "id", abstained=False, answerer="reader", citations=tuple(cited))


def test_questions_that_are_not_answered_from_their_sentence_are_not_shown() -> None:
    index = Index(document("a"))
    found = find_questions(index, "id", 4)  # type: ignore[arg-type]
    assert len(index.asked) == 2
    assert [one.text("id") for one in found] == ["Siapa yang ditemui Budi Santoso?"]
    silent = Index(document("a"), answered=False)
    assert find_questions(silent, "id", 4) == []  # type: ignore[arg-type]


def test_questions_are_looked_for_once_for_every_state_of_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.serve.suggestions.FRESH_SECONDS", 0.0)
    index, suggestions = Index(document("a")), Suggestions()
    suggestions.questions(index, "id")  # type: ignore[arg-type]
    asked = len(index.asked)
    suggestions.questions(index, "id")  # type: ignore[arg-type]
    assert len(index.asked) == asked
    del index.kept["a"]
    assert suggestions.questions(index, "id") == []  # type: ignore[arg-type]
    assert suggestions.first(index) is None  # type: ignore[arg-type]


def test_the_latest_articles_and_some_of_all_others_are_read() -> None:
    many = [document(f"{day:02}", date(2024, 1, day)) for day in range(1, 31)] + [document("x")]
    chosen = [one.id for one in spread(many, 6)]
    assert chosen[:3] == ["30", "29", "28"]
    assert len(set(chosen)) == 6
    assert spread(many[:3], 6) == many[2::-1]


def test_the_overview_tells_how_many_articles_there_are_and_from_when_to_when() -> None:
    days = [date(2024, 5, 1), None, date(2021, 4, 8)]
    listed = [document(str(number), day) for number, day in enumerate(days)]
    told = overview_of(listed, read_only=True, max_upload_megabytes=20)
    assert (told.documents, told.passages) == (3, 6)
    assert (told.first_published, told.last_published) == (date(2021, 4, 8), date(2024, 5, 1))
    assert overview_of([], read_only=True, max_upload_megabytes=20).first_published is None


def test_feedback_is_one_line_each(tmp_path: Path) -> None:
    file = tmp_path / "index" / "feedback.jsonl"
    for verdict in ("up", "down"):
        given = Feedback(answer_id="x", verdict=verdict, note="dua\nbaris", document_ids=["a"])
        keep_feedback(file, given, NOW)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["verdict"] for line in lines] == ["up", "down"]
    assert lines[0]["note"] == "dua\nbaris"
    assert lines[0]["at"] == "2026-01-02T03:04:05+00:00"


def test_feedback_cannot_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MOST_BYTES", 200)
    file = tmp_path / "feedback.jsonl"
    keep_feedback(file, Feedback(answer_id="x", verdict="up"), NOW)
    with pytest.raises(StorageFullError, match="move it away"):
        keep_feedback(file, Feedback(answer_id="x", verdict="up", note="a" * 150), NOW)
    assert file.stat().st_size <= 200
