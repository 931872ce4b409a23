"""Dates written in Indonesian or English, numeric ones always day first."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from rag.text.lines import word_count

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb peb",
            "maret march mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agt agu ags aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "senin monday mon",
            "selasa tuesday tue tues",
            "rabu wednesday wed",
            "kamis thursday thu thur thurs",
            "jumat jum'at jum’at friday fri",
            "sabtu saturday sat",
            "minggu ahad sunday sun",
        )
    )
    for name in names.split()
}
_OTHER_WORDS = frozenset(("may", "march", "mar", "des", "sep", "jan", "jun"))
_YEARS = range(1000, 2200)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as far as the words at `text[start:end]` give it; `weekday` is 0 for Monday."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def to_date(self) -> date | None:
        """Return the calendar date, or None if the mention does not give all of it."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return _calendar_date(self.year, self.month, self.day)


def _names(names: dict[str, int], *, longer_than: int = 0) -> str:
    chosen = (name for name in names if len(name) > longer_than)
    return "|".join(re.escape(name) for name in sorted(chosen, key=len, reverse=True))


_MONTH = rf"(?P<month>{_names(_MONTHS)})\b\.?"
_WEEKDAY = rf"(?:(?P<weekday>{_names(_WEEKDAYS)})\b\.?,?\s*(?:(?:tanggal|tgl\.?|the)\s+)?\(?)?"
_ORDINAL = r"(?:st|nd|rd|th)?"
_DAY = rf"(?P<day>\d{{1,2}}){_ORDINAL}"
_YEAR = r"(?P<year>\d{4})(?![\d/%]|[.,]\d)"
_CLOSE_YEAR = r"(?P<year>(?:1\d|20)\d\d)"
_TO = r"(?:[-–—]|hingga|sampai|s/d|to|until|dan|and)"
_SEPARATOR = r"(?P<separator>[/.-])"

# In order of trust: where two overlap, the earlier in this list holds.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2024-01-19, 2024/1/19
        r"(?<![\d/.-])(?P<year>\d{4})(?P<separator>[-/])(?P<month_number>\d{1,2})"
        r"(?P=separator)(?P<day>\d{1,2})(?!\d|[-/.]\d)",
        # (Jumat,) 19 Januari 2024, 19th of January, 2024
        rf"\b{_WEEKDAY}(?<![\d.,/])(?<![^\W\d]-){_DAY}[\s-]+(?:of\s+)?{_MONTH},?[\s-]+{_YEAR}",
        # Friday, January 19, 2024
        rf"\b{_WEEKDAY}\b{_MONTH}\s+{_DAY}(?:,\s*|\s+){_YEAR}",
        # Jumat (19/1/2024), 19-01-24
        rf"(?<![\w/.,-]){_WEEKDAY}(?<![\d/.,-])(?P<day>\d{{1,2}}){_SEPARATOR}(?P<month_number>\d{{1,2}})"
        rf"(?P=separator)(?P<year>\d{{4}}|\d{{2}})(?!\d|[/.-]\d)",
        # 19-21 Januari 2024, 19 dan 21 Januari: the first of the two
        rf"(?<![\d.,/-])\b{_DAY}(?=(?:\s*[-–—]\s*|\s+(?:dan|and|hingga|sampai|s/d|to|until)\s+)"
        rf"\d{{1,2}}{_ORDINAL}\s+{_MONTH}(?:,?\s+{_YEAR})?)",
        # (Jumat) 7 Oktober
        rf"\b{_WEEKDAY}(?<![\d.,/])(?<![^\W\d]-){_DAY}\s+(?:of\s+)?{_MONTH}",
        # October 7
        rf"\b{_WEEKDAY}\b{_MONTH}\s+{_DAY}(?![\d/%:]|[.,]\d)",
        # Maret 2021
        rf"\b{_MONTH},?\s+(?:tahun\s+)?{_YEAR}",
        # Jumat (19/1), 19/1
        rf"(?<![\w/.,-]){_WEEKDAY}(?<![\d/.,-])(?P<day>\d{{1,2}})/(?P<month_number>\d{{1,2}})(?![\w/%]|[.,-]\d)",
        # bulan Januari, in January
        rf"\b(?:bulan|in|last|next|since|early|late|mid|of|until|pada|sejak|awal|pertengahan|akhir"
        rf"|hingga)[\s-]+"
        rf"(?P<lone_month>{_names(_MONTHS, longer_than=3)}|mei|may)\b(?!\s+\d)",
        # 2019-2021, 2019 hingga 2021
        rf"(?<![\w.,/-]){_CLOSE_YEAR}(?=\s*{_TO}\s*{_CLOSE_YEAR.replace('year', 'second')}(?!\w))",
        rf"(?<![\w.,/-])(?:1\d|20)\d\d\s*{_TO}\s*{_CLOSE_YEAR}(?![\w/%]|[.,-]\d)",
        # tahun 2022, in 2022, (2022)
        rf"\b(?:tahun|thn\.?|year|in|since|sejak|pada|during|selama|early|late|mid|awal|akhir|"
        rf"pertengahan|musim|season)[\s-]+{_YEAR}",
        rf"(?<=\(){_YEAR}(?=\))",
        # Selasa; "minggu" in small letters is a week
        rf"\b(?P<lone_weekday>{_names(_WEEKDAYS, longer_than=4)}|rabu|ahad)\b",
    )
)
# A bare 1/2 or 24/7 is rarely a date; a weekday, a bracket or the word "date" before it decides.
_NUMERIC_CONTEXT = re.compile(r"(?:\(|\b(?:tanggal|tgl\.?|date|dated)\s*)$", re.IGNORECASE)


def find_dates(text: str, reference: date | None = None) -> list[DateMention]:
    """Return the dates that the text mentions, in order, never overlapping.

    With a `reference`, a day and month without a year get the year that lies nearest to it.
    """
    found: list[DateMention] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            mention = _mention(match, text)
            if mention is None:
                continue
            place = bisect(found, mention.start, key=lambda other: other.start)
            free_before = place == 0 or found[place - 1].end <= mention.start
            free_after = place == len(found) or mention.end <= found[place].start
            if free_before and free_after:
                found.insert(place, mention)
    if reference is None:
        return found
    return [_with_nearest_year(mention, reference) for mention in found]


def same_date(first: DateMention, second: DateMention) -> bool:
    """Tell whether two mentions can be one date: what both give agrees, and both give something."""
    shared = [
        (one, other)
        for one, other in (
            (first.year, second.year),
            (first.month, second.month),
            (first.day, second.day),
            (first.weekday, second.weekday),
        )
        if one is not None and other is not None
    ]
    return bool(shared) and all(one == other for one, other in shared)


def _mention(match: re.Match[str], text: str) -> DateMention | None:
    groups = match.groupdict()
    month_name = groups.get("month") or groups.get("lone_month")
    number = groups.get("month_number")
    month = _MONTHS[month_name.casefold()] if month_name else int(number) if number else None
    day = int(groups["day"]) if groups.get("day") else None
    year = _full_year(groups.get("year"))
    weekday_name = groups.get("weekday") or groups.get("lone_weekday")
    weekday = _WEEKDAYS[weekday_name.casefold()] if weekday_name else None
    if year is not None and year not in _YEARS:
        return None
    # 2024 is a leap year: without a year, 29 February must pass.
    if day is not None and _calendar_date(year or 2024, month or 0, day) is None:
        return None
    # may, march, mar: other words when written small; names of months are capitalised.
    if month_name in _OTHER_WORDS:
        return None
    if weekday_name and day is None and not weekday_name[0].isupper():
        return None
    start, end = match.span()
    if number and year is None:
        bare = weekday is None and not _NUMERIC_CONTEXT.search(text[:start][-12:])
        if bare and (_is_fraction(day or 0, month or 0) or text[end:].lstrip()[:5] == "final"):
            return None
    if month is None and day is None and year is not None:
        start, end = match.span("year")
    if text[end - 1] == ".":
        end -= 1
    if "(" in text[start:end] and text[end : end + 1] == ")":
        end += 1
    return DateMention(start, end, year, month, day, weekday)


def _is_fraction(day: int, month: int) -> bool:
    return (day < month and day <= 4) or (day, month) == (24, 7)


def _full_year(digits: str | None) -> int | None:
    if digits is None:
        return None
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _calendar_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _with_nearest_year(mention: DateMention, reference: date) -> DateMention:
    if mention.year is not None or mention.month is None or mention.day is None:
        return mention
    near = [
        day
        for year in (reference.year - 1, reference.year, reference.year + 1)
        if 1 <= year <= 9999
        and (day := _calendar_date(year, mention.month, mention.day)) is not None
    ]
    if not near:
        return mention
    nearest = min(near, key=lambda day: abs((day - reference).days))
    return replace(mention, year=nearest.year)


_TOP_LINES = 15
_TOP_CHARACTERS = 2000
_OLDEST_ARTICLE = 1990
_URL = re.compile(r"https?://\S+")
_URL_DATE = re.compile(r"(?<!\d)(\d{4})([/-]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_LABEL = re.compile(
    r"\s*(?:diterbitkan|dipublikasikan|terbit|tayang|published|posted|publish(?:\s+date)?|tanggal|date)"
    r"(?:\s+(?:pada|on|at))?\s*:?\s",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\d{1,2}[:.]\d{2}(?::\d{2})?|\b(?:wib|wita|wit|gmt|utc|am|pm|pukul|jam|at|pada|on|updated?|"
    r"diperbarui|diterbitkan|published|posted|tanggal)\b|[^\w\s]",
    re.IGNORECASE,
)
_DATELINE = re.compile(r".{0,80}?\s(?:--|[-–—])\s")


def find_publication_date(raw_text: str, url: str | None) -> date | None:
    """Return when the article appeared, or None if neither its text nor its url says.

    Trusted in this order: a line that is little but a date, near the top; the dateline before
    the first sentence; the path of the url, given or in the text; the first full date near the
    top, where one with a weekday or in brackets comes before others.
    """
    lines = [line.strip() for line in raw_text.splitlines() if line.strip()]
    urls = [url] if url else []
    urls += [match.group() for line in lines if (match := _URL.match(line))]
    finders: tuple[Callable[[], Iterator[date]], ...] = (
        lambda: _dates_in(line for line in lines[:_TOP_LINES] if _is_date_line(line)),
        lambda: _dates_in(
            match.group() for line in lines[:_TOP_LINES] if (match := _DATELINE.match(line))
        ),
        lambda: (day for address in urls for day in _url_dates(address)),
        lambda: _dates_near_top(raw_text),
    )
    for find in finders:
        for day in find():
            if day.year >= _OLDEST_ARTICLE:
                return day
    return None


def _is_date_line(line: str) -> bool:
    if word_count(line) > 16:
        return False
    mentions = [mention for mention in find_dates(line) if mention.to_date()]
    if not mentions:
        return False
    if _LABEL.match(line):
        return True
    first = mentions[0]
    rest = _CLOCK.sub(" ", line[: first.start] + " " + line[first.end :])
    return word_count(rest) <= 4


def _dates_in(lines: Iterator[str]) -> Iterator[date]:
    for line in lines:
        for mention in find_dates(line):
            if day := mention.to_date():
                yield day


def _url_dates(url: str) -> Iterator[date]:
    for year, separator, month, day in _URL_DATE.findall(url):
        if separator or len(month) + len(day) == 4:
            found = _calendar_date(int(year), int(month), int(day))
            # Eight digits in an address may also be an article's number.
            if found and _OLDEST_ARTICLE <= found.year < 2100:
                yield found


def _dates_near_top(raw_text: str) -> Iterator[date]:
    top = raw_text[:_TOP_CHARACTERS]
    mentions = [mention for mention in find_dates(top) if mention.to_date()]
    mentions.sort(key=lambda mention: mention.weekday is None and top[mention.start - 1] != "(")
    for mention in mentions:
        if day := mention.to_date():
            yield day
