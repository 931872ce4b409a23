"""Passages: exact offsets, every sentence once, nothing torn from what it belongs to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.chunk import chunk_document
from rag.text.sentences import split_sentences
from rag.types import Document, Passage


def document(text: str) -> Document:
    return Document("kota/berita", "Judul", text, "id", "berita.txt", "/berita.txt", "ab" * 32)


def sentence(words: int, first: str = "Kata") -> str:
    return " ".join([first, *["kata"] * (words - 1)]) + "."


def texts(text: str, passage_words: int) -> list[str]:
    return [passage.text for passage in chunk_document(document(text), passage_words)]


def test_passages_aim_at_the_wanted_length() -> None:
    text = " ".join(sentence(10) for _ in range(40))
    lengths = [len(passage.split()) for passage in texts(text, 100)]
    assert lengths == [100, 100, 100, 100]


def test_a_passage_carries_what_is_known_of_its_document() -> None:
    (passage,) = chunk_document(document("Satu kalimat."), 100)
    assert passage == Passage(
        "kota/berita", "ab" * 32, 0, "Satu kalimat.", 0, 13, "id", None, "berita.txt"
    )
    assert passage.id == "kota/berita@abababab#0"


def test_a_heading_stays_with_what_follows_it() -> None:
    text = f"{sentence(18)}\n\nJudul Bagian\n\n{sentence(10)}"
    assert texts(text, 20) == [sentence(18), f"Judul Bagian\n\n{sentence(10)}"]


def test_a_heading_begins_a_new_passage_once_the_last_is_half_full() -> None:
    text = f"{sentence(12)}\n\nJudul Bagian\n\n{sentence(6)}"
    assert texts(text, 20) == [sentence(12), f"Judul Bagian\n\n{sentence(6)}"]


@pytest.mark.parametrize("mark", ["• ", "- ", "1. ", ""])
def test_a_list_stays_with_the_sentence_that_introduces_it(mark: str) -> None:
    items = "\n".join(f"{mark}butir penting yang dibahas" for _ in range(4))
    listed = f"Kedua pihak membahas:\n{items}"
    text = f"{sentence(16)}\n{listed}\n{sentence(16)}"
    assert texts(text, 20) == [sentence(16), listed, sentence(16)]


def test_a_quotation_stays_with_the_colon_before_it() -> None:
    text = f"{sentence(15)}\nIa mengatakan dengan tegas:\n“{sentence(15)}”"
    assert texts(text, 20)[1] == f"Ia mengatakan dengan tegas:\n“{sentence(15)}”"


def test_a_tiny_rest_joins_the_passage_before_it() -> None:
    text = " ".join([sentence(20), sentence(20), sentence(3)])
    assert texts(text, 20) == [sentence(20), f"{sentence(20)} {sentence(3)}"]


def test_only_a_single_long_sentence_exceeds_twice_the_wanted_length() -> None:
    text = f"{sentence(5)} {sentence(90)} {sentence(5)}"
    assert [len(passage.split()) for passage in texts(text, 20)] == [5, 90, 5]


def test_a_list_too_long_for_one_passage_is_cut_between_items() -> None:
    items = [f"• butir {number} yang dibahas" for number in range(20)]
    passages = texts("Mereka membahas:\n" + "\n".join(items), 20)
    assert all(len(passage.split()) <= 40 for passage in passages)
    assert all(item in "\n".join(passages).split("\n") for item in items)


_LINES = st.sampled_from(
    [
        "Judul Bagian",
        "Kalimat satu. Kalimat dua yang lebih panjang.",
        "Mereka membahas:",
        "• butir",
        "butir tanpa tanda",
        "",
        "1. butir",
        "“Kutipan.” Kata dia.",
        "Dr. A. pergi",
        "a",
    ]
)


@given(
    st.lists(_LINES, max_size=30).map("\n".join) | st.text(max_size=200),
    st.integers(min_value=3, max_value=60),
)
def test_passages_hold_every_sentence_in_order_with_exact_offsets(text: str, words: int) -> None:
    passages = chunk_document(document(text), words)
    assert [passage.index for passage in passages] == list(range(len(passages)))
    assert all(text[passage.start : passage.end] == passage.text for passage in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))
    for start, end in split_sentences(text):
        assert sum(p.start <= start and end <= p.end for p in passages) == 1
    for passage in passages:
        inside = [s for s in split_sentences(text) if passage.start <= s[0] < passage.end]
        assert len(passage.text.split()) <= 2 * words or len(inside) == 1
