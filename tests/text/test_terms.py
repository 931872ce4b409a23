"""Words, terms, the lexicon and the ideas of a question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.lexicon import Lexicon, bundled_lexicon
from rag.text.query import find_ideas, query_terms
from rag.text.terms import analyse, find_words, words


@pytest.mark.parametrize(
    ("one", "other"),
    [("pertemuan", "ditemukan"), ("menyerang", "serangan"), ("Kerja-sama", "kerja sama")],
)
def test_indonesian_forms_of_a_word_share_a_term(one: str, other: str) -> None:
    assert analyse(one, "id") == analyse(other, "id")


def test_terms_of_the_two_languages_never_meet() -> None:
    assert not set(analyse("bank Jakarta", "id")) & set(analyse("bank Jakarta", "en"))


def test_numbers_with_separators_are_one_word() -> None:
    assert words("USD 10.000.000 atau 3,5 persen, 19/1/2024") == [
        "usd",
        "10.000.000",
        "atau",
        "3,5",
        "persen",
        "19",
        "1",
        "2024",
    ]


def test_accents_and_possessives_are_folded() -> None:
    assert words("Pakistan's Atatürk café") == ["pakistan", "ataturk", "cafe"]


@given(st.text())
def test_word_spans_are_ordered_and_inside_the_text(text: str) -> None:
    spans = find_words(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert len(words(text)) == len(spans)


def test_stemming_in_many_threads_gives_what_one_thread_gives() -> None:
    text = "pertemuan " * 50 + " ".join(f"penyerangan{i} berkunjung{i}" for i in range(200))
    expected = analyse(text, "id")
    with ThreadPoolExecutor(8) as pool:
        assert all(
            found == expected for found in pool.map(lambda _: analyse(text, "id"), range(32))
        )


def test_lexicon_prefers_the_longest_phrase() -> None:
    lexicon = Lexicon([("foreign", ["asing"]), ("foreign minister", ["menteri luar negeri"])])
    [match] = lexicon.match(["foreign", "minister"], "en")
    assert match.translations == (("menteri", "luar", "negeri"),)


def test_lexicon_finds_other_forms_of_a_word_and_works_both_ways() -> None:
    lexicon = Lexicon([("meeting", ["pertemuan", "rapat"])])
    assert lexicon.translate(["meetings"], "en") == (("pertemuan",), ("rapat",))
    assert lexicon.translate(["pertemuan"], "id") == (("meeting",),)
    assert lexicon.translate(["unheard"], "en") == ()


def test_an_english_idea_is_expressed_by_indonesian_terms() -> None:
    [name, verb] = find_ideas("Who did Larijani meet?", "en", bundled_lexicon())
    assert name.named
    assert not verb.named
    assert set(analyse("bertemu", "id")) & {phrase[0] for phrase in verb.alternatives}


def test_a_name_in_two_words_is_also_sought_as_one() -> None:
    terms = query_terms("Siapa Amir Abdollahian?", "id", bundled_lexicon())
    [joined] = analyse("Amirabdollahian", "id")
    assert any((joined,) in term.alternatives for term in terms)


def test_a_question_of_stop_words_has_no_terms() -> None:
    assert query_terms("Siapa dia?", "id", bundled_lexicon()) == []
