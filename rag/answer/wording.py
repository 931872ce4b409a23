"""What the program says in its own words, in both languages."""

from __future__ import annotations

from datetime import date

from rag.types import Document, Language

_MONTHS: dict[Language, tuple[str, ...]] = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}

_LONGEST_TITLE = 90


def in_words(day: date, language: Language) -> str:
    """Return a date as people write it: 19 Januari 2024, 19 January 2024."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def shorten(text: str, most: int = _LONGEST_TITLE) -> str:
    """Return a text cut at a word border, with an ellipsis if anything was cut."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def according_to(document: Document, language: Language) -> str:
    """Return the phrase that leads a quote: who says it, and when."""
    title = shorten(document.title)
    day = f" ({in_words(document.published, language)})" if document.published else ""
    lead = "According to" if language == "en" else "Menurut"
    return f"{lead} “{title}”{day}:"


def nothing_found(language: Language) -> str:
    """Return the honest answer when the articles do not hold one."""
    if language == "en":
        return "The articles do not say."
    return "Artikel-artikel yang ada tidak menyebutkannya."


def empty_index(language: Language) -> str:
    """Return the warning that there is nothing to search."""
    if language == "en":
        return "There are no articles yet; add some with `rag ingest PATH`."
    return "Belum ada artikel; tambahkan dengan `rag ingest PATH`."
