"""Which of the two languages a text is in, by its function words."""

from __future__ import annotations

import re

from rag.text.lines import word_set
from rag.types import Language

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SAMPLE_CHARACTERS = 4000

# Words of one language that are hardly ever words of the other; "dan", "in", "no" and the like
# occur in names and loans, but never outweigh the rest of a sentence.
_INDONESIAN = word_set("""yang dan di ke dari untuk dengan pada adalah ini itu dalam
    tidak akan oleh juga telah sudah sebagai bahwa karena atau ada mereka dia ia kami kita
    saya anda kamu para tersebut secara dapat bisa harus lebih antara setelah sebelum saat
    ketika namun tetapi tapi jika hanya lain hingga sampai sejak seperti oleh bagi serta agar
    masih belum pernah sedang terhadap tentang menurut merupakan menjadi kepada sebuah seorang
    satu dua tiga tahun hari kata apa apakah siapa siapakah mana dimana kapan berapa bagaimana
    mengapa kenapa apa-apa saja nama nya kah lah pun bukan jangan tolong sebutkan jelaskan
    ceritakan negara orang ayo halo terima kasih maksudnya lalu lagi kapankah berapakah
    bagaimanakah tadi kemarin besok sekarang antar tanpa semua banyak baru""")
_ENGLISH = word_set("""the of and to in is was are were be been being a an that this
    these those it its he she they his her their we you your our my i for on with as by at
    from or not but have has had will would can could should may might do does did who whom
    whose what when where which why how if than then there here about into after before over
    between during while also more most other some any all no yes said says say please tell
    list name me us him them who's what's it's don't didn't hello thanks thank and's explain
    describe give many much now today yesterday tomorrow so because again because one two
    three year new people country""")
# A question holds one of its own language, while a name in it may hold words of the other:
# "Kapan The Washington Post berdiri?"
_QUESTION_WORDS = word_set("""siapa apa apakah kapan berapa bagaimana mengapa kenapa mana dimana
    siapakah kapankah berapakah who whom whose what when where which why how""")
# Prefixes and endings of Indonesian words, which tell where function words do not.
_INDONESIAN_FORM = re.compile(r"(?:meng|meny|memp|memb|berk|diper)\w*|ke\w+an|\w{3,}(?:nya|kah)")


def detect_language(text: str, default: Language = "id") -> Language:
    """Return the language of the text's function words, or `default` where they do not tell."""
    words = [word.casefold() for word in _WORD.findall(text[:SAMPLE_CHARACTERS])]
    indonesian = _weight(words, _INDONESIAN)
    english = _weight(words, _ENGLISH)
    if indonesian != english:
        return "id" if indonesian > english else "en"
    if any(_INDONESIAN_FORM.fullmatch(word) for word in words):
        return "id"
    return default


def _weight(words: list[str], function_words: frozenset[str]) -> int:
    return sum(3 if word in _QUESTION_WORDS else 1 for word in words if word in function_words)
