"""Sentence borders in Indonesian and English news, as offsets.

A line is a unit of its own (heading, bullet item, paragraph), unless the next line plainly goes
on with it; inside a line, a full stop ends a sentence unless what stands before or after it says
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.lines import ends_sentence, introduces_list, is_bullet, word_set

# Never the end of a sentence: a name or a number follows.
_TITLES = word_set("""mgr pdt pnt letjend mayjend brigjend pur dr drs dra prof ir h
    hj kh ust ustadz tn ny sdr sdri yth kol letkol mayjen brigjen letjen jend kapt kompol akbp
    akp ipda iptu irjen kombes jenderal-purn mr mrs ms mx st sr jr rev hon gov sen rep gen col
    lt sgt capt cmdr maj pres supt insp messrs jl jln gg kec kab kel prov ds dsn bpk bp vs cf
    eg ie al fig approx cq an ub pt cv ud raden rd alm almh k.h r.a r.m m.t""")
# Not the end when a number follows: No. 5, tgl. 3, hal. 12, Rp. 100, Jan. 19.
_BEFORE_NUMBERS = word_set("""skt rf no nos nomor tgl hal hlm psl ps bab ayat vol pp p art
    sec rp usd us rm ay par ext tel telp hp jan feb mar apr mei jun jul agt ags agu aug sep
    sept okt oct nov des dec pkl ch lt blok rt rw km fig tab gbr thn th""")
# May end a sentence: it does if the next word is one that opens sentences.
_MAYBE_LAST = word_set("""dll dsb dst dkk etc inc ltd corp co bros tbk u.s u.k u.n e.u
    d.c a.m p.m a.s s.a.w s.h s.e s.t s.ip s.sos s.pd s.ag s.kom s.ked s.i.k s.ik m.si m.sc
    m.a m.h m.m m.pd m.kes m.hum m.kom m.ag m.phil ph.d b.a b.sc m.b.a sh se mm mh msi phd spd
    lc swt saw ra as m.eng s.psi s.tp s.kep e.g i.e n.b a.n u.b d.a cs jr sr l.l.m ll.m""")
_OPENERS = word_set("""ia dia mereka kami kita saya namun tetapi tapi sementara
    selain setelah sebelum sebelumnya ketika saat menurut hal ini itu pada di dari dalam untuk
    dengan karena sejak akibat adapun kemudian lalu oleh para sebagai jika kalau bahkan meski
    meskipun tak tidak ada kata katanya beliau keduanya kedua pihak rencananya diketahui
    selanjutnya seperti berdasarkan selama the a an he she it they we i you his her its their
    our this that these those there in on at after before when while but and however meanwhile
    according as for from with if although both since by to what who why how""")
_TOP_LEVEL_DOMAINS = word_set("com co id net org gov go ac edu info tv news my sg uk io me")

_CLOSERS = r"[\"”’'»)\]]*(?: ?\[\d{1,3}\])*"
_CANDIDATE = re.compile(
    rf"(?:(?<![.!?…])[.!?…]++{_CLOSERS})(?P<gap>\s+|(?=[\"“‘]?[A-ZÀ-Þ][a-zà-ÿ]))|\s+(?=•\s)"
)
_WORD_BEFORE = re.compile(r"[^\s(\[\"“”‘'«/]+$")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_LIST_NUMBER = re.compile(r"\s*\(?(?:\d{1,2}|[A-Za-z]|[IVX]{1,4})$")
_LETTERS = re.compile(r"[^\W\d_]+")
_FOLLOWS_WITHOUT_SPACE = re.compile(
    r"(?:[a-zà-ÿ]{3,}|\d{2,}|[%)])[.!?]$|[.!?…][\"”’»)\]]+(?:\[\d+\])*$"
)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence in order, without the white space around it.

    Headings and bullet items are units of their own. Units never overlap, and every character
    that is not white space lies in one.
    """
    spans: list[tuple[int, int]] = []
    for block_start, block_end in _blocks(text):
        start = block_start
        for border in _borders(text, block_start, block_end):
            _append_stripped(spans, text, start, border)
            start = border
        _append_stripped(spans, text, start, block_end)
    return spans


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(stripped)))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each line, joined with the lines that go on with it."""
    block_start = position = 0
    previous = ""
    for line in text.splitlines(keepends=True):
        if not _goes_on(previous, line):
            if position > block_start:
                yield block_start, position
            block_start = position
        position += len(line)
        previous = line
    if position > block_start:
        yield block_start, position


def _goes_on(previous: str, line: str) -> bool:
    """Tell whether the line continues the sentence that the previous line left open."""
    first = line.lstrip()[:1]
    return (
        first.islower()
        and bool(previous.strip())
        and not ends_sentence(previous)
        and not introduces_list(previous)
        and not is_bullet(line)
        and not is_bullet(previous)
    )


def _borders(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a sentence of the block ends and white space or the next one begins."""
    for match in _CANDIDATE.finditer(text, start, end):
        gap = match.group("gap")
        if gap is None:
            yield match.start()
            continue
        border = match.end() - len(gap)
        before, after = text[max(start, border - 60) : border], text[match.end() : end][:60]
        if not after:
            continue
        mark = text[match.start() : border]
        at_line_start = border - start <= 60
        if (gap or _may_lack_space(before, after)) and _is_border(
            before, after, mark, at_line_start=at_line_start
        ):
            yield border


def _may_lack_space(before: str, after: str) -> bool:
    """Tell whether a sentence was glued to the next (`selesai.Dia`), not a name (`Situs.Com`)."""
    word = _LETTERS.match(after.lstrip('"“‘'))
    is_domain = word is not None and word.group().casefold() in _TOP_LEVEL_DOMAINS
    token = before.split()[-1]
    return (
        not is_domain
        and "/" not in token
        and "@" not in token
        and _FOLLOWS_WITHOUT_SPACE.search(before) is not None
    )


def _is_border(before: str, after: str, mark: str, *, at_line_start: bool) -> bool:
    """Decide for one run of closing punctuation, `mark`, between `before` (with it) and `after`."""
    following = after.lstrip("\"“‘'(«[")
    if following[:1].islower():
        # “Siapa dia?” tanya hakim: the quotation is part of the sentence that goes on.
        return False
    if mark[0] in "!?" and after[0] in "(-–—":
        # Oo! (2013): the mark belongs to a name or stands for something unknown.
        return False
    if mark[0] != "." or mark.startswith(".."):
        return True
    stem = before[: len(before) - len(mark)]
    if at_line_start and _LIST_NUMBER.fullmatch(stem):
        return False
    found = _WORD_BEFORE.search(stem)
    if found is None or (len(mark.rstrip("0123456789[]")) > 1 and mark[1] in '"”’»'):
        return True
    word = found.group().casefold()
    next_word = _LETTERS.match(following)
    opens = next_word is not None and next_word.group().casefold() in _OPENERS
    if word in _TITLES:
        return False
    if word in _BEFORE_NUMBERS and following[:1].isdigit():
        return False
    if word in _MAYBE_LAST:
        return opens or (word in {"dll", "dsb", "dst", "dkk", "etc"} and following[:1].isupper())
    if _INITIAL.fullmatch(word):
        return opens
    return True
