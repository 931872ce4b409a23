from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.followups import LONGEST_STANDALONE, needs_context, standalone_by_rules
from rag.text.lexicon import bundled_lexicon
from rag.types import Language, Message

MET = (
    "Who did Larijani meet in Islamabad?",
    "He met President Asif Ali Zardari, Sardar Ayaz Sadiq and Ishaq Dar [1].",
)
RAISI = (
    "Siapa presiden Iran yang dijadwalkan datang ke Pakistan?",
    "Menurut “Iran dan Pakistan Perluas Kerja Sama Keamanan” (30 Januari 2024): “Abdollahian "
    "menambahkan, Presiden Iran Ebrahim Raisi dijadwalkan berkunjung ke Pakistan.” [1]",
)
TALKS = ("Kapan Lavrov bertemu Qureshi?", "Pada Rabu (7/4/2021) [1].")
SILENT = ("Siapa yang ditemui Lavrov?", "Artikel-artikel yang ada tidak menyebutkannya.")
TARGET = ("What is the trade target?", "USD 10 billion a year [1].")


def conversation(*turns: str) -> list[Message]:
    return [Message("assistant" if n % 2 else "user", turn) for n, turn in enumerate(turns)]


def standalone(question: str, turns: tuple[str, ...], language: Language) -> str:
    return standalone_by_rules(question, conversation(*turns), language, bundled_lexicon())


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("And when was that?", "en"),
        ("When was that?", "en"),
        ("What about Lavrov?", "en"),
        ("Why?", "en"),
        ("Who else?", "en"),
        ("Who is he?", "en"),
        ("What did they discuss?", "en"),
        ("Is it realistic?", "en"),
        ("Tell me more.", "en"),
        ("Siapa dia?", "id"),
        ("Di mana?", "id"),
        ("Lalu?", "id"),
        ("Kapan itu?", "id"),
        ("Kapan pertemuan itu berlangsung?", "id"),
        ("Bagaimana dengan Lavrov?", "id"),
        ("Apa jabatannya?", "id"),
        ("Apa yang mereka bahas?", "id"),
        ("Siapa lagi?", "id"),
        ("Apa yang terjadi?", "id"),
    ],
)
def test_an_elliptic_question_needs_context(question: str, language: Language) -> None:
    assert needs_context(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who did Larijani meet in Islamabad?", "en"),
        ("How many people died in the Pakistani strike?", "en"),
        ("Who is Larijani and what is his post?", "en"),
        ("When is the deadline for the withdrawal of American troops?", "en"),
        ("Siapa yang memimpin rapat Komite Keamanan Nasional?", "id"),
        ("Siapa menteri penerangan Pakistan?", "id"),
        ("Berapa target perdagangan bilateral Iran dan Pakistan?", "id"),
        ("Apa yang dibahas Lavrov dan Qureshi?", "id"),
        ("What is inflation?", "en"),
        ("siapa larijani?", "id"),
    ],
)
def test_a_complete_question_needs_no_context(question: str, language: Language) -> None:
    assert not needs_context(question, language)
    assert standalone(question, MET, language) == question


@pytest.mark.parametrize(
    ("turns", "question", "language", "expected"),
    [
        (MET, "What about Lavrov?", "en", "Who did Lavrov meet in Islamabad?"),
        (MET, "And Lavrov?", "en", "Who did Lavrov meet in Islamabad?"),
        (MET, "How about Moscow?", "en", "Who did Larijani meet in Moscow?"),
        (MET, "When did he arrive?", "en", "When did Larijani arrive?"),
        (MET, "What is his post?", "en", "What is Larijani's post?"),
        (MET, "Who is he?", "en", "Who is Asif Ali Zardari?"),
        (MET, "Who else?", "en", "Who did Larijani meet in Islamabad?"),
        (MET, "And when was that?", "en", "When was that (Larijani meet in Islamabad)?"),
        (MET, "Where?", "en", "Where (Larijani meet in Islamabad)?"),
        (TARGET, "Who set it?", "en", "Who set it (the trade target)?"),
        (RAISI, "Siapa dia?", "id", "Siapa Ebrahim Raisi?"),
        (RAISI, "Apa jabatannya?", "id", "Apa jabatan Ebrahim Raisi?"),
        (RAISI, "Kapan?", "id", "Kapan (presiden Iran yang dijadwalkan datang ke Pakistan)?"),
        (RAISI, "Kalau India?", "id", "Siapa presiden Iran yang dijadwalkan datang ke India?"),
        (TALKS, "Apa yang mereka bahas?", "id", "Apa yang Lavrov dan Qureshi bahas?"),
        (TALKS, "Bagaimana hasilnya?", "id", "Bagaimana hasilnya (Lavrov bertemu Qureshi)?"),
        (TALKS, "Bagaimana dengan Dar?", "id", "Kapan Lavrov bertemu Dar?"),
        (TALKS, "Lalu?", "id", "Kapan Lavrov bertemu Qureshi?"),
        (SILENT, "Siapa dia?", "id", "Siapa Lavrov?"),
    ],
)
def test_what_a_question_leaves_open_is_carried_over(
    turns: tuple[str, ...], question: str, language: Language, expected: str
) -> None:
    assert standalone(question, turns, language) == expected


def test_a_chain_of_follow_ups_keeps_to_the_first_question() -> None:
    turns = (*MET, "What about Lavrov?", "The articles do not say.")
    assert standalone("When was that?", turns, "en") == "When was that (Lavrov meet in Islamabad)?"


def test_without_history_the_question_stays() -> None:
    assert standalone("Siapa dia?", (), "id") == "Siapa dia?"


def test_an_answer_gives_names_to_search_by_and_no_facts() -> None:
    turns = ("When did Lavrov arrive?", "He arrived on 5 May with 300 soldiers [1].")
    resolved = standalone("Where was that?", turns, "en")
    assert "Lavrov" in resolved
    assert "300" not in resolved
    assert "May" not in resolved


@given(
    question=st.text(max_size=120),
    turns=st.lists(st.text(max_size=200), max_size=4),
    language=st.sampled_from(["id", "en"]),
)
def test_any_conversation_gives_a_bounded_deterministic_question(
    question: str, turns: list[str], language: Language
) -> None:
    first = standalone(question, tuple(turns), language)
    assert first == standalone(question, tuple(turns), language)
    assert first == question.strip() or len(first) <= LONGEST_STANDALONE
