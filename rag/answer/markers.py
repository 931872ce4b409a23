"""Citation markers as language models write them, brought to one form: [n].

A marker names passages of the prompt by their numbers: [1], [1, 2], [1-3], 【1†source】, [^1],
"(sumber 1)", "[Source: 3]". A bracket that holds anything else ([2024], [sic], a passage number in
running text) is prose and stays. A plain "(1)" is a marker only at the end of a clause, because
"(1) first, (2) second" is an enumeration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.sentences import split_sentences

_LABEL = (
    r"(?:sumber|source|passage|article|artikel|kutipan|citation|cite|dokumen|document|doc|bagian"
    r"|bacaan|teks|ref|referensi|reference)s?"
)
_NUMBERS = rf"(?:{_LABEL}\s*[:#.]?\s*)?#?\^?\d{{1,3}}"
_JOINER = r"\s*(?:,\s*(?:and|dan)?|;|&|-|–|—|to|and|dan|sampai)\s*"
_MARKER_BODY = re.compile(
    rf"\s*(?P<numbers>{_NUMBERS}(?:{_JOINER}{_NUMBERS})*)\s*(?:†[^\]】]{{0,40}})?\s*", re.IGNORECASE
)
_LABELLED = re.compile(_LABEL, re.IGNORECASE)
_RANGE = re.compile(r"(\d+)\s*(?:-|–|—|\bto\b|\bsampai\b)\s*\D{0,12}?(\d+)", re.IGNORECASE)
_CLOSERS = {"[": "]", "【": "】", "(": ")"}
_OPENER = re.compile(r"[\[【(]")
_SPACES_AT_END = re.compile(r"[ \t]+\Z")

# What may still become the body of a marker: whole words of the grammar, then perhaps the start
# of one more. After † comes whatever the model's habit adds.
_WORDS = (
    "sumber source sources passage passages article articles artikel kutipan citation citations "
    "cite dokumen document documents doc docs bagian bacaan teks ref refs referensi reference "
    "references and dan to sampai"
).split()
_WHOLE_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_WORD_STARTS = "|".join(
    sorted({word[:length] for word in _WORDS for length in range(1, len(word) + 1)}, reverse=True)
)
_BEGINNING = re.compile(
    rf"(?:\d{{1,3}}(?!\d)|(?:{_WHOLE_WORD})(?![^\W\d_])|[\s,;:#.^&–—-])*"
    rf"(?:{_WORD_STARTS})?(?:†[^\]】]*)?",
    re.IGNORECASE,
)
LONGEST_MARKER = 60
"""Characters that a marker's body has at the most; a longer bracket is prose."""


def _numbers(body: str, closing: str, known: int) -> list[int] | None:
    """Return the passage numbers that a bracket's body names, None if it is prose.

    Numbers that no passage has are left out.
    """
    match = _MARKER_BODY.fullmatch(body)
    if match is None or len(body) > LONGEST_MARKER:
        return None
    listed = match.group("numbers")
    if closing == ")" and not _LABELLED.search(listed):
        named = [int(number) for number in re.findall(r"\d+", listed)]
        if not all(1 <= number <= known for number in named):
            return None
    numbers: list[int] = []
    ranges = list(_RANGE.finditer(listed))
    for found in ranges:
        numbers.extend(range(int(found[1]), min(int(found[2]), known) + 1))
    single = _RANGE.sub(" ", listed) if ranges else listed
    numbers.extend(int(number) for number in re.findall(r"\d+", single))
    return sorted({number for number in numbers if 1 <= number <= known})


class MarkerStream:
    """Resolves markers while an answer streams in; what was shown never has to be taken back.

    The pieces that `feed` and `finish` return join to one text, however the input was cut.
    """

    def __init__(self, known: int) -> None:
        self._known = known
        self._held = ""
        self._in_blank_line = True

    def feed(self, piece: str) -> str:
        """Return what may be shown now; what may be the start of a marker waits."""
        self._held += piece
        return self._take(final=False)

    def finish(self) -> str:
        """Return what still waits: nothing more will come."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> str:
        shown: list[str] = []
        text, position = self._held, 0
        while (opener := _OPENER.search(text, position)) is not None:
            at = opener.start()
            end = _end_of_bracket(text, at, final=final)
            if end is None:
                break
            numbers = None if end == at else self._marked(text, at, end)
            if numbers is None:
                shown.append(text[position : at + 1])
                position = at + 1
                continue
            before = text[position:at]
            # A marker of unknown numbers goes, and with it the space that led to it.
            shown.append(before if numbers else before.rstrip(" \t"))
            shown.append("".join(f"[{number}]" for number in numbers))
            position = end
        rest = text[position:]
        keep = len(rest) if final else _safe_length(rest)
        shown.append(rest[:keep])
        self._in_blank_line = self._is_blank_line(text[: position + keep])
        self._held = rest[keep:]
        return "".join(shown)

    def _is_blank_line(self, text: str) -> bool:
        """Tell whether nothing but a bullet stands in the line that the text ends in."""
        *earlier, line = text.split("\n")
        return (bool(earlier) or self._in_blank_line) and not line.strip(" \t-*•")

    def _marked(self, text: str, at: int, end: int) -> list[int] | None:
        closing = text[end - 1]
        body = text[at + 1 : end - 1]
        if closing == ")" and not _LABELLED.search(body):
            follower = text[end : end + 1]
            if self._is_blank_line(text[:at]) or (follower and follower not in ".!?;,\n"):
                return None
        return _numbers(body, closing, self._known)


def _end_of_bracket(text: str, at: int, *, final: bool) -> int | None:
    """Return where the bracket at `at` ends, `at` if it is prose, None if unknown yet."""
    closing = _CLOSERS[text[at]]
    end = text.find(closing, at + 1, at + LONGEST_MARKER + 3)
    if end < 0:
        body = text[at + 1 : at + LONGEST_MARKER + 3]
        waiting = not final and len(body) <= LONGEST_MARKER and _BEGINNING.fullmatch(body)
        return None if waiting else at
    if closing == ")" and end + 1 == len(text) and not final:
        # Whether a plain "(1)" is a marker depends on the character after it.
        return None if _MARKER_BODY.fullmatch(text[at + 1 : end]) else at
    return end + 1


def _safe_length(rest: str) -> int:
    """Return how much of the text may be shown: all before an open bracket and the space at it."""
    opener = _OPENER.search(rest)
    head = rest[: opener.start()] if opener else rest
    spaces = _SPACES_AT_END.search(head)
    return spaces.start() if spaces else len(head)


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence without its markers, and the numbers of the passages they named.

    `before` is what stands between it and the sentence before: spaces, line breaks, a bullet.
    """

    text: str
    passage_numbers: tuple[int, ...]
    before: str = ""


_NORMAL = re.compile(r"\[(\d{1,3})\]")
_RUN = re.compile(r"(?P<space>[ \t]*)(?P<marks>(?:\[\d{1,3}\][ \t]*,?[ \t]*(?=\[\d))*\[\d{1,3}\])")
_BULLET = re.compile(r"(?:\s*(?:[•●▪◦·*\-–—>]|#{1,6}|\(?\d{1,2}[.)])[ \t]+)+")
# "According to [1], ..." is left without an object when its marker goes, so the phrase goes too.
_LEAD = re.compile(
    r"\b(?:according to|based on|as stated in|as mentioned in|as reported in|from|menurut"
    r"|berdasarkan|seperti disebutkan (?:di|dalam)|dalam|dari|in)[ \t]+"
    rf"(?:the[ \t]+)?(?:{_LABEL}[ \t]*)?(?P<marks>\[\d{{1,3}}\](?:\[\d{{1,3}}\])*)[ \t]*,?[ \t]*",
    re.IGNORECASE,
)
_BARE_LEAD = re.compile(
    rf"(?P<lead>\b(?:according to|based on|menurut|berdasarkan)[ \t]+(?:the[ \t]+)?){_LABEL}"
    r"[ \t]+(?P<number>\d{1,2})\b(?=[ \t]*[,:])",
    re.IGNORECASE,
)
_SOURCE_LIST = re.compile(
    r"\n[ \t]*[*_#]*[ \t]*(?:sumber|sources?|referensi|references|rujukan|kutipan|citations?"
    r"|daftar pustaka|catatan kaki|footnotes)(?:-sumber)?[ \t]*:?[ \t]*[*_]*:?[ \t]*\n"
    r"(?:[ \t]*(?:[-*•][ \t]*)?(?:\[|\d|【|\().*(?:\n|\Z)|[ \t]*\n)+\Z",
    re.IGNORECASE,
)


def parse_markers(text: str, known: int) -> list[MarkedSentence]:
    """Return the sentences of an answer with the passages that their markers name, in order.

    A marker belongs to the sentence it stands in or follows; at the start of a line, to the one
    that it leads. A list of sources at the end of the answer is no sentence.
    """
    text = _SOURCE_LIST.sub("", text.replace("\r\n", "\n") + "\n").strip("\n")
    text = _BARE_LEAD.sub(r"\g<lead>[\g<number>]", text)
    stream = MarkerStream(known)
    plain, marks = _lift(_without_leads(stream.feed(text) + stream.finish()))
    return _sentences(plain, marks)


def _without_leads(text: str) -> str:
    """Move the markers of "According to [1], it ..." to the front of what follows."""

    def moved(match: re.Match[str]) -> str:
        return match["marks"] + " "

    lines = []
    for line in text.split("\n"):
        match = _LEAD.match(line.lstrip(" \t"))
        new = _LEAD.sub(moved, line, count=1) if match else line
        if match:
            new = re.sub(r"(\] )([^\W\d_])", lambda m: m[1] + m[2].upper(), new, count=1)
        lines.append(new)
    return "\n".join(lines)


def _lift(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text without markers, and each marker's (position in it, passage number)."""
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    length = position = 0
    for run in _RUN.finditer(text):
        before = text[position : run.start()]
        parts.append(before)
        length += len(before)
        marks.extend((length, int(number)) for number in _NORMAL.findall(run["marks"]))
        position = run.end()
        if length == 0 or before.endswith("\n") or not before:
            position += len(text[position:]) - len(text[position:].lstrip(" \t"))
    parts.append(text[position:])
    return "".join(parts), marks


def _sentences(plain: str, marks: list[tuple[int, int]]) -> list[MarkedSentence]:
    spans: list[tuple[int, int, int]] = []
    last = 0
    for start, end in split_sentences(plain):
        bullet = _BULLET.match(plain, start, end)
        body = bullet.end() if bullet and bullet.end() < end else start
        body += len(plain[body:end]) - len(plain[body:end].lstrip())
        if any(c.isalnum() for c in plain[body:end]):
            spans.append((last, body, end))
            last = end
    numbers: list[list[int]] = [[] for _ in spans]
    for position, number in marks:
        index = _owner(spans, plain, position)
        if index is not None and number not in numbers[index]:
            numbers[index].append(number)
    return [
        MarkedSentence(plain[body:end], tuple(found), plain[before:body])
        for (before, body, end), found in zip(spans, numbers, strict=True)
    ]


def _owner(spans: list[tuple[int, int, int]], plain: str, position: int) -> int | None:
    """Return the index of the sentence that a marker at `position` belongs to."""
    leads = not plain[:position].rpartition("\n")[2].strip(" \t-*•")
    if leads:
        following = (i for i, (_, _, end) in enumerate(spans) if end > position)
        found = next(following, None)
        if found is not None:
            return found
    earlier = [i for i, (_, body, _) in enumerate(spans) if body < position]
    return earlier[-1] if earlier else (0 if spans else None)
