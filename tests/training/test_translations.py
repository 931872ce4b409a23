"""Word vectors by translation."""

import numpy as np

from training.translations import learn_translations, translated_vectors

# New pieces 0..3 are words of one language, old pieces 0..3 the same words of the other; 9 is
# something said in every old sentence that has no counterpart.
PAIRS = [([0, 1], [0, 1, 9]), ([0, 2], [0, 2, 9]), ([1, 2], [1, 2, 9]), ([3, 0], [3, 0, 9])] * 5


def likeliest(piece: int) -> int:
    found = learn_translations(PAIRS, 4, 10)
    mine = found.new == piece
    return int(found.old[mine][np.argmax(found.probability[mine])])


def test_words_seen_together_translate_each_other() -> None:
    assert [likeliest(piece) for piece in range(4)] == [0, 1, 2, 3]


def test_probabilities_of_a_piece_sum_to_one() -> None:
    found = learn_translations(PAIRS, 4, 10)
    for piece in range(4):
        assert np.isclose(found.probability[found.new == piece].sum(), 1, atol=1e-5)


def test_a_piece_takes_the_vector_of_what_it_translates_to() -> None:
    old = np.eye(10, dtype=np.float32)
    first = np.zeros((5, 10), np.float32)
    first[4, 9] = 7.0
    vectors = translated_vectors(first, old, learn_translations(PAIRS, 4, 10))
    assert np.argmax(vectors[:4], axis=1).tolist() == [0, 1, 2, 3]
    assert np.array_equal(vectors[4], first[4]), "a piece never seen keeps its first vector"


def test_texts_that_are_too_long_or_empty_teach_nothing() -> None:
    long = list(range(4)) * 20
    found = learn_translations([*PAIRS, (long, [9]), ([], [1]), ([1], [])], 4, 10)
    assert not ((found.new == 3) & (found.old == 1) & (found.probability > 0.5)).any()
