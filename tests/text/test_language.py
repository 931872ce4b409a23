"""Telling Indonesian from English, also on a few words."""

from __future__ import annotations

import pytest

from rag.text.language import detect_language


@pytest.mark.parametrize(
    "text",
    [
        "Siapa dia?",
        "Kapan?",
        "Di mana?",
        "Ada berapa?",
        "Lalu di Moskow?",
        "Kapan The Washington Post berdiri?",
        "Siapa penulis The Chronicles of Narnia?",
        "Pertemuannya membahas kerja sama",
    ],
)
def test_indonesian_is_recognised(text: str) -> None:
    assert detect_language(text, default="en") == "id"


@pytest.mark.parametrize(
    "text",
    [
        "Who is he?",
        "Why?",
        "And in Moscow?",
        "population of Islamabad",
        "Who leads Partai Golongan Karya?",
        "What did Larijani say?",
    ],
)
def test_english_is_recognised(text: str) -> None:
    assert detect_language(text, default="id") == "en"


def test_a_bare_name_gets_the_default() -> None:
    assert detect_language("Larijani?") == "id"
    assert detect_language("Larijani?", default="en") == "en"
    assert detect_language("", default="en") == "en"
