"""Near-duplicate stories: the same article in two places counts as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.text.terms import words
from rag.types import Document, Hit

FloatArray = npt.NDArray[np.float32]

SHINGLE_WORDS = 4
LEAST_SIMILARITY = 0.9
"""Documents whose vectors are less alike than this (cosine) are not compared by their words."""
LEAST_SHARED = 0.7
"""Share of a passage's shingles that the other story must hold for the passage to be folded."""
REMEMBERED = 128
"""Texts whose shingles are kept, some 8 MB: of one subject the same few stories are found again."""


@lru_cache(maxsize=REMEMBERED)
def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of four words that a text holds; a shorter text is one run."""
    found = words(text)
    if len(found) < SHINGLE_WORDS:
        return frozenset([tuple(found)])
    return frozenset(zip(*(found[i:] for i in range(SHINGLE_WORDS)), strict=False))


def fold_near_duplicates(hits: Sequence[Hit], vectors: Mapping[str, FloatArray]) -> list[Hit]:
    """Return the hits, best first, without those that an earlier hit's story tells in its words.

    A hit is folded when the two documents' vectors are close and most of the hit's words stand in
    the earlier document too. The earlier hit then names the document in `also_in`. `vectors` maps
    document ids to their unit vectors, shape (dimensions,).
    """
    kept: list[Hit] = []
    stories: dict[str, frozenset[tuple[str, ...]]] = {}
    also_in: dict[str, list[str]] = {}
    for hit in hits:
        twin = _find_twin(hit, kept, vectors, stories)
        if twin is None:
            kept.append(hit)
        else:
            names = also_in.setdefault(twin.passage.id, [])
            if hit.document.id not in names:
                names.append(hit.document.id)
    return [replace(hit, also_in=tuple(also_in.get(hit.passage.id, ()))) for hit in kept]


def _find_twin(
    hit: Hit,
    kept: Sequence[Hit],
    vectors: Mapping[str, FloatArray],
    stories: dict[str, frozenset[tuple[str, ...]]],
) -> Hit | None:
    own: frozenset[tuple[str, ...]] | None = None
    for other in kept:
        if other.document.id == hit.document.id or not _alike(
            hit.document, other.document, vectors
        ):
            continue
        if own is None:
            own = shingles(hit.passage.text)
        story = stories.get(other.document.id)
        if story is None:
            story = stories[other.document.id] = shingles(other.document.text)
        if len(own & story) >= LEAST_SHARED * len(own):
            return other
    return None


def _alike(one: Document, other: Document, vectors: Mapping[str, FloatArray]) -> bool:
    left, right = vectors.get(one.id), vectors.get(other.id)
    if left is None or right is None:
        return False
    return float(left @ right) >= LEAST_SIMILARITY
