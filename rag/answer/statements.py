"""What kinds of sentences a written answer has besides claims: lead-ins, pleasantries, "no answer".

Each table row is a general habit of language models, in both languages; none knows any article.
"""

from __future__ import annotations

import re

_SOURCES = (
    r"(?:(?:the|these|those|this|provided|given|available|supplied|retrieved|cited|above|of"
    r"|any|none|from|in|para|yang|tersebut|tersedia|diberikan|semua|satu pun)\s+)*"
    r"(?:articles?|passages?|sources?|documents?|texts?|excerpts?|context|information|materials?"
    r"|snippets?|artikel(?:-artikel)?|kutipan|sumber(?:-sumber)?|dokumen|teks|bacaan|konteks"
    r"|informasi|bagian|berita|data|materi)"
)
_TELLS = (
    r"(?:say|state|mention|contain|provide|specify|include|give|indicate|answer|address|reveal"
    r"|describe|discuss|report|tell|cover|identify|name|detail|explain|offer|have|hold|list"
    r"|disclose|clarify|refer|confirm)\w*"
)
_TELLS_ID = (
    r"(?:menyebut|memuat|mengandung|menjelaskan|memberi|menyediakan|mencantum|menyatakan|berisi"
    r"|menjawab|membahas|mengungkap|menerangkan|menginformasikan|merinci|tercantum|disebut|ada"
    r"|terdapat|cukup|mencakup|memiliki|ditemukan|memaparkan|dijelaskan|dimuat|membicarakan)\w*"
)

# A sentence that says the articles do not hold the answer.
_NO_ANSWER: tuple[str, ...] = (
    # The articles do not say / The provided passages don't mention who ...
    rf"^(?:unfortunately|sorry|however|but|based on [^,]*|according to [^,]*|i'm sorry)?[,\s]*"
    rf"(?:but\s+)?{_SOURCES}(?:\s+(?:\[\d+\]|provided|given|above|here|available|\w+ed))*\s+"
    rf"(?:do(?:es)?\s+not|don['’]t|doesn['’]t|did\s+not|didn['’]t|cannot|can['’]t|never"
    rf"|fails?\s+to)\s+(?:\w+ly\s+)?(?:{_TELLS}|appear|seem)",
    # None of the passages says; No information is given; No article mentions
    rf"^(?:unfortunately|however|but)?[,\s]*(?:none of\s+{_SOURCES}|no (?:\w+\s+)?"
    r"(?:information|details?|mention|answer|passage|article|source|data))\b",
    # There is no information / no mention in ...
    r"^(?:unfortunately|however|but|based on [^,]*)?[,\s]*there (?:is|was|are) (?:no"
    r"|not (?:any|enough)|insufficient)\s+(?:\w+\s+)?"
    r"(?:information|mention|details?|answer|data|indication|evidence)",
    # It is not mentioned / stated in the articles
    rf"\b(?:is|are|was|were)(?:\s+not|n['’]t)\s+(?:\w+ly\s+)?"
    rf"(?:mentioned|stated|specified|provided|given|said|disclosed|known|available|answered"
    rf"|included|found|named|clear)\b[^.]*\b(?:in|from|by)\s+{_SOURCES}",
    # I do not know, I cannot answer, I could not find
    r"^(?:unfortunately|sorry|i['’]m sorry|based on [^,]*)?[,\s]*(?:but\s+)?i\s+"
    r"(?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|am (?:not able|unable)|was unable)"
    r"(?:\s+to)?\s+(?:know|answer|find|determine|have|tell|provide|say)\b",
    # Artikel tidak menyebutkan; Berdasarkan artikel, tidak ada informasi
    rf"^(?:sayangnya|maaf|namun|tetapi|berdasarkan [^,]*|menurut [^,]*|mohon maaf)?[,\s]*"
    rf"(?:di\s+dalam|dalam|pada)?\s*{_SOURCES}(?:\s+(?:yang\s+\w+|tersebut|ini|itu|di atas"
    rf"|manapun|mana pun|\w+nya))*[,\s]*(?:sama sekali\s+)?(?:tidak|tak|belum)\s+"
    rf"(?:secara\s+\w+\s+)?(?:{_TELLS_ID})",
    r"^(?:sayangnya|maaf|namun|tetapi|berdasarkan [^,]*|menurut [^,]*|mohon maaf)?[,\s]*"
    r"(?:tidak|tak|belum)\s+(?:ada|ditemukan|terdapat|tersedia|disebutkan|dijelaskan|dicantumkan"
    r"|diketahui|cukup)\b[^.]*?\b(?:informasi|keterangan|data|penjelasan|jawaban|artikel|sumber"
    r"|kutipan|dokumen|teks|bacaan|penyebutan)",
    r"^(?:informasi|keterangan|jawaban|hal)\b[^.]{0,80}?\b(?:tidak|tak|belum)\s+"
    r"(?:ada|ditemukan|terdapat|tersedia|disebutkan|dijelaskan|dicantumkan|diketahui|termuat)\b",
    # Jumlah korban tidak disebutkan dalam artikel
    rf"\b(?:tidak|tak|belum)\s+(?:di|ter)(?:sebut|jelas|cantum|muat|bahas|temu|rinci|ungkap|ketahui"
    rf"|sedia|dapat|sebutkan)\w*\b[^.]*?\b(?:di|dalam|pada|oleh)\s+(?:dalam\s+)?{_SOURCES}",
    r"^(?:sayangnya|maaf|mohon maaf|berdasarkan [^,]*)?[,\s]*saya\s+(?:tidak|tak|belum)\s+"
    r"(?:tahu|dapat|bisa|menemukan|mengetahui|memiliki|punya)\b",
)
_NO_ANSWER_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _NO_ANSWER)

# A sentence that claims nothing: it announces the answer, thanks, offers help.
_NO_CLAIM: tuple[str, ...] = (
    r"^(?:berikut|inilah|ini)\b[^.]{0,90}(?:jawaban|informasi|ringkasan|penjelasan|daftar|poin"
    r"|rangkuman|ulasan|hal)[^.]{0,90}:?$",
    r"^(?:berikut|berikut ini|here|here you go|jawaban(?:nya)?|answer|ringkasan|summary|kesimpulan"
    r"|conclusion|in short|singkatnya|penjelasan|details?|rincian)\s*:?$",
    r"^(?:here (?:is|are)|here['’]s|below (?:is|are)|the following (?:is|are))\b[^.]{0,100}"
    r"(?:answer|information|summary|list|details?|overview|points?|breakdown)[^.]{0,100}:?$",
    r"^(?:berdasarkan|menurut)\s+[^.]{0,60}(?:artikel|sumber|kutipan|dokumen|teks|informasi|bacaan"
    r"|konteks)[^.]{0,60}:$",
    r"^(?:based on|according to|from)\s+[^.]{0,60}(?:articles?|passages?|sources?|documents?"
    r"|context|information)[^.]{0,60}:$",
    r"^(?:tentu(?: saja)?|baik(?:lah)?|oke|ok|sure|certainly|of course|great question|good question"
    r"|pertanyaan (?:yang )?bagus|halo|hello|hi|terima kasih|thank you|thanks)\b[^.]{0,60}$",
    r"^(?:semoga|i hope|hope this|let me know|please let me|feel free|jika (?:anda|kamu|ada)"
    r"|if you (?:have|need|want|would)|apakah ada (?:hal|pertanyaan)|silakan|do you (?:want|need)"
    r"|is there anything)\b.*",
)
_NO_CLAIM_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _NO_CLAIM)

_BARE_REPLY = re.compile(
    r"^(?:ya|iya|tidak|bukan|belum|benar|betul|salah|yes|no|correct|true|false|not? quite|right"
    r"|indeed|sudah)\s*[.,!:]*$",
    re.IGNORECASE,
)


def says_no_answer(text: str) -> bool:
    """Tell whether a sentence says that the articles do not hold what was asked."""
    plain = _plain(text)
    return any(pattern.search(plain) for pattern in _NO_ANSWER_PATTERNS)


def claims_nothing(text: str) -> bool:
    """Tell whether a sentence only announces an answer or is polite."""
    plain = _plain(text)
    return any(pattern.match(plain) for pattern in _NO_CLAIM_PATTERNS)


def is_bare_reply(text: str) -> bool:
    """Tell whether a sentence is just a yes or a no."""
    return _BARE_REPLY.match(_plain(text)) is not None


def _plain(text: str) -> str:
    return re.sub(r"[*_#`]+", "", text).strip().rstrip(".!")
