"""Article text out of page text: what pages print around articles removed by general rules.

Three kinds of evidence count: the wording of a line (the table in `rag.text.noise`), repetition
(a title printed twice, headlines listed twice) and position (lists after the last paragraph,
bylines at the edges). Running text is only ever removed where it repeats word for word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rag.text import noise
from rag.text.characters import normalize_characters
from rag.text.lines import (
    ends_sentence,
    introduces_list,
    is_bullet,
    is_headline,
    is_prose,
    word_count,
)

CLEANING_VERSION = 1
"""Changes whenever `clean_text` would give another text, so that offsets into it are rebuilt."""

_SPACES = re.compile(r" {2,}")
_KEY = re.compile(r"[\W_]+")
_SITE_SUFFIX = re.compile(r"\s+[-–—|:»]\s+(?=\S+(?:\s+\S+){0,3}$)")

EDGE_LINES_BEFORE = 4
EDGE_LINES_AFTER = 6
LONGEST_LIST = 50
REPEATED_TITLE_WORDS = 3
REPEATED_PARAGRAPH_WORDS = 8
WRAPPED_WIDTHS = range(40, 121)
WRAPPED_PAIRS = 6


def clean_text(raw: str) -> str:
    """Return the text of the article in `raw`, one paragraph a line; empty if there is none.

    Cleaning a cleaned text changes nothing.
    """
    text = normalize_characters(raw)
    # What one pass removes can bring other lines to an edge or side by side, so passes follow
    # until nothing changes; each makes the text shorter or its lines fewer, so this ends.
    while (cleaner := _clean_once(text)) != text:
        text = cleaner
    return text


def _clean_once(text: str) -> str:
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    lines = _unwrapped(lines)
    lines = [_SPACES.sub(" ", noise.without_inline_noise(line)).strip() for line in lines]
    for step in (_without_noise, _without_trailing_list, _without_repetition, _without_signature):
        lines = step(lines)
    return normalize_characters(_join(lines))


def _join(lines: Sequence[str]) -> str:
    """Return the lines as text with at most one blank line in a row and none at the ends."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _unwrapped(lines: list[str]) -> list[str]:
    """Join lines that were broken at a fixed width, as in mails; other texts stay as they are.

    A text counts as wrapped if almost every line break inside a paragraph falls where the next
    word no longer fitted.
    """
    width = max(map(len, lines), default=0)
    pairs = [
        (first, second)
        for first, second in pairwise(lines)
        if first and second and not is_bullet(second)
    ]
    if width not in WRAPPED_WIDTHS or len(pairs) < WRAPPED_PAIRS:
        return lines
    full = sum(_did_not_fit(first, second, width) for first, second in pairs)
    if full < 0.85 * len(pairs):
        return lines
    joined: list[str] = []
    for previous, line in zip(["", *lines], lines, strict=False):
        if previous and line and not is_bullet(line) and _did_not_fit(previous, line, width):
            joined[-1] += " " + line
        else:
            joined.append(line)
    return joined


def _did_not_fit(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(" ", 1)[0]) > width


def _without_noise(lines: list[str]) -> list[str]:
    """Blank out lines that are noise by wording, and weaker ones beside them or at the edges."""
    is_noise = [bool(line) and noise.is_noise_line(line) for line in lines]
    _mark_related_lists(lines, is_noise)
    filled = [number for number, line in enumerate(lines) if line]
    _mark_edges([number for number in filled if not is_noise[number]], lines, is_noise)
    for order in (filled, filled[::-1]):
        _mark_weak(order, lines, is_noise)
    return ["" if dropped else line for line, dropped in zip(lines, is_noise, strict=True)]


def _mark_related_lists(lines: Sequence[str], is_noise: list[bool]) -> None:
    """Mark the heads of lists of other stories, and the headlines after them up to prose."""
    in_list = in_article = False
    for number, line in enumerate(lines):
        if not line or is_noise[number]:
            continue
        in_article = in_article or is_prose(line)
        if noise.RELATED_LABEL.matches(line) and not _continues_list(lines, number):
            # Above the article such a head is the page's own, and the title may follow it.
            is_noise[number] = True
            in_list = in_article
        elif in_list and is_headline(line) and not is_prose(line):
            is_noise[number] = True
        else:
            in_list = False


def _mark_edges(order: Sequence[int], lines: Sequence[str], is_noise: list[bool]) -> None:
    """Mark bylines and tags among the first and last lines of the page, the title excepted."""
    inner = order[1:]
    for edge, most in ((inner, EDGE_LINES_BEFORE), (inner[::-1], EDGE_LINES_AFTER)):
        kept = 0
        for number in edge:
            if any(rule.matches(lines[number]) for rule in noise.EDGE_RULES):
                is_noise[number] = True
            else:
                kept += 1
            if kept == most:
                break


def _mark_weak(order: Sequence[int], lines: Sequence[str], is_noise: list[bool]) -> None:
    """Mark buttons and form fields that follow noise, or stand at the edge, in this direction."""
    beside_noise = True
    for number in order:
        if (
            beside_noise
            and not is_noise[number]
            and noise.WEAK_RULE.matches(lines[number])
            and not _continues_list(lines, number)
        ):
            is_noise[number] = True
        beside_noise = is_noise[number]


def _continues_list(lines: Sequence[str], number: int) -> bool:
    """Tell whether the line is an item of a list that a sentence ending in a colon introduces."""
    for line in reversed(lines[max(number - LONGEST_LIST, 0) : number]):
        if not line or ends_sentence(line) or is_prose(line):
            return False
        if introduces_list(line):
            return not noise.is_noise_line(line) and not noise.RELATED_LABEL.matches(line)
    return False


def _without_repetition(lines: list[str]) -> list[str]:
    """Blank out a title's repetitions, lines that repeat the one before, repeated paragraphs."""
    keys = [_KEY.sub(" ", line).strip().casefold() for line in lines]
    title = next((number for number, line in enumerate(lines) if line), None)
    if title is None:
        return lines
    kept = list(lines)
    shorter = _without_site_suffix(lines[title])
    if shorter and any(line == shorter for line in lines[title + 1 :]):
        kept[title] = shorter
        keys[title] = _KEY.sub(" ", shorter).strip().casefold()
    title_repeats = word_count(lines[title]) >= REPEATED_TITLE_WORDS
    seen: set[str] = set()
    previous = ""
    for number, key in enumerate(keys):
        if not key:
            continue
        words = word_count(key)
        is_title = title_repeats and keys[title] in (key, _suffixless_key(lines[number]))
        is_next = key == previous and words >= REPEATED_TITLE_WORDS
        is_paragraph = key in seen and words >= REPEATED_PARAGRAPH_WORDS
        if number != title and (is_title or is_next or is_paragraph):
            kept[number] = ""
        seen.add(key)
        previous = key
    return kept


def _without_site_suffix(line: str) -> str | None:
    """Return "Title" of "Title - Site" or "Title | Site", or None if nothing is there to cut."""
    matches = list(_SITE_SUFFIX.finditer(line))
    return line[: matches[-1].start()] or None if matches else None


def _suffixless_key(line: str) -> str:
    shorter = _without_site_suffix(line)
    return _KEY.sub(" ", shorter).strip().casefold() if shorter else ""


def _without_trailing_list(lines: list[str]) -> list[str]:
    """Cut headlines that a page lists after the last paragraph, known by their repetitions.

    Pages print a teaser's headline twice (picture and text) or its section name again and again;
    an article's own last lines do neither.
    """
    last_prose = max((n for n, line in enumerate(lines) if is_prose(line)), default=None)
    if last_prose is None:
        return lines
    tail = range(last_prose + 1, len(lines))
    counts = Counter(lines[number] for number in tail if lines[number])
    repeated = [n for n in tail if counts[lines[n]] >= 2 and not is_bullet(lines[n])]
    if len(repeated) < 4 or 2 * len(repeated) < sum(counts.values()):
        return lines
    return lines[: repeated[0]]


def _without_signature(lines: list[str]) -> list[str]:
    """Cut the initials of its writers after the last sentence of the article."""
    kept = list(lines)
    while kept:
        shorter = noise.SIGNATURE.sub("", kept[-1])
        if shorter == kept[-1] != "":
            break
        if shorter:
            kept[-1] = shorter
        else:
            kept.pop()
    return kept
