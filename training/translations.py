"""Word vectors for a new language from those of an old one, by translation.

IBM model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", 1993) learns from
parallel sentences which old pieces each new piece translates to; a new piece then starts at the
mean of their vectors, weighted by probability. Without any training of the network this already
puts Indonesian and English sentences of one meaning near each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ROUNDS = 6
LONGEST_TEXT = 60
"""Longer texts, in pieces, say little about which piece translates which."""
LEAST_PROBABILITY = 0.04
LEAST_SHARE = 0.15
"""Pieces whose likely translations hold less probability than this keep their first vector."""
LEAST_EVIDENCE = 1.5
"""And those translated less often than this, counted in old pieces."""

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Translations:
    """P(old piece | new piece) for the pairs seen together, and how often they were aligned."""

    new: IntArray
    old: IntArray
    probability: FloatArray
    count: FloatArray


def learn_translations(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]], new_pieces: int, old_pieces: int
) -> Translations:
    """Return the translation probabilities of pieces, from texts as (new ids, old ids).

    Every old piece is explained by one of the text's new pieces, or by none of them, which takes
    up words that have no counterpart. Memory grows with the sum of the products of lengths.
    """
    new, old, group = _joint_occurrences(pairs, new_pieces)
    keys, position = np.unique(new.astype(np.int64) * old_pieces + old, return_inverse=True)
    of_new = (keys // old_pieces).astype(np.int32)
    probability = np.ones(len(keys))
    counts = probability
    for _ in range(ROUNDS):
        share = probability[position]
        share /= np.bincount(group, share)[group]
        counts = np.bincount(position, share, minlength=len(keys))
        probability = counts / np.bincount(of_new, counts)[of_new]
    known = of_new < new_pieces
    return Translations(
        of_new[known],
        (keys % old_pieces).astype(np.int32)[known],
        probability[known].astype(np.float32),
        counts[known].astype(np.float32),
    )


def _joint_occurrences(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]], no_piece: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return every (new piece, old piece) of each text, and which old occurrence it is about."""
    new_parts: list[IntArray] = []
    old_parts: list[IntArray] = []
    group_parts: list[IntArray] = []
    groups = 0
    for new_ids, old_ids in pairs:
        if not new_ids or not old_ids or max(len(new_ids), len(old_ids)) > LONGEST_TEXT:
            continue
        candidates = np.array([*dict.fromkeys(new_ids), no_piece], np.int32)
        size, among = len(old_ids), len(candidates)
        new_parts.append(np.tile(candidates, size))
        old_parts.append(np.repeat(np.array(old_ids, np.int32), among))
        group_parts.append(np.repeat(np.arange(groups, groups + size, dtype=np.int32), among))
        groups += size
    return np.concatenate(new_parts), np.concatenate(old_parts), np.concatenate(group_parts)


def translated_vectors(
    first: FloatArray, old_vectors: FloatArray, translations: Translations
) -> FloatArray:
    """Return word vectors, shape of `first`: translated where the evidence suffices, else as given.

    `first` has one row a new piece, `old_vectors` one an old piece.
    """
    size = len(first)
    likely = translations.probability > LEAST_PROBABILITY
    new, old = translations.new[likely], translations.old[likely]
    weight = translations.probability[likely]
    share = np.bincount(new, weight, minlength=size)
    evidence = np.bincount(new, translations.count[likely], minlength=size)
    sums = np.zeros_like(first)
    np.add.at(sums, new, old_vectors[old] * weight[:, None])
    chosen = (share > LEAST_SHARE) & (evidence >= LEAST_EVIDENCE)
    trust = (evidence / (evidence + 1))[chosen, None]
    result = first.copy()
    result[chosen] = trust * sums[chosen] / share[chosen, None] + (1 - trust) * first[chosen]
    return result.astype(np.float32)
