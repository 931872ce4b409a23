"""What the bundled reader says of passages."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ReaderError
from rag.models.bundled_reader import BundledReader, best_span
from rag.models.reader import Reading

FILLER = "Warga setempat menjalani hari seperti biasa dan pasar tetap ramai oleh pembeli. "
ANSWERING = (
    "Jembatan itu diresmikan oleh Wali Kota Bandung, Ridwan Kamil, pada 12 Mei 2016. "
    "Pembangunannya menelan biaya 40 miliar rupiah dan berlangsung selama dua tahun."
)
OTHER = "Kebun binatang tertua di negara itu memiliki lebih dari dua ratus spesies hewan."


@pytest.fixture(scope="module")
def reader() -> BundledReader:
    return BundledReader()


def test_the_words_of_the_answer_are_found(reader: BundledReader) -> None:
    for question in ("Kapan jembatan itu diresmikan?", "When was the bridge inaugurated?"):
        reading = reader.read(question, [ANSWERING])[0]
        assert "2016" in ANSWERING[reading.start : reading.end]


def test_a_passage_that_answers_ranks_above_one_that_does_not(reader: BundledReader) -> None:
    for question in ("Siapa yang meresmikan jembatan itu?", "Who inaugurated the bridge?"):
        other, answering = reader.read(question, [OTHER, ANSWERING])
        assert answering.relevance > other.relevance
        assert answering.has_answer > other.has_answer


def test_a_reading_does_not_depend_on_the_passages_beside_it(reader: BundledReader) -> None:
    passages = [OTHER, ANSWERING, FILLER * 40, ANSWERING + OTHER]
    question = "Siapa yang meresmikan jembatan itu?"
    alone = [reader.read(question, [passage])[0] for passage in passages]
    assert reader.read(question, passages) == alone


def test_readings_are_in_range_and_in_input_order(reader: BundledReader) -> None:
    passages = [OTHER, ANSWERING, FILLER * 40, "a", ANSWERING]
    readings = reader.read("Berapa biaya jembatan itu?", passages)
    for reading, passage in zip(readings, passages, strict=True):
        assert 0 <= reading.start <= reading.end <= len(passage)
        assert 0 <= reading.has_answer <= 1
        assert 0 <= reading.relevance <= 1
    assert _close(readings[1], readings[4])


def test_an_answer_deep_in_a_long_passage_is_read(reader: BundledReader) -> None:
    passage = FILLER * 25 + ANSWERING
    reading = reader.read("Kapan jembatan itu diresmikan?", [passage])[0]
    assert reading.start >= len(FILLER) * 25
    assert passage[reading.start : reading.end].strip()


def test_nothing_to_read_gives_nothing(reader: BundledReader) -> None:
    assert reader.read("Siapa?", []) == []
    assert reader.read("Siapa?", [""]) == [Reading(0, 0, 0.0, 0.0)]
    assert len(reader.read("", [ANSWERING])) == 1


def test_answers_are_whole_words(reader: BundledReader) -> None:
    for question in ("Siapa wali kotanya?", "Berapa lama?", "How much did it cost?"):
        reading = reader.read(question, [ANSWERING])[0]
        before = ANSWERING[max(0, reading.start - 1) : reading.start]
        after = ANSWERING[reading.end : reading.end + 1]
        assert not before.isalnum()
        assert not after.isalnum()


def test_threads_share_a_reader(reader: BundledReader) -> None:
    expected = reader.read("Siapa?", [ANSWERING, OTHER])
    with ThreadPoolExecutor(4) as pool:
        for readings in pool.map(lambda _: reader.read("Siapa?", [ANSWERING, OTHER]), range(12)):
            assert all(_close(a, b) for a, b in zip(readings, expected, strict=True))


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="reinstall"):
        BundledReader(tmp_path).read("Siapa?", [ANSWERING])


def test_the_likeliest_span_never_ends_before_it_starts() -> None:
    start = np.array([0.0, 0.0, 9.0, 0.0], np.float32)
    end = np.array([9.5, 0.0, 0.0, 5.0], np.float32)
    first, last, score = best_span(start, end)
    assert (first, last) == (2, 3)
    assert score <= 0


def _close(one: Reading, other: Reading) -> bool:
    return (one.start, one.end) == (other.start, other.end) and (
        abs(one.has_answer - other.has_answer) < 0.02
    )
