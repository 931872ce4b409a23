"""What pages print around an article, by its wording: one table, each row with its reason.

Every pattern describes the wording that news sites and blog software in general use, in
Indonesian and English; none names a site. A row matches a whole line, capitals ignored, so that
a sentence which merely mentions the words stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.lines import word_count


@dataclass(frozen=True, slots=True)
class NoiseRule:
    """A line is noise if the pattern matches all of it and it has at most `max_words` words."""

    reason: str
    pattern: re.Pattern[str]
    max_words: int

    def matches(self, line: str) -> bool:
        """Tell whether the line is noise by this rule."""
        return word_count(line) <= self.max_words and self.pattern.fullmatch(line) is not None


def _rule(reason: str, pattern: str, *, max_words: int = 12) -> NoiseRule:
    return NoiseRule(reason, re.compile(pattern, re.IGNORECASE | re.VERBOSE), max_words)


# Written for re.VERBOSE: spaces are `\s`, and `\#` is a number sign.
_SITES = r"(?:google\s+news|whats\s?app|telegram|instagram|facebook|twitter|x|youtube|tiktok|line)"
_CHANNEL = rf"(?:{_SITES}|grup|group|channel|kanal|saluran|newsletter|buletin|aplikasi|app)"
_SHARE = (
    r"(?:share|bagikan|sebarkan|tweet|pin|pin\s+it|print|cetak|e-?mail|facebook|twitter|whats\s?app|"
    r"telegram|linkedin|pinterest|reddit|messenger|threads|instagram|line|wa|fb|x|"
    r"copy\s+(?:the\s+)?(?:link|url)|salin\s+(?:tautan|link|artikel|url)|link\s+copied|"
    r"tautan\s+disalin)"
)

LINE_RULES = (
    _rule(
        "advertising label",
        r"[\[(]?\s*(?:iklan|advertisements?|advertorial|advertising|ads?|sponsored|promoted)"
        r"\s*[\])]?(?:(?:\s*[·|:]|\s+[–—-])\s*.{0,60})?",
        max_words=8,
    ),
    _rule(
        "scroll on past an advertisement",
        r".{0,15}(?:gulir|scroll)\s+(?:(?:down|ke\s+bawah)\s+)?(?:untuk|to|for)\s+"
        r"(?:melanjutkan|lanjut|membaca|continue|resume|read).*",
    ),
    _rule(
        "read without advertising, an offer to subscribe",
        r"(?:baca|read|nikmati|enjoy)\s+(?:berita|artikel|news|articles?)?\s*"
        r"(?:tanpa|without|with\s+no|bebas)\s+(?:gangguan\s+|any\s+)?(?:iklan|ads?|advertising)\b.*",
    ),
    _rule(
        "button of an advertisement",
        r"(?:close|skip|hide|tutup|lewati)\s+(?:the\s+)?(?:ads?|iklan)",
    ),
    _rule(
        "link to another story",
        r"[>»▶•*-]*\s*[\[(]?(?:(?:baca|lihat|simak|tonton|saksikan|dengarkan)\s*(?:juga|pula|lainnya|"
        r"selengkapnya|selanjutnya)(?:\s+(?:video|artikel|berita|foto))?|baca|"
        r"(?:artikel|berita|konten|video)\s+(?:terkait|lainnya|sebelumnya|selanjutnya)|"
        r"(?:also\s+read|read\s+(?:also|more|next|this|too)|see\s+also|watch(?:\s+(?:also|more|now))?|"
        r"related(?:\s+(?:story|stories|articles?|news|posts?|links?|video))?|more\s+on\s+this(?:\s+story)?|"
        r"recommended|don['’]t\s+miss|you\s+(?:may|might)\s+(?:also\s+)?like))"
        r"(?:\s*[:：]|\s+[|–—-])\s*.+",
        max_words=32,
    ),
    _rule(
        "link to another story, without a colon",
        r"[>»▶•*-]*\s*(?:(?:baca|lihat|simak|tonton|saksikan)\s+(?:juga|pula)|also\s+read|read\s+also)"
        r"\s+.*[^.]",
        max_words=25,
    ),
    _rule(
        "link to a video",
        r"(?:simak|lihat|tonton|saksikan)\s+(?:juga\s+)?['\"‘“]?video\b(?:.*[^.]|.*(?:berikut|di\s+bawah).*)?"
        r"|watch(?:\s+also)?(?:\s+(?:the|this))?\s+video(?:\s*[:|].*|\s+(?:below|here|above))?\.?",
        max_words=25,
    ),
    _rule(
        "place of an embedded picture",
        r"[\[(]?gambas\s*:.*|\[(?:gambas|video|foto|image|embed).*\]",
    ),
    _rule(
        "share buttons",
        r"(?:bagikan|share|sebarkan)(?:\s+(?:artikel|berita|this|the|it)(?:\s+(?:ini|article|story|"
        r"post|page|news))?)?(?:\s+(?:ini\s+)?(?:melalui|lewat|ke|di|via|on|to|with)"
        rf"(?:\s+(?:{_SITES}|media\s+sosial|social\s+media|teman\w*|friends)\b.{{0,40}})?)?\s*:?",
        max_words=9,
    ),
    _rule("row of share buttons", rf"{_SHARE}(?:[\s,|/·•:]+{_SHARE})+\s*:?"),
    _rule(
        "copy-link button",
        r"(?:copy|salin)\s+(?:the\s+)?(?:link|url|tautan|artikel|article)\s*!?|"
        r"(?:link|tautan|url)\s+(?:copied|(?:telah\s+|berhasil\s+)?disalin)\s*!?",
    ),
    _rule(
        "invitation to a channel",
        r"(?:ikuti|follow|gabung|bergabung|mari\s+bergabung|join|cek|check|temukan|simak|dapatkan|get|"
        r"baca|read|klik|click|jangan\s+lupa|langganan|berlangganan|subscribe|download|unduh|install)"
        rf"\b(?=.*\b(?:kami|us|our|berita|artikel|news|updates?|informasi|breaking)\b).*\b{_CHANNEL}\b.*",
        max_words=25,
    ),
    _rule(
        "invitation to news by message",
        r"(?:dapatkan|get|receive|terima|nikmati)\s+(?:the\s+|our\s+)?(?:update|berita|informasi|kabar|"
        r"breaking|latest|daily|news|notifikasi|artikel).*"
        rf"(?:\b{_CHANNEL}\b|setiap\s+hari|surel|e-?mail|inbox|kotak\s+masuk|langganan|delivered).*",
        max_words=60,
    ),
    _rule(
        "invitation to subscribe",
        r"(?:subscribe|sign\s+up|berlangganan|langganan)(?:\s+(?:to|for|untuk|ke)\b.*)?\s*!?"
        r"|(?:subscribe|sign\s+(?:up|in)|log\s?in|register|berlangganan|langganan|daftar|masuk)"
        r"\s+(?:now|here|today|sekarang|di\s+sini|akun|gratis)\s*!?"
        r"|newsletters?(?:\s+sign[\s-]?up)?|enter\s+your\s+e-?mail.*|masukkan\s+(?:alamat\s+)?e-?mail.*",
        max_words=14,
    ),
    _rule(
        "head of a comment form",
        r"(?:leave|post|write|add|submit)\s+(?:a\s+|your\s+)?(?:reply|comment)s?(?:\s+cancel\s+reply)?|"
        r"(?:tinggalkan|kirim|tulis|beri|tambah(?:kan)?|isi)\s+(?:sebuah\s+)?(?:balasan|komentar)"
        r"(?:\s+(?:anda|batalkan\s+balasan))?|batalkan\s+balasan|cancel\s+reply|"
        r"\d+\s+(?:komentar|comments?|responses?)|(?:komentar|comments?)\s*\(?\d+\)?|"
        r"(?:belum\s+ada|no|tidak\s+ada)\s+(?:komentar|comments?)(?:\s+yet)?",
    ),
    _rule(
        "text of a comment form",
        r"(?:your\s+email\s+address\s+will\s+not\s+be\s+published|alamat\s+e-?mail\s+anda\s+tidak\s+"
        r"akan\s+dipublikasikan|required\s+fields\s+are\s+marked|ruas\s+yang\s+wajib\s+ditandai|"
        r"save\s+my\s+name,?\s+e-?mail|simpan\s+nama,?\s+(?:saya,?\s+)?e-?mail|notify\s+me\s+of\s+"
        r"(?:follow|new)|beri\s*tahu\s+saya\s+(?:akan\s+)?(?:tindak|pos|komentar)|"
        r"(?:anda\s+harus|you\s+must\s+be|silakan|please)\s+(?:masuk|log(?:ged)?[\s-]?in|login)\s+"
        r"(?:terlebih\s+dahulu\s+)?(?:untuk|to)\s+(?:\w+\s+){0,2}(?:berkomentar|comment|komentar)|"
        r"this\s+site\s+uses\s+akismet|komentar\s+(?:sepenuhnya\s+)?(?:menjadi|adalah)\s+tanggung\s*jawab)"
        r".*",
        max_words=40,
    ),
    _rule(
        "field of a comment form",
        r"(?:comment|komentar|name|nama|e-?mail|website|situs\s+web|pesan|message)\s*\*",
    ),
    _rule(
        "cookie notice",
        r"(?:(?:we|this\s+(?:web)?site|our\s+(?:web)?site|kami|situs(?:\s+web)?\s+ini|website\s+ini)\s+"
        r"(?:and\s+our\s+partners\s+)?(?:use|uses|using|menggunakan|memakai)\s+cookies?\b.*|"
        r"by\s+(?:continuing|using|clicking)\b.*\b(?:cookies?|terms|privacy)\b.*|"
        r"dengan\s+(?:melanjutkan|menggunakan|mengklik)\b.*\b(?:cookies?|kuki)\b.*|"
        r"(?:accept|reject|manage|terima|tolak|kelola)\s+(?:all\s+|semua\s+)?(?:cookies?|kuki)(?:\s+\w+)?|"
        r"(?:cookie|privacy)\s+(?:policy|settings|preferences|notice)|kebijakan\s+(?:privasi|cookie))",
        max_words=60,
    ),
    _rule(
        "copyright line",
        r"(?:(?:copyright|hak\s+cipta)\s*(?:©|\(c\)|@|\d{4}|dilindungi)|©|\(c\)\s*\d{4}).*"
        r"|.{0,60}\ball\s+rights\s+reserved\b.{0,60}|.{0,40}\bhak\s+cipta\s+dilindungi\b.{0,60}",
        max_words=30,
    ),
    _rule(
        "ban on copying",
        r"(?:dilarang|konten\s+ini\s+dilarang)\s+(?:keras\s+)?(?:mengambil|menyalin|mengutip|memperbanyak)"
        r".*\b(?:konten|isi|artikel|izin|seizin)\b.*",
        max_words=40,
    ),
    _rule(
        "pages of a long article",
        r"(?:halaman|page|hal\.?)\s*:?\s*\d+(?:\s*(?:dari|of|/|\d|\s)+)?|"
        r"(?:halaman|page|artikel|article|berita|next|previous|prev)\s+"
        r"(?:selanjutnya|berikutnya|sebelumnya|page|article|post)|\d+\s+(?:dari|of)\s+\d+(?:\s+halaman)?|"
        r"(?:next|previous|selanjutnya|berikutnya|sebelumnya|selengkapnya)\s*[>»→…]*|[<«←]\s*\w+|"
        r"(?:read|show|view|load|see|tampilkan|lihat|muat|baca)\s+(?:more|all|semua|selengkapnya|"
        r"lainnya|lebih\s+banyak|lebih\s+sedikit)\s*[>»→…]*|(?:lanjutkan|continue)\s+(?:membaca|reading).*",
        max_words=8,
    ),
    _rule("row of tags", r"(?:\#[\w-]+[\s,]*){2,}", max_words=30),
    _rule(
        "trail of sections to the page",
        r"(?:home|beranda)(?:(?:\s*[>»›]\s*[^>»›]+){1,6}|(?:\s*[/|]\s*[^/|]+){2,6})",
        max_words=30,
    ),
    _rule(
        "reading time or view count",
        r"(?:waktu\s+baca\s*:?\s*)?\d+\s*(?:menit|minutes?|mins?)\.?\s*(?:baca|membaca|waktu\s+baca|reads?|"
        r"reading(?:\s+time)?)|(?:dibaca|dilihat|viewed)\s*:?\s*[\d.,]+\s*(?:kali|x|times)?|"
        r"[\d.,]+\s*(?:kali\s+dibaca|views?|shares?|likes?|suka|pembaca|tayangan)",
    ),
    _rule(
        "bare address, with or without a label",
        r"(?:[\w-]+\s+){0,2}[\w-]*\s*:?\s*<?(?:https?://|www\.)\S+>?",
        max_words=4,
    ),
    _rule(
        "text size and loading messages",
        r"a\s*[+-](?:[\s|/]*a\s*[+-]?)*|(?:font\s+size|ukuran\s+(?:huruf|font)).{0,10}|(?:loading|memuat)\s*\.*",
    ),
    _rule("rule between parts of the page", r"[-=_*~·•\s]{3,}|[|>»<«]+"),
)

RELATED_LABEL = _rule(
    "head of a list of other stories: the headlines after it go as well",
    r"[>»▶•*-]*\s*[\[(]?(?:terkini|terpopuler|terbaru|populer|popular|trending|most\s+(?:read|popular|viewed)|"
    r"(?:berita|artikel|konten|video|kabar|info)\s+(?:terkini|terkait|lainnya|terpopuler|terbaru|pilihan|"
    r"populer|sebelumnya|selanjutnya|utama|rekomendasi)|terkini\s+lainnya|baca\s+(?:juga|pula|lainnya)|"
    r"lihat\s+juga|simak\s+juga|pilihan\s+(?:redaksi|editor)|rekomendasi(?:\s+(?:untuk\s+anda|kami))?|"
    r"related(?:\s+(?:stories|articles?|news|posts?|links?|topics?|content))?|"
    r"(?:read|see)\s+(?:also|more|next)|also\s+read|more\s+(?:stories|news|articles?)(?:\s+from\s+.{1,30})?|"
    r"more\s+(?:on|from)\s+(?:this\s+)?(?:story|topic)|latest(?:\s+(?:news|stories|articles?))?|"
    r"editor['’]?s['’]?\s+(?:picks?|choice)|recommended(?:\s+(?:for\s+you|stories|articles?))?|"
    r"you\s+(?:may|might)\s+(?:also\s+)?like|(?:don['’]t|jangan)\s+(?:miss|lewatkan)|"
    r"tags?|topik(?:\s+(?:terkait|populer))?|topics?)[\])]?\s*[:：>»]*",
    max_words=8,
)

WEAK_RULE = _rule(
    "button or field: noise only beside other noise, or at the edge of the page",
    rf"(?:{_SHARE}|ok|oke|okay|close|tutup|batal|cancel|kirim|submit|send|reply|balas|home|beranda|menu|"
    r"search|cari|login|log\s+in|masuk|daftar|name|nama|website|situs\s+web|komentar|comment|next|prev|"
    r"previous|back|kembali|lainnya|more|skip|lewati|editor|redaksi|penulis|foto|video|\d{{1,2}})\s*[*:]?",
    max_words=3,
)

EDGE_RULES = (
    _rule(
        "who wrote or edited it: noise at the start or end of the page only",
        r"(?:editor|penulis|reporter|pewarta|penyunting|kontributor|wartawan|jurnalis|uploader|"
        r"penerjemah|author|writer|laporan|oleh|(?:(?:written|reported|edited|editing|reporting|posted)\s+)?"
        r"by|(?:ditulis|dilaporkan|disunting)\s+oleh)\s*[:/|]\s*[^.!?]*(?:\.\w+)?",
        max_words=9,
    ),
    _rule(
        "who wrote it, without a colon: only names follow",
        r"(?:oleh|(?:(?:written|reported|edited|editing|reporting|posted)\s+)?by|(?:ditulis|dilaporkan)"
        r"\s+oleh)\s+(?-i:[A-Z][\w.'-]*(?:,?\s+(?:[A-Z][\w.'-]*|bin|binti|dan|and|&|-))*)",
        max_words=7,
    ),
    _rule(
        "tags: inside an article such a line may be a fact of a list",
        r"(?:tags?|topik|topics?|kata\s+kunci|keywords?|label|kategori|categor(?:y|ies)|filed\s+under)"
        r"(?:\s+(?:terkait|berita|populer))?\s*:.*",
        max_words=30,
    ),
)

INLINE_RULES = (
    (
        "advertising label inside a paragraph",
        re.compile(
            r"(?:\bADVERTISEMENT\b\s*)?\bSCROLL TO (?:CONTINUE WITH CONTENT|RESUME CONTENT)\b"
            r"|(?<=[.!?”\"])\s+ADVERTISEMENT\b(?=\s|$)|^ADVERTISEMENT\s+(?=\w)"
        ),
    ),
    (
        "place of an embedded picture inside a paragraph",
        re.compile(r"\[\s*(?:Gambas|gambas|GAMBAS)\s*:[^\]\n]{0,60}\]"),
    ),
    (
        "link to another story after a paragraph",
        re.compile(
            r"(?<=[.!?”\"])\s*[\[(]?(?:Baca|BACA|Lihat|Simak) (?:[Jj]uga|JUGA)\s*[:：]\s*"
            r"(?:[^.\n]|\.(?=\S)){3,200}$"
        ),
    ),
)

SIGNATURE = re.compile(
    r"(?:(?<=[.!?”\"’])\s*|^)[(\[](?:[\w.-]+(?:\s[\w.-]+){0,2}\s*/\s*)+[\w.-]+(?:\s[\w.-]+){0,2}[)\]]$"
    r"|(?:(?<=[.!?”\"’])\s*|^)[(\[][^\W\d_]{2,5}[)\]]$"
)
"""Initials after the last sentence: (abc/def), (Name/site.com), (abc)."""


def is_noise_line(line: str) -> bool:
    """Tell whether the wording of the line alone shows that it is no part of an article."""
    return any(rule.matches(line) for rule in LINE_RULES)


def without_inline_noise(line: str) -> str:
    """Return the line without what pages insert in the middle of paragraphs."""
    for _reason, pattern in INLINE_RULES:
        line = pattern.sub(" ", line)
    return line
