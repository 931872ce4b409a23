"""Batches of texts on the bundled models."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.models.onnx_model import batches_by_length, pad


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 1000))
def test_every_row_is_in_one_batch_and_no_batch_is_too_big(lengths: list[int], most: int) -> None:
    batches = batches_by_length(lengths, most)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= most


def test_padding_is_masked() -> None:
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert np.array_equal(mask, ids > 0)
