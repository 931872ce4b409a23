"""The checkable facts of a text, comparable across languages and spellings: amounts and dates.

10 billion, 10 miliar, ten billion and 10.000.000.000 are one value; 3,5 persen is 3.5 percent;
US$10bn is USD 10 miliar; Jumat (19/1) is Friday 19 January.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from rag.text.dates import DateMention, find_dates
from rag.types import Language

Bound = Literal["", "more", "less"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at `text[start:end]`, its unit, and whether more or less than it is meant.

    `values` are its possible readings: 10.000 is ten thousand or ten. `unit` is the normal form
    of a currency, a percent, a unit of time or measure, or "" for a count of anything else.
    `spelled` tells a number written in words.
    """

    values: frozenset[float]
    start: int
    end: int
    unit: str = ""
    bound: Bound = ""
    spelled: bool = False

    def agrees(self, other: Amount) -> bool:
        """Tell whether both can mean the same: value, unit where both have one, and bound."""
        if not any(_close(one, two) for one in self.values for two in other.values):
            return False
        if self.unit and other.unit and self.unit != other.unit:
            return False
        return not (self.bound and other.bound and self.bound != other.bound)


def _close(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-9 * max(abs(one), abs(two))


_UNITS_SPELLED = {
    "zero nol": 0,
    "one satu": 1,
    "two dua": 2,
    "three tiga": 3,
    "four empat": 4,
    "five lima": 5,
    "six enam": 6,
    "seven tujuh": 7,
    "eight delapan": 8,
    "nine sembilan": 9,
    "ten sepuluh": 10,
    "eleven sebelas": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SMALL = {name: value for names, value in _UNITS_SPELLED.items() for name in names.split()}
_SCALES = {
    name: value
    for names, value in {
        "hundred ratus": 1e2,
        "thousand ribu rb": 1e3,
        "million juta jt mn": 1e6,
        "billion miliar milyar bn": 1e9,
        "trillion triliun tn": 1e12,
    }.items()
    for name in names.split()
}
_ONE_OF_SCALE = {"seratus": 1e2, "seribu": 1e3, "sejuta": 1e6, "semiliar": 1e9}
_SPANS = {"hari": "day", "pekan": "week", "minggu": "week", "bulan": "month", "tahun": "year"}
_ONE_SPAN = re.compile(rf"\bse({'|'.join(_SPANS)})\b(?!-)", re.IGNORECASE)
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "bn": 1e9, "mn": 1e6, "tn": 1e12}

_SPELLED_WORD = "|".join(
    sorted(
        [*_SMALL, *_SCALES, *_ONE_OF_SCALE, "belas", "puluh"],
        key=len,
        reverse=True,
    )
)
_SPELLED = re.compile(
    rf"\b(?:a\s+(?=hundred|thousand|million|billion|trillion))?(?:{_SPELLED_WORD})\b"
    rf"(?:(?:\s+|-)(?:and\s+(?=(?:{_SPELLED_WORD})\b))?(?:{_SPELLED_WORD})\b)*",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?<![\w.,])(?:(?<!\w-)|(?<=\bke-))\d+(?:[.,]\d+)*"
    r"(?:(?P<short>k|mn|bn|tn|m|b|t)\b)?(?:st\b|nd\b|rd\b|th\b)?",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:[$€£¥]|\b(?:usd|rp\.?|idr|eur))\s*$", re.IGNORECASE)
_SCALE_AFTER = re.compile(
    rf"\s*-?\s*(?:{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(?:\b(?:pukul|jam|at)\s+)(?P<h>[01]?\d|2[0-3])(?:[.:](?P<m>[0-5]\d))?\b(?!\s*(?:orang|%))"
    r"(?:\s*(?P<half>[ap])\.?m\b|\s+(?P<part>pagi|siang|sore|petang|malam)\b)?"
    r"|\b(?P<h2>[01]?\d|2[0-3])[.:](?P<m2>[0-5]\d)(?=\s*(?:wib|wita|wit|gmt|utc|[ap]\.?m)\b)"
    r"(?:\s*(?P<half2>[ap])\.?m\b)?"
    r"|\b(?P<h3>1?\d)\s*(?P<half3>[ap])\.?m\b",
    re.IGNORECASE,
)
# Which hours of "jam 5 sore" are after noon.
_AFTER_NOON = {
    "siang": range(1, 5),
    "sore": range(1, 12),
    "petang": range(1, 12),
    "malam": range(5, 12),
}
# "salah satu", "one of", "satu sama lain" count nothing; "the two", "kedua" count what was named.
_NO_COUNT = re.compile(
    r"\b(?:salah satu|satu sama lain|satu-satunya|satu per satu|no one|one another|one of|each one"
    r"|this one|that one|the one|one's|one side|satu pihak|satu suara|bersatu|at one point)\b",
    re.IGNORECASE,
)

# Units are read before or after the number. The normal form is arbitrary, only equality counts.
_UNIT_BEFORE: tuple[tuple[str, str], ...] = (
    ("usd", r"(?:us\s*\$|usd|u\.s\.\s*\$|\$)"),
    ("idr", r"(?:rp\.?|idr)"),
    ("eur", r"(?:€|eur|euro)"),
    ("gbp", r"(?:£|gbp)"),
    ("jpy", r"(?:¥|jpy)"),
)
_UNIT_AFTER: tuple[tuple[str, str], ...] = (
    ("%", r"(?:%|persen|percent(?:age points?)?|per\s?cent|pct)"),
    ("usd", r"(?:dol+ars?(?:\s+as|\s+amerika(?:\s+serikat)?)?|(?:u\.?s\.?\s+)dollars?|usd)"),
    ("idr", r"(?:rupiahs?|idr)"),
    ("eur", r"(?:euros?|eur)"),
    ("gbp", r"(?:poundsterling|pounds?\s+sterling|gbp)"),
    ("jpy", r"(?:yen)"),
    ("year", r"(?:tahun|years?|yr)"),
    ("month", r"(?:bulan|months?)"),
    ("week", r"(?:minggu|pekan|weeks?)"),
    ("day", r"(?:hari|days?)"),
    ("hour", r"(?:jam|hours?)"),
    ("minute", r"(?:menit|minutes?)"),
    ("km", r"(?:km|kilometers?|kilometres?)"),
    ("m", r"(?:meter|metres?|meters?|m)"),
    ("kg", r"(?:kg|kilograms?|kilogram)"),
    ("ton", r"(?:ton|tons|tonnes?)"),
    ("person", r"(?:orang|people|persons?|jiwa)"),
)
_BEFORE = tuple((unit, re.compile(rf"{p}\s*$", re.IGNORECASE)) for unit, p in _UNIT_BEFORE)
_AFTER = tuple((unit, re.compile(rf"[\s-]*{p}(?!\w)", re.IGNORECASE)) for unit, p in _UNIT_AFTER)
_MORE = re.compile(
    r"\b(?:more than|over|at least|no fewer than|not less than|upwards of|exceeding|lebih dari"
    r"|di atas|sedikitnya|setidaknya|paling sedikit|sekurang-kurangnya|minimal|tidak kurang dari)"
    r"\s+(?:(?:us\s*)?\$|usd|rp\.?)?\s*$",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:less than|fewer than|under|below|at most|no more than|up to|not more than|kurang dari"
    r"|di bawah|paling banyak|maksimal|tidak lebih dari|hingga|sampai)"
    r"\s+(?:(?:us\s*)?\$|usd|rp\.?)?\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def find_amounts(text: str, language: Language) -> tuple[Amount, ...]:
    """Return the numbers of a text that are no part of a date, in order.

    `language` decides how separators are read: 10.000 is ten thousand in Indonesian.
    """
    taken = [(mention.start, mention.end) for mention in find_dates(text)]
    taken.extend(match.span() for match in _NO_COUNT.finditer(text))
    amounts: list[Amount] = []
    finders = (_clock_times, _digit_amounts, _spelled_amounts, _single_spans)
    for finder in finders:
        for amount in finder(text, language):
            if all(amount.end <= start or end <= amount.start for start, end in taken):
                taken.append((amount.start, amount.end))
                amounts.append(amount)
    return tuple(sorted(amounts, key=lambda amount: amount.start))


def _clock_times(text: str, language: Language) -> Iterator[Amount]:
    for match in _CLOCK.finditer(text):
        hour = int(match["h"] or match["h2"] or match["h3"])
        half = (match["half"] or match["half2"] or match["half3"] or "").lower()
        if language == "en" and match["h"] and not match["m"] and not half:
            continue
        after_noon = _AFTER_NOON.get((match["part"] or "").lower(), range(0))
        if (half == "p" and hour < 12) or hour in after_noon:
            hour += 12
        value = float(hour * 60 + int(match["m"] or match["m2"] or 0))
        yield Amount(frozenset({value}), match.start(), match.end(), "clock")


def _digit_amounts(text: str, language: Language) -> Iterator[Amount]:
    for match in _DIGITS.finditer(text):
        digits = re.match(r"[\d.,]*\d", match.group())
        if digits is None:
            continue
        short, end = (match["short"] or "").lower(), match.end()
        if len(short) == 1 and not _CURRENCY_BEFORE.search(text[: match.start()]):
            short, end = "", match.end() - 1  # 6m are metres, $6m are millions
        factor = _SHORT_SCALES[short] if short else 1.0
        while (scale := _SCALE_AFTER.match(text, end)) is not None:
            factor *= _SCALES[scale.group().strip(" -\t\n").lower()]
            end = scale.end()
        values = frozenset(value * factor for value in _readings(digits.group(), language))
        start = match.start() - 3 * text[: match.start()].endswith("ke-")
        yield _with_context(Amount(values, start, end), text)


def _readings(digits: str, language: Language) -> Iterator[float]:
    """Yield what digits with separators may mean: thousands in this language, else decimals."""
    separators = [c for c in digits if c in ".,"]
    if not separators:
        yield float(digits)
        return
    thousands = re.fullmatch(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", digits)
    own = "." if language == "id" else ","
    if thousands:
        mark = thousands.group(1)
        decimal = "," if mark == "." else "."
        yield float(digits.replace(mark, "").replace(decimal, "."))
    if len(separators) == 1 and not (thousands and separators[0] == own):
        yield float(digits.replace(",", "."))
    elif not thousands:
        yield from (float(part) for part in re.split(r"[.,]", digits))


def _spelled_amounts(text: str, language: Language) -> Iterator[Amount]:
    del language  # number words of both languages are distinct
    for match in _SPELLED.finditer(text):
        words = re.findall(r"[^\W\d_]+", match.group().lower())
        value = _spelled_value([word for word in words if word not in ("and", "a")])
        if value is not None:
            amount = Amount(frozenset({value}), match.start(), match.end(), spelled=True)
            yield _with_context(amount, text)


def _single_spans(text: str, language: Language) -> Iterator[Amount]:
    del language
    for match in _ONE_SPAN.finditer(text):
        unit = _SPANS[match[1].lower()]
        yield Amount(frozenset({1.0}), match.start(), match.end(), unit, spelled=True)


def _spelled_value(words: Sequence[str]) -> float | None:
    """Return the value of number words: lima puluh dua, fifty-two, three hundred thousand."""
    total = group = last = 0.0
    for word in words:
        if word in _SMALL:
            last = float(_SMALL[word])
            group += last
        elif word == "belas":
            group, last = group + 10, 0.0
        elif word == "puluh":
            group += last * 9 if last else 10
            last = 0.0
        elif word in _ONE_OF_SCALE:
            scale = _ONE_OF_SCALE[word]
            group, last = (group + scale, 0.0) if scale == 1e2 else (group, 0.0)
            total += scale if scale > 1e2 else 0.0
        elif _SCALES[word] == 1e2:
            group += (last or 1.0) * 100 - last
            last = 0.0
        else:
            total += (group or 1.0) * _SCALES[word]
            group = last = 0.0
    return total + group if words else None


def _with_context(amount: Amount, text: str) -> Amount:
    before, start = text[max(0, amount.start - 40) : amount.start], amount.start
    unit, end = "", amount.end
    for name, pattern in _BEFORE:
        if match := pattern.search(before):
            unit = name
            start -= len(before) - match.start()
            before = before[: match.start()] + " "
            break
    for name, pattern in _AFTER:
        if match := pattern.match(text, amount.end):
            unit, end = unit or name, match.end()
            break
    bound: Bound = "more" if _MORE.search(before) else "less" if _LESS.search(before) else ""
    return replace(amount, start=start, end=end, unit=unit, bound=bound)


@lru_cache(maxsize=4096)
def find_days(text: str, published: date | None) -> tuple[DateMention, ...]:
    """Return the dates of a text, completed by the day on which it was published.

    "Selasa" in an article of Wednesday 26 November 2025 is 25 November 2025.
    """
    return tuple(_complete(mention, published) for mention in find_dates(text, published))


def _complete(mention: DateMention, published: date | None) -> DateMention:
    if published and mention.day is None and mention.month is None and mention.weekday is not None:
        day = published - timedelta(days=(published.weekday() - mention.weekday) % 7)
        return replace(mention, year=day.year, month=day.month, day=day.day)
    full = mention.to_date()
    if full and mention.weekday is None:
        return replace(mention, weekday=full.weekday())
    return mention


_AGO = re.compile(
    r"\b(?:(?P<count>\w+)\s+)?(?P<unit>tahun|bulan)\s+(?P<when>lalu|silam|kemarin|ini|depan)\b"
    r"|\b(?P<when_en>last|this|next)\s+(?P<unit_en>year|month)\b"
    r"|\b(?P<count_en>\w+)\s+(?P<ago>year|month)s?\s+ago\b",
    re.IGNORECASE,
)
_STEPS = {"lalu": -1, "silam": -1, "kemarin": -1, "last": -1, "ini": 0, "this": 0}
_OF_NO_NUMBER = frozenset(
    "beberapa sekian puluhan belasan ratusan ribuan many some several".split()
)


def find_relative_days(text: str, published: date) -> Iterator[DateMention]:
    """Yield the years and months that a text of this day tells by its own: "tahun lalu".

    Where a number is too vague ("beberapa tahun lalu") nothing is yielded.
    """
    for match in _AGO.finditer(text):
        count = (match["count"] or match["count_en"] or "").lower()
        if count in _OF_NO_NUMBER:
            continue
        number = _SMALL.get(count, int(count) if count.isdecimal() and len(count) < 4 else 1)
        when = (match["when"] or match["when_en"] or "ago").lower()
        step = _STEPS.get(when, 1 if when in ("depan", "next") else -1) * number
        unit = (match["unit"] or match["unit_en"] or match["ago"]).lower()
        if unit in ("tahun", "year"):
            yield DateMention(match.start(), match.end(), published.year + step)
        else:
            months = published.year * 12 + published.month - 1 + step
            yield DateMention(match.start(), match.end(), months // 12, months % 12 + 1)


def says_date(claim: DateMention, evidence: DateMention) -> bool:
    """Tell whether the evidence gives every part of the date that the claim gives."""
    return all(
        one is None or one == other
        for one, other in (
            (claim.year, evidence.year),
            (claim.month, evidence.month),
            (claim.day, evidence.day),
            (claim.weekday, evidence.weekday),
        )
    )
