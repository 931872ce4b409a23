"""Fusion of vectors and words, and the folding of near-duplicate stories."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.duplicates import fold_near_duplicates
from rag.retrieve.fuse import fuse
from rag.types import Document, Hit, Passage

scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 50), max_size=8)


def test_the_weight_decides_between_the_two_sides() -> None:
    vectors, by_words = {"a": 0.9, "b": 0.1}, {"b": 12.0, "c": 1.0}
    assert fuse(vectors, by_words, lambda _: 0.1)[0][0] == "a"
    assert fuse(vectors, by_words, lambda _: 0.9)[0][0] == "b"


def test_the_weight_may_depend_on_the_passage() -> None:
    ranked = fuse({"a": 1.0, "b": 0.9}, {"b": 5.0}, lambda key: 0.0 if key == "a" else 0.99)
    assert dict(ranked)["a"] == 1.0


@given(scores, scores, st.floats(0, 1))
def test_every_candidate_is_ranked_once_with_a_score_between_0_and_1(
    vectors: dict[str, float], by_words: dict[str, float], weight: float
) -> None:
    ranked = fuse(vectors, by_words, lambda _: weight)
    assert sorted(key for key, _ in ranked) == sorted(vectors.keys() | by_words.keys())
    assert all(-1e-9 <= score <= 1 + 1e-9 for _, score in ranked)
    assert ranked == sorted(ranked, key=lambda item: (-item[1], item[0]))


STORY = (
    "Gubernur meresmikan jembatan baru di atas sungai pada Senin pagi. Jembatan itu menghubungkan "
    "dua kecamatan dan menelan biaya tiga miliar rupiah. Warga berharap waktu tempuh berkurang."
)
OTHER = (
    "Jembatan baru di atas sungai itu diprotes warga karena menelan biaya besar. Mereka menilai "
    "gubernur lebih baik memperbaiki sekolah yang rusak di dua kecamatan tersebut lebih dahulu."
)


def _hit(name: str, text: str, score: float) -> Hit:
    document = Document(name, name, text, "id", "koran", "upload", "0" * 64)
    return Hit(Passage(name, "0" * 64, 0, text, 0, len(text), "id"), document, score)


def test_a_story_that_stands_in_two_places_becomes_one_hit_that_names_the_other() -> None:
    copy = STORY.replace("pada Senin pagi", "Senin")
    hits = [_hit("satu", STORY, 0.9), _hit("lain", OTHER, 0.8), _hit("dua", copy, 0.7)]
    vectors = {name: np.ones(1, np.float32) for name in ("satu", "dua", "lain")}
    kept = fold_near_duplicates(hits, vectors)
    assert [(hit.document.id, hit.also_in) for hit in kept] == [("satu", ("dua",)), ("lain", ())]


def test_stories_with_unlike_vectors_are_never_folded() -> None:
    vectors = {"satu": np.array([1, 0], np.float32), "dua": np.array([0, 1], np.float32)}
    hits = [_hit("satu", STORY, 0.9), _hit("dua", STORY, 0.7)]
    assert len(fold_near_duplicates(hits, vectors)) == 2
