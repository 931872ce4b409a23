from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.answer.markers import MarkerStream, parse_markers

KNOWN = 6


def streamed(pieces: list[str], known: int = KNOWN) -> str:
    stream = MarkerStream(known)
    return "".join([*(stream.feed(piece) for piece in pieces), stream.finish()])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("They met [1].", "They met [1]."),
        ("They met [1, 2].", "They met [1][2]."),
        ("They met [1,2].", "They met [1][2]."),
        ("They met [1-3].", "They met [1][2][3]."),
        ("They met [1][2].", "They met [1][2]."),
        ("They met 【1】.", "They met [1]."),
        ("They met 【1†source】.", "They met [1]."),
        ("They met 【2†L1-L5】.", "They met [2]."),
        ("They met [^1].", "They met [1]."),
        ("They met [^1][^2].", "They met [1][2]."),
        ("They met [1 and 3].", "They met [1][3]."),
        ("Mereka bertemu (sumber 1).", "Mereka bertemu [1]."),
        ("They met (source 1).", "They met [1]."),
        ("They met (Sources: 1, 2).", "They met [1][2]."),
        ("Mereka bertemu [Sumber 1].", "Mereka bertemu [1]."),
        ("They met [passage 2].", "They met [2]."),
        ("They met [Source: 3].", "They met [3]."),
        ("They met [Source 1, Source 2].", "They met [1][2]."),
        ("They met (1).", "They met [1]."),
        ("They met (1, 2).", "They met [1][2]."),
        ("They met [17].", "They met."),
        ("They met [1, 17].", "They met [1]."),
        ("They met [0].", "They met."),
    ],
)
def test_every_style_of_marker_becomes_one(written: str, shown: str) -> None:
    assert streamed([written]) == shown


@pytest.mark.parametrize(
    "prose",
    [
        "In [2024] they met.",
        "He said it was [sic] fine.",
        "Kata dia, [masalah yang rumit] itu selesai.",
        "Jumat (19/1) mereka bertemu.",
        "(1) first, (2) second",
        "The deadline (1 May) passed.",
        "Ten people (10) died.",
        "Amerika Serikat (AS) pergi",
        "A list [a, b] and an open [ bracket",
        "Sumber [sumber dekat pemerintah] berkata",
        "Pasal (3) ayat (2) berbunyi",
    ],
)
def test_other_brackets_stay(prose: str) -> None:
    assert streamed([prose]) == prose


def test_only_what_may_be_a_marker_is_held_back() -> None:
    stream = MarkerStream(KNOWN)
    assert stream.feed("They met [") == "They met"
    assert stream.feed("1") == ""
    assert stream.feed("] and [s") == " [1] and"
    assert stream.feed("ic") == " [sic"
    assert stream.feed("]") == "]"
    assert stream.finish() == ""


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *"[ ] 【 】 ( ) 1 2 17 , - – ^ † source sumber Sumber: passage and dan".split(),
                *"sic 2024 . ; * a kata [1] (1) (2). 【1†source】 [^1]".split(),
                *("\n", " ", "  ", "[1, 2]", "\n(1) "),
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=14,
)


@given(pieces=PIECES, cuts=st.lists(st.integers(0, 200), max_size=12))
@example(pieces=["x (1)", "\n(1). "], cuts=[3, 4, 6, 7])
@example(pieces=["x [source ", "1]"], cuts=[4])
def test_what_is_shown_does_not_depend_on_how_the_text_was_cut(
    pieces: list[str], cuts: list[int]
) -> None:
    text = "".join(pieces)
    borders = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    parts = [text[a:b] for a, b in pairwise(borders)]
    whole = streamed([text])
    assert streamed(parts) == whole
    assert streamed(list(text)) == whole


@given(pieces=PIECES)
def test_shown_text_is_never_taken_back_and_no_unknown_number_is_made(pieces: list[str]) -> None:
    stream = MarkerStream(KNOWN)
    shown = ""
    for piece in pieces:
        shown += stream.feed(piece)
    assert (shown + stream.finish()) == streamed(pieces)


def parsed(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(s.text, s.passage_numbers) for s in parse_markers(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met [1]. It rained [2].", [("They met.", (1,)), ("It rained.", (2,))]),
        ("They met. [1] It rained. [2]", [("They met.", (1,)), ("It rained.", (2,))]),
        ("They met [1][2].", [("They met.", (1, 2))]),
        ("They met [2, 1] in May [1].", [("They met in May.", (1, 2))]),
        ("[1] They met.", [("They met.", (1,))]),
        ("They met [9].", [("They met.", ())]),
        ("They met.", [("They met.", ())]),
        (
            "He met:\n- Zardari [1]\n- Sadiq [2]\n",
            [("He met:", ()), ("Zardari", (1,)), ("Sadiq", (2,))],
        ),
        (
            "1. Zardari [1]\n2. Sadiq [2][3]",
            [("Zardari", (1,)), ("Sadiq", (2, 3))],
        ),
        ("According to [1], they met.", [("They met.", (1,))]),
        ("Menurut sumber 2, mereka bertemu.", [("Mereka bertemu.", (2,))]),
        ("It is [sic] so [1].", [("It is [sic] so.", (1,))]),
        ("They met [1].\n\nSources:\n[1] An article\n[2] Another", [("They met.", (1,))]),
        ("", []),
        ("[1]", []),
    ],
)
def test_markers_belong_to_their_sentences(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert parsed(text) == expected


def test_what_stands_between_sentences_is_kept() -> None:
    sentences = parse_markers("He met:\n\n- Zardari [1]\n- Sadiq [2]", KNOWN)
    assert [s.before for s in sentences] == ["", "\n\n- ", "\n- "]


@given(pieces=PIECES)
@example(pieces=["\n(1) ", "\n", "source"])
def test_any_text_gives_known_numbers_in_order_of_the_sentences(pieces: list[str]) -> None:
    for sentence in parse_markers("".join(pieces), KNOWN):
        assert all(1 <= number <= KNOWN for number in sentence.passage_numbers)
        assert len(set(sentence.passage_numbers)) == len(sentence.passage_numbers)
        assert sentence.text == sentence.text.strip() != ""
