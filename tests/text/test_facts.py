from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.dates import DateMention
from rag.text.facts import Amount, find_amounts, find_days, says_date
from rag.types import Language


def amounts(text: str, language: Language) -> tuple[Amount, ...]:
    return find_amounts(text, language)


@pytest.mark.parametrize(
    ("one", "one_language", "other", "other_language"),
    [
        ("10 billion", "en", "10 miliar", "id"),
        ("ten billion US dollars", "en", "10 miliar dolar AS", "id"),
        ("US$10bn", "en", "USD 10.000.000.000", "id"),
        ("$10 billion", "en", "USD 10 miliar", "id"),
        ("3.5 percent", "en", "3,5 persen", "id"),
        ("3.5%", "en", "3,5 %", "id"),
        ("fifty people", "en", "lima puluh orang", "id"),
        ("50", "en", "lima puluh", "id"),
        ("more than 50 terrorists", "en", "lebih dari lima puluh orang teroris", "id"),
        ("at least ten people", "en", "paling sedikit sepuluh orang", "id"),
        ("nine years", "en", "sembilan tahun", "id"),
        ("25,000", "en", "dua puluh lima ribu", "id"),
        ("one hundred and twenty", "en", "seratus dua puluh", "id"),
        ("twelve", "en", "dua belas", "id"),
        ("1,234.5", "en", "1.234,5", "id"),
        ("Rp 5 juta", "id", "5 million rupiah", "en"),
        ("at 9:15 pm", "en", "pukul 21.15", "id"),
        ("two weeks", "en", "dua pekan", "id"),
    ],
)
def test_spellings_of_one_amount_agree(
    one: str, one_language: Language, other: str, other_language: Language
) -> None:
    left, right = amounts(one, one_language), amounts(other, other_language)
    assert len(left) == len(right) == 1
    assert left[0].agrees(right[0])


@pytest.mark.parametrize(
    ("one", "one_language", "other", "other_language"),
    [
        ("10 billion", "en", "10 juta", "id"),
        ("fifteen", "en", "lima puluh", "id"),
        ("two weeks", "en", "dua hari", "id"),
        ("5 percent", "en", "5 juta dolar", "id"),
        ("3.5 percent", "en", "35 persen", "id"),
        ("fewer than fifty", "en", "lebih dari lima puluh", "id"),
        ("10 euros", "en", "10 dolar", "id"),
        ("10.000", "id", "10", "id"),
    ],
)
def test_different_amounts_do_not_agree(
    one: str, one_language: Language, other: str, other_language: Language
) -> None:
    left, right = amounts(one, one_language), amounts(other, other_language)
    assert not left[0].agrees(right[0])


@pytest.mark.parametrize(
    "text",
    ["Jumat (19/1/2024)", "salah satu konsultasi", "satu sama lain", "one of them", "no one came"],
)
def test_dates_and_turns_of_phrase_are_no_amounts(text: str) -> None:
    assert amounts(text, "id") == ()


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Friday 19 January", "Jumat (19/1)"),
        ("19 January 2024", "Jumat (19/1)"),
        ("January 19, 2024", "Jumat (19/1/2024)"),
        ("on Friday", "Jumat (19/1)"),
        ("in January 2024", "Jumat (19/1)"),
        ("Thursday", "pada Kamis"),
        ("18 January 2024", "pada Kamis pagi"),
    ],
)
def test_evidence_tells_a_date_in_any_spelling(claim: str, evidence: str) -> None:
    published = date(2024, 1, 20)
    (claimed,) = find_days(claim, None)
    assert any(says_date(claimed, told) for told in find_days(evidence, published))


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("19 February", "Jumat (19/1)"),
        ("19 January 2023", "Jumat (19/1)"),
        ("Monday", "Jumat (19/1)"),
        ("19 January 2024", "pada Januari 2024"),
    ],
)
def test_evidence_does_not_tell_another_or_a_finer_date(claim: str, evidence: str) -> None:
    published = date(2024, 1, 20)
    (claimed,) = find_days(claim, None)
    assert not any(says_date(claimed, told) for told in find_days(evidence, published))


def test_a_weekday_alone_is_the_last_one_before_publication() -> None:
    (day,) = find_days("tiba pada Selasa", date(2025, 11, 26))
    assert day.to_date() == date(2025, 11, 25)


def test_nothing_of_a_date_is_told_by_an_empty_mention() -> None:
    assert not says_date(DateMention(0, 1, year=2024), DateMention(0, 1, month=5))


@given(text=st.text(max_size=80), language=st.sampled_from(["id", "en"]))
def test_offsets_lie_in_the_text_and_do_not_overlap(text: str, language: Language) -> None:
    found = amounts(text, language)
    assert all(0 <= a.start < a.end <= len(text) and a.values for a in found)


@given(value=st.integers(0, 10**12))
def test_whole_numbers_survive_both_ways_of_grouping(value: int) -> None:
    english = amounts(f"{value:,}", "en")
    indonesian = amounts(f"{value:,}".replace(",", "."), "id")
    assert english[0].values == indonesian[0].values == frozenset({float(value)})
