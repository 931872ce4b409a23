from __future__ import annotations

import pytest

from rag.answer.suggest import Suggestion, in_turn, suggest_questions
from rag.types import Document


def article(text: str) -> Document:
    return Document("a", "Judul", text, "id", "Contoh", "upload", "0" * 64)


def questions(text: str) -> list[tuple[str, str]]:
    return [(one.text("id"), one.text("en")) for one in suggest_questions(article(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Budi Santoso juga bertemu Siti Aminah, pemilik kedai.",
            ("Siapa yang ditemui Budi Santoso?", "Who did Budi Santoso meet?"),
        ),
        (
            "Budi Santoso menggambarkan Jepara sebagai kota ukir.",
            ("Apa kata Budi Santoso tentang Jepara?", "What did Budi Santoso say about Jepara?"),
        ),
        (
            "Menteri Luar Negeri Budi Santoso tiba pada Jumat (19/1/2024) malam.",
            ("Kapan Budi Santoso tiba?", "When did Budi Santoso arrive?"),
        ),
        (
            "Ia pergi ke Ghana. Presiden Ghana Kofi Mensah menyambut mereka.",
            ("Siapa presiden Ghana?", "Who is the president of Ghana?"),
        ),
        (
            "Akibat gempa Cianjur, sedikitnya sepuluh orang meninggal.",
            (
                "Berapa orang yang meninggal akibat gempa Cianjur?",
                "How many people died in the Cianjur earthquake?",
            ),
        ),
        (
            "They flew from Ghana. Ama Boateng, the foreign minister of Ghana, met Kofi Mensah.",
            ("Siapa menteri luar negeri Ghana?", "Who is the foreign minister of Ghana?"),
        ),
    ],
)
def test_sentences_of_news_become_questions(text: str, expected: tuple[str, str]) -> None:
    assert expected in questions(text)


@pytest.mark.parametrize(
    "text",
    [
        "Keduanya berbicara lewat telepon pada Jumat (19/1/2024).",
        "Sedikitnya sepuluh orang meninggal.",
        "Ia tiba di Jepara. Jepara bertemu Demak di laga pertama.",
        "Budi Santoso bertemu Siti Aminah",
    ],
)
def test_what_is_no_clear_answer_becomes_no_question(text: str) -> None:
    assert questions(text) == []


def test_a_suggestion_points_at_the_sentence_it_comes_from() -> None:
    document = article("Hujan turun. Budi Santoso bertemu Siti Aminah di kedai.")
    (found,) = suggest_questions(document)
    assert document.text[found.start : found.end] == "Budi Santoso bertemu Siti Aminah di kedai."


def test_kinds_of_questions_take_turns() -> None:
    made = [Suggestion(kind, (), "a", 0, 1) for kind in ("met", "met", "post", "when", "post")]
    assert [one.kind for one in in_turn(made)] == ["met", "post", "when", "met", "post"]
