"""What a question asks for: a person, a date, a place, a number, a list, a yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.text.lexicon import Lexicon
from rag.text.query import Idea, find_ideas
from rag.text.terms import fold
from rag.types import Language

Kind = Literal["who", "when", "where", "number", "reason", "manner", "yesno", "what"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood: its kind, whether it asks for several things, and its ideas."""

    text: str
    language: Language
    kind: Kind
    wants_several: bool
    ideas: tuple[Idea, ...]


_TIME_NOUNS = r"(?:year|date|day|month|time|century|tahun|tanggal|hari|bulan|pukul|jam|abad)"
_PLACE_NOUNS = (
    r"(?:city|cities|country|countries|province|provinces|place|places|location|capital|region"
    r"|regions|town|village|kota|negara|provinsi|tempat|daerah|wilayah|kabupaten|desa|lokasi)"
)

# The first pattern that matches decides, so the more telling come first.
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("when", rf"\b(?:what|which|in what|on what) {_TIME_NOUNS}\b"),
    ("when", rf"\b{_TIME_NOUNS} (?:berapa|apa|ke ?berapa)(?:kah)?\b"),
    ("when", r"\b(?:when|kapan(?:kah)?|since when|sejak kapan|how long ago)\b"),
    ("number", r"\b(?:how (?:many|much|old|long|far|tall|high|big|large|often)|berapa(?:kah)?)\b"),
    ("number", r"\bwhat (?:is|was|are|were) the (?:\w+ )?(?:number|total|percentage|population)\b"),
    ("number", r"\b(?:what|which) (?:\w+ ){0,3}(?:percentage|amount|target|figure|number)\b"),
    ("who", r"\b(?:who|whom|whose|siapa(?:kah)?|which (?:person|people|official|leader)s?)\b"),
    ("where", r"\b(?:where|di ?mana(?:kah)?|ke ?mana(?:kah)?|dari ?mana(?:kah)?)\b"),
    ("where", rf"\b(?:what|which) {_PLACE_NOUNS}\b"),
    ("where", rf"\b{_PLACE_NOUNS} (?:apa|mana)(?:kah)?\b"),
    ("reason", r"\b(?:why|mengapa(?:kah)?|kenapa|apa (?:alasan|sebab|penyebab)(?:nya)?)\b"),
    ("manner", r"\b(?:how|bagaimana(?:kah)?)\b"),
    (
        "yesno",
        r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b"
        r"(?! (?:you|we) (?:know|tell))",
    ),
    ("yesno", r"^(?:apakah (?!yang\b|nama|arti|maksud|tujuan|isi|saja\b)|benarkah|adakah)"),
)

_SEVERAL = re.compile(
    r"""
    \b(?:siapa|apa|mana|di\ ?mana|kapan)(?:kah)?\ saja\b     # siapa saja, apa saja, mana saja
    | \b(?:sebutkan|daftar|semua|seluruh|para|masing-masing|berbagai)\b
    | \b(?:list|name\ (?:all|the|some|two|three|four|five)|all|every)\b
    | \bsiapa(?:kah)?\ (?:yang\ )?di(?!a\b)\w+                # siapa yang ditemui Larijani
    | \bdengan\ siapa\b | \bbertemu\ siapa\b
    | ^(?:and\ )?(?:with\ )?(?:who|whom)\ (?:did|does|do|has|have|had|will)\b   # who did X meet
    | \b(?:which|what)\ (?:(?!(?:did|do|does|is|was|has)\b)\w+\ )?
      (?!(?:is|was|does|has|his)\b)\w{2,}[^s\W]s\b
    | \b(?:who|what|which\ \w+)\ (?:are|were)\b
    """,
    re.VERBOSE,
)


def understand_question(text: str, language: Language, lexicon: Lexicon) -> Question:
    """Return the question with its kind, its ideas, and whether several answers are asked for."""
    plain = re.sub(r"\s+", " ", fold(text)).strip(" ?!.")
    several = _SEVERAL.search(plain) is not None
    ideas = tuple(find_ideas(text, language, lexicon))
    return Question(text, language, _kind_of(plain), several, ideas)


def _kind_of(plain: str) -> Kind:
    for kind, pattern in _KINDS:
        if re.search(pattern, plain):
            return kind
    return "what"
