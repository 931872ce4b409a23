"""Vectors and words made into one score: a convex combination of normalised scores.

After Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2022): unlike
rank fusion it keeps how much better one passage is than the next, and it degrades gently when one
side is weak. Word scores are divided by the best one (their least value, 0, is known); similarities
are scaled from the least to the greatest of the candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def normalise_words(scores: Mapping[str, float]) -> dict[str, float]:
    """Return BM25 scores as shares of the best one."""
    best = max(scores.values(), default=0.0)
    return {key: score / best if best > 0 else 0.0 for key, score in scores.items()}


def normalise_vectors(scores: Mapping[str, float]) -> dict[str, float]:
    """Return similarities scaled to 0..1 between the least and the greatest of them."""
    if not scores:
        return {}
    least, greatest = min(scores.values()), max(scores.values())
    spread = greatest - least
    return {key: (score - least) / spread if spread > 0 else 1.0 for key, score in scores.items()}


def fuse(
    vectors: Mapping[str, float],
    words: Mapping[str, float],
    word_weight: Callable[[str], float],
) -> list[tuple[str, float]]:
    """Return every candidate with its fused score in 0..1, best first, ties by id.

    `word_weight(id)` is the share of the words in the score of one candidate, so that it can depend
    on the language of the passage. A candidate that one side did not return has 0 there.
    """
    by_vector, by_words = normalise_vectors(vectors), normalise_words(words)
    fused: dict[str, float] = {}
    for key in by_vector.keys() | by_words.keys():
        share = word_weight(key)
        fused[key] = (1 - share) * by_vector.get(key, 0.0) + share * by_words.get(key, 0.0)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
