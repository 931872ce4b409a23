"""Which of the two languages a text is in, by its function words."""

from __future__ import annotations

import re

from rag.text.lines import word_set
from rag.types import Language

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SAMPLE_CHARACTERS = 4000

# Words of one language that are hardly ever words of the other; "dan", "in", "no" and the like
# occur in names and loans, but never outweigh the rest of a sentence.
_INDONESIAN = word_set("""yang dan di ke dari untuk dengan pada adalah ini itu dalam tidak akan oleh juga telah sudah
    sebagai bahwa karena atau ada mereka dia ia kami kita saya anda kamu para tersebut secara dapat
    bisa harus lebih antara setelah sebelum saat ketika namun tetapi tapi jika hanya lain hingga
    sampai sejak seperti oleh bagi serta agar masih belum pernah sedang terhadap tentang menurut
    merupakan menjadi kepada sebuah seorang satu dua tiga tahun hari kata apa apakah siapa siapakah
    mana dimana kapan berapa bagaimana mengapa kenapa apa-apa saja nama nya kah lah pun bukan jangan
    tolong sebutkan jelaskan ceritakan negara orang ayo halo terima kasih maksudnya lalu lagi
    kapankah berapakah bagaimanakah tadi kemarin besok sekarang antar tanpa semua banyak baru""")
_ENGLISH = word_set("""the of and to in is was are were be been being a an that this these those it its he she they
    his her their we you your our my i for on with as by at from or not but have has had will would
    can could should may might do does did who whom whose what when where which why how if than then
    there here about into after before over between during while also more most other some any all
    no yes said says say please tell list name me us him them who's what's it's don't didn't hello
    thanks thank and's explain describe give many much now today yesterday tomorrow so because
    again because one two three year new people country""")
_AFFIX = re.compile(r"(?:me(?:ng|ny|m|n)|ber|ter|di|pe(?:ng|m|n))\w{3,}|\w{3,}(?:nya|kan|kah)")


def detect_language(text: str, default: Language = "id") -> Language:
    """Return the language of the text's function words, or `default` where they do not tell."""
    words = [word.casefold() for word in _WORD.findall(text[:SAMPLE_CHARACTERS])]
    indonesian = sum(word in _INDONESIAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    if indonesian != english:
        return "id" if indonesian > english else "en"
    # Few words tell: prefixes and endings that only Indonesian verbs have break the tie.
    if any(_AFFIX.fullmatch(word) and word not in _ENGLISH for word in words if word.isascii()):
        verbs = [word for word in words if word.endswith(("nya", "kah")) or word.startswith("meng")]
        if verbs:
            return "id"
    return default
