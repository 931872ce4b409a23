"""Words and terms of a text: what the word index holds and what evidence is compared by.

A word is a run of letters and digits as written; a term is what it is looked up by: lower case,
without accents, stemmed in its language (Snowball stemmers for Indonesian and English).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from rag.types import Language

ANALYSER_VERSION = "2"
"""Changes whenever `analyse` would give other terms, so that the word index is rebuilt."""

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)?")
_APOSTROPHE = re.compile(r"['’](?:s|S)?$|['’]")

STOP_WORDS: dict[Language, frozenset[str]] = {
    "id": frozenset(
        """ada adalah agar akan antara apa apakah apa-apa atas atau bagaimana bagaimanakah bagi
        bahwa bisa boleh dalam dan dapat dari daripada demi dengan di dia dimana
        dimanakah hal harus hingga ia ialah ini itu jadi jika juga kah kalau kami kapan
        kapankah karena kata ke kenapa kepada ketika kita lah lagi lain lalu maka mana
        manakah masih mengapa mereka merupakan namun nya oleh pada para per pernah pun
        saat saja saling sampai saya sebagai sebuah sedang sejak seorang seperti serta
        darimana darimanakah kemana kemanakah mengapakah kenapakah bilamana
        siapa siapakah siapa-siapa suatu sudah supaya tapi telah tentang terhadap
        tersebut tetapi tiap untuk yaitu yakni yang berapa berapakah sang si begitu bila
        anda ayo tolong sebutkan jelaskan menurut""".split()
    ),
    "en": frozenset(
        """a about an and any are as at be been being between both but by can could did do does
        doing for from had has have having he her hers him his how i if in into is it
        its just list many me may might more most much my name no nor not of off on or our out
        over please she should so some such tell than that the their them then there
        these they this those to too us was we were what when where which who whom whose
        why will with would you your according""".split()
    ),
}
"""Words too common to search for; question words are among them."""

# A Snowball stemmer object keeps state while it works, so each thread has its own.
_local = threading.local()


def _stemmer(language: Language) -> Stemmer.Stemmer:
    stemmers: dict[Language, Stemmer.Stemmer] | None = getattr(_local, "stemmers", None)
    if stemmers is None:
        stemmers = {"id": Stemmer.Stemmer("indonesian"), "en": Stemmer.Stemmer("english")}
        _local.stemmers = stemmers
    return stemmers[language]


def fold(text: str) -> str:
    """Return the text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def find_words(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each word of the text, in order; 10.000 and 3,5 are one word."""
    return [match.span() for match in _WORD.finditer(text)]


def words(text: str) -> list[str]:
    """Return the folded words of the text, in order."""
    return [_APOSTROPHE.sub("", fold(match.group())) for match in _WORD.finditer(text)]


@lru_cache(maxsize=100_000)
def stem(word: str, language: Language) -> str:
    """Return the stem of a folded word."""
    return str(_stemmer(language).stemWord(word))


def term(word: str, language: Language) -> str:
    """Return the term of a folded word in passages of one language.

    Terms carry their language, so that an English translation is only sought in English passages,
    and each language's passages give a word its rarity.
    """
    return f"{language}:{stem(word, language)}"


def untagged(term: str) -> str:
    """Return a term without its language."""
    return term.partition(":")[2]


def analyse(text: str, language: Language) -> list[str]:
    """Return the terms of the text, in order, stop words included (BM25 weighs them down)."""
    return [term(word, language) for word in words(text)]


def content_words(text: str, language: Language) -> list[str]:
    """Return the folded words of the text that are no stop words of its language."""
    return [word for word in words(text) if word not in STOP_WORDS[language]]
