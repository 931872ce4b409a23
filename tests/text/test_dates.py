"""Dates in both languages, and when an article was published."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.dates import DateMention, find_dates, find_publication_date, same_date


def parts(mention: DateMention) -> tuple[int | None, int | None, int | None, int | None]:
    return mention.year, mention.month, mention.day, mention.weekday


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("pada 19/1 lalu", "19/1", (None, 1, 19, None)),
        ("hari itu (19/1).", "19/1", (None, 1, 19, None)),
        ("pada Rabu (7/4/2021), dan", "Rabu (7/4/2021)", (2021, 4, 7, 2)),
        ("pada hari Jumat (19/1), Amir", "Jumat (19/1)", (None, 1, 19, 4)),
        ("19-01-2024", "19-01-2024", (2024, 1, 19, None)),
        ("31/12/99", "31/12/99", (1999, 12, 31, None)),
        ("19 Januari 2024.", "19 Januari 2024", (2024, 1, 19, None)),
        ("Jumat, 19 Januari 2024 10.20 WIB", "Jumat, 19 Januari 2024", (2024, 1, 19, 4)),
        ("Jumat 19 Januari", "Jumat 19 Januari", (None, 1, 19, 4)),
        ("sejak 7 Oktober.", "7 Oktober", (None, 10, 7, None)),
        ("on January 19, 2024,", "January 19, 2024", (2024, 1, 19, None)),
        ("Friday, Jan. 19th, 2024", "Friday, Jan. 19th, 2024", (2024, 1, 19, 4)),
        ("the 19th of January 2024", "19th of January 2024", (2024, 1, 19, None)),
        ("after October 7 it", "October 7", (None, 10, 7, None)),
        ("2024-01-19T10:00", "2024-01-19", (2024, 1, 19, None)),
        ("sejak Maret 2021", "Maret 2021", (2021, 3, None, None)),
        ("in May 2020", "May 2020", (2020, 5, None, None)),
        ("awal bulan Januari", "bulan Januari", (None, 1, None, None)),
        ("tahun 2022", "2022", (2022, None, None, None)),
        ("in 2022 it", "2022", (2022, None, None, None)),
        ("pada Selasa pagi", "Selasa", (None, None, None, 1)),
        ("on Sunday", "Sunday", (None, None, None, 6)),
    ],
)
def test_a_date_is_found_in_its_spelling(
    text: str, words: str, expected: tuple[int | None, ...]
) -> None:
    (mention,) = find_dates(text)
    assert text[mention.start : mention.end] == words
    assert parts(mention) == expected


@pytest.mark.parametrize(
    "text",
    [
        "buka 24/7",
        "1/2 sendok",
        "32 Januari",
        "1/19/2024",
        "pukul 10.30",
        "skor 3-4",
        "dua minggu lalu",
        "you may 5",
        "Rp 2000 miliar",
        "UU 11/2020",
        "10.000.000",
        "192.168.1.1",
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert find_dates(text) == []


def test_both_ends_of_a_span_are_found() -> None:
    assert [parts(m)[:3] for m in find_dates("19-21 Januari 2024")] == [
        (2024, 1, 19),
        (2024, 1, 21),
    ]
    assert [m.year for m in find_dates("dari 2019 hingga 2021")] == [2019, 2021]


def test_the_reference_gives_the_nearest_year() -> None:
    assert find_dates("30 Desember", date(2024, 1, 2))[0].year == 2023
    assert find_dates("(19/1)", date(2024, 2, 2))[0].year == 2024
    assert find_dates("tahun 2020", date(2024, 2, 2))[0].year == 2020


def test_dates_of_two_languages_compare() -> None:
    (short,), (full,) = find_dates("Jumat (19/1)"), find_dates("January 19, 2024")
    (other,) = find_dates("20 January")
    assert same_date(short, full)
    assert not same_date(short, other)
    assert not same_date(find_dates("Selasa")[0], find_dates("tahun 2022")[0])


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_iso_and_day_first_spellings_agree(day: date) -> None:
    for text in (day.isoformat(), f"({day.day}/{day.month}/{day.year})", f"{day:%d %B %Y}"):
        (mention,) = find_dates(text)
        assert mention.to_date() == day


@given(st.text(alphabet=st.sampled_from("0129/-. ()JanuariMe,Sels"), max_size=60))
def test_mentions_are_ordered_and_never_overlap(text: str) -> None:
    mentions = find_dates(text)
    assert all(0 <= m.start < m.end <= len(text) for m in mentions)
    assert all(before.end <= after.start for before, after in pairwise(mentions))


BODY = "Menteri bertemu mitranya pada Rabu (17/1/2024) di ibu kota dan membahas banyak hal."


@pytest.mark.parametrize(
    ("raw", "url", "expected"),
    [
        (f"Judul\n\nJumat, 19 Januari 2024 | 10.20 WIB\n\n{BODY}", None, date(2024, 1, 19)),
        (f"Judul\nPublished on January 19, 2024 at 10:20\n{BODY}", None, date(2024, 1, 19)),
        (f"JAKARTA, 19 Januari 2024 - {BODY}", None, date(2024, 1, 19)),
        (BODY, "https://a.example/2024/01/20/x", date(2024, 1, 20)),
        (f"{BODY}\nhttps://a.example/read/2024-01-20/x", None, date(2024, 1, 20)),
        (BODY, "https://a.example/berita/20249999", date(2024, 1, 17)),
        (f"Ia lahir pada 2 Mei 1995. {BODY}", None, date(2024, 1, 17)),
        ("Ia lahir pada 2 Mei 1895 di desa itu.", None, None),
        ("Pertemuan berlangsung pada hari Selasa.", None, None),
        ("", None, None),
    ],
)
def test_publication_date(raw: str, url: str | None, expected: date | None) -> None:
    assert find_publication_date(raw, url) == expected
