"""Parts of the trainings that can go wrong by themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.calibrate import fit_logistic
from training.loop import Clock, chunks_by_length
from training.reading import token_span


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=50), max_size=40))
def test_chunks_hold_every_row_once(rows: list[list[int]]) -> None:
    chunks = chunks_by_length(rows, 100)
    assert sorted(row for chunk in chunks for row in chunk) == list(range(len(rows)))


def test_an_answer_is_found_among_the_tokens_it_overlaps() -> None:
    offsets = [(0, 5), (6, 8), (8, 12), (13, 20)]
    assert token_span(offsets, 6, 12) == (1, 2)
    assert token_span(offsets, 7, 14) == (1, 3)
    assert token_span(offsets, 30, 35) is None


def test_the_learning_rate_warms_up_and_falls() -> None:
    clock = Clock(1000)
    rates = []
    for _ in range(1000):
        rates.append(clock.rate())
        clock.tick()
    assert rates[0] < 0.05
    assert max(rates) > 0.95
    assert rates[-1] < 0.03
    assert clock.progress == 1


def test_calibration_recovers_known_coefficients() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(20_000, 2))
    share = 1 / (1 + np.exp(-(2 * features[:, 0] - features[:, 1] + 0.5)))
    truth = (rng.random(20_000) < share).astype(float)
    found = fit_logistic(features, truth, np.ones(20_000))
    assert found == pytest.approx([2, -1, 0.5], abs=0.1)
