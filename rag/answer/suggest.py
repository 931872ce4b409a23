"""Questions that an article seems to answer, made from its sentences by general patterns.

Who holds which post, who met whom, what somebody said of something, when something happened and
how many people it befell: news tell these in few forms. A pattern can be wrong, so whoever shows
such a question first asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.names import find_names, places_in
from rag.text.dates import find_dates
from rag.text.sentences import split_sentences
from rag.text.terms import fold
from rag.types import Document, Language

LONGEST_QUESTION = 110


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question in both languages; [start, end) of the document's text seems to answer it.

    `kind` names the pattern that it comes from, so that not all that are shown look alike.
    """

    kind: str
    texts: tuple[tuple[Language, str], ...]
    document_id: str
    start: int
    end: int

    def text(self, language: Language) -> str:
        """Return the question in a language."""
        return dict(self.texts)[language]


# Posts as they stand before or after a name, longer ones first where one begins another.
_POSTS = {
    "wakil presiden": "vice president",
    "presiden": "president",
    "wakil perdana menteri": "deputy prime minister",
    "perdana menteri": "prime minister",
    "menteri luar negeri": "foreign minister",
    "menteri dalam negeri": "interior minister",
    "menteri pertahanan": "defence minister",
    "menteri keuangan": "finance minister",
    "menteri kesehatan": "health minister",
    "menteri pendidikan": "education minister",
    "sekretaris jenderal": "secretary-general",
    "kepala staf": "chief of staff",
    "panglima": "commander",
    "gubernur": "governor",
    "wali kota": "mayor",
    "bupati": "regent",
    "direktur utama": "chief executive",
    "direktur": "director",
    "juru bicara": "spokesperson",
    "duta besar": "ambassador",
    "pelatih": "coach",
    "rektor": "rector",
    "raja": "king",
    "ratu": "queen",
}
_POST_ID = "|".join(_POSTS)
_POST_EN = "|".join(sorted(set(_POSTS.values()), key=len, reverse=True))
_TITLE_WORDS = frozenset(
    " ".join((*_POSTS, *_POSTS.values())).split()
    + """ketua kepala sekretaris jenderal menteri menlu menhan menkeu pm presiden wapres mantan
    pemimpin ayatullah ayatollah sayyed dr prof haji jaksa hakim komisaris kapolri kapolda senator
    mr mrs ms sir lord general minister president chairman secretary leader former""".split()
)

_PRONOUNS = frozenset("ia dia mereka keduanya beliau kami kita he she they it both we".split())

_CAPITAL = r"[A-ZÀ-Þ][\w'’-]*"
_NAME = rf"{_CAPITAL}(?: (?:al|bin|binti|van|de) (?={_CAPITAL})| {_CAPITAL})*"
_NAMES = rf"{_NAME}(?: (?:dan|and) {_NAME})?"
_ADVERBS = (
    r"(?: (?:juga|pun|lalu|kemudian|telah|sudah|sempat|kembali|also|later|then|has|had|again))*"
)
# A subject opens its clause.
_SUBJECT = rf"(?:^|, |\) |[–—-] )(?P<subject>{_NAMES})(?:, [^,]{{3,60}},)?{_ADVERBS} "

_MET = re.compile(rf"{_SUBJECT}(?:bertemu(?: dengan)?|menemui|met(?: with)?) (?:{_NAME})")
_MET_BY = re.compile(rf"\b(?:ditemui|met by)(?: oleh)? (?P<subject>{_NAME})")
_SAID_OF = re.compile(
    rf"{_SUBJECT}(?:menyebut|menggambarkan|menilai|menganggap|memandang|called|described)"
    rf" (?P<topic>{_NAME}) (?:sebagai|as)\b"
)
_POST_BEFORE = re.compile(rf"\b(?P<post>(?i:{_POST_ID})) (?P<of>{_CAPITAL})[ ,]+(?P<name>{_NAME})")
_POST_AFTER = re.compile(
    rf"(?P<name>{_NAME}), (?:the )?(?P<post>(?i:{_POST_ID}|{_POST_EN}))"
    rf"(?: sementara)?(?: of)? (?P<of>{_CAPITAL})\b"
)
_PEOPLE = (
    r"(?P<people>orang|warga|penduduk|prajurit|tentara|polisi|anak|siswa|pekerja|penumpang"
    r"|people|soldiers|children|workers|students|passengers)"
)
_BEFELL = re.compile(
    rf"\b{_PEOPLE}(?: \w+)? (?P<fate>tewas|meninggal|terluka|luka-luka|hilang|mengungsi|ditangkap"
    r"|ditahan|died|killed|injured|wounded|missing|displaced|arrested)\b",
    re.IGNORECASE,
)
_EVENTS = {
    "serangan": "attack",
    "gempa": "earthquake",
    "banjir": "flood",
    "longsor": "landslide",
    "kebakaran": "fire",
    "ledakan": "explosion",
    "kecelakaan": "accident",
    "badai": "storm",
}
_BECAUSE = re.compile(
    rf"\b[Aa]kibat (?P<event>{'|'.join(_EVENTS)}) (?:di )?(?P<where>{_CAPITAL}(?: {_CAPITAL})*)"
)
_IN_PLACE = re.compile(rf"\b(?:di|in) ({_CAPITAL})\b")
_NUMBER_BEFORE = re.compile(
    r"(?:\d|\b(?:dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh|ratus"
    r"|ribu|juta|two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?))"
    r"\W*$",
    re.IGNORECASE,
)
_FATES: dict[str, tuple[str, str]] = {
    "tewas": ("tewas", "were killed"),
    "meninggal": ("meninggal", "died"),
    "terluka": ("terluka", "were injured"),
    "luka-luka": ("luka-luka", "were injured"),
    "hilang": ("hilang", "are missing"),
    "mengungsi": ("mengungsi", "were displaced"),
    "ditangkap": ("ditangkap", "were arrested"),
    "ditahan": ("ditahan", "were detained"),
    "died": ("meninggal", "died"),
    "killed": ("tewas", "were killed"),
    "injured": ("terluka", "were injured"),
    "wounded": ("terluka", "were injured"),
    "missing": ("hilang", "are missing"),
    "displaced": ("mengungsi", "were displaced"),
    "arrested": ("ditangkap", "were arrested"),
}

# What people do on a day: the verb in an article of either language, then in the two questions.
_DEEDS = (
    (r"bertemu|met", "bertemu", "did {} meet"),  # whom, must be known too
    (r"berunding|held talks", "berunding", "did {} hold talks"),
    (r"berdialog|berbicara|berbincang|spoke|talked", "berbicara", "did {} talk"),
    (r"tiba|arrived", "tiba", "did {} arrive"),
    (r"mengundurkan diri|resigned", "mengundurkan diri", "did {} resign"),
    (r"meninggal|wafat|tutup usia|died", "meninggal", "did {} die"),
    (r"dilantik|was sworn in", "dilantik", "was {} sworn in"),
    (r"ditangkap|was arrested", "ditangkap", "was {} arrested"),
    (r"lahir|dilahirkan|was born", "lahir", "was {} born"),
    (r"terpilih|was elected", "terpilih", "was {} elected"),
)
_DONE = tuple(
    (
        re.compile(rf"{_SUBJECT}(?:{verb})\b(?: (?:dengan|with) (?P<other>{_NAME}))?"),
        indonesian,
        english,
    )
    for verb, indonesian, english in _DEEDS
)


def suggest_questions(document: Document) -> list[Suggestion]:
    """Return questions that the document seems to answer, in the order of its text, none twice."""
    reader = _Article(document)
    found: dict[str, Suggestion] = {}
    for start, end in split_sentences(document.text):
        sentence = document.text[start:end]
        # Headings tell in short what the text tells in full.
        if "\n" in sentence or sentence[-1:] not in '.!?”"':
            continue
        for kind, indonesian, english in reader.questions(sentence):
            if max(len(indonesian), len(english)) <= LONGEST_QUESTION:
                texts: tuple[tuple[Language, str], ...] = (("id", indonesian), ("en", english))
                suggestion = Suggestion(kind, texts, document.id, start, end)
                found.setdefault(indonesian, suggestion)
    return list(found.values())


class _Article:
    """What has to be known of a whole article to take one of its sentences apart."""

    def __init__(self, document: Document) -> None:
        self._places = places_in(document.text)
        self._mentions = [name.words for name in find_names(document.text)]

    def questions(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        """Yield (kind, question in Indonesian, question in English)."""
        yield from self._meetings(sentence)
        yield from self._opinions(sentence)
        yield from self._tolls(sentence)
        yield from self._times(sentence)
        yield from self._posts(sentence)

    def _meetings(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        for match in (*_MET.finditer(sentence), *_MET_BY.finditer(sentence)):
            if subject := self._people(match["subject"]):
                id_subject, en_subject = subject
                yield "met", f"Siapa yang ditemui {id_subject}?", f"Who did {en_subject} meet?"

    def _opinions(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        for match in _SAID_OF.finditer(sentence):
            subject, topic = self._people(match["subject"]), match["topic"]
            if subject and topic not in subject[0]:
                yield (
                    "said",
                    f"Apa kata {subject[0]} tentang {topic}?",
                    f"What did {subject[1]} say about {topic}?",
                )

    def _tolls(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        for match in _BEFELL.finditer(sentence):
            if not _NUMBER_BEFORE.search(sentence[: match.start()]):
                continue
            setting = self._setting(sentence)
            if setting is not None:
                indonesian, english = _FATES[match["fate"].lower()]
                yield (
                    "toll",
                    f"Berapa orang yang {indonesian} {setting[0]}?",
                    f"How many people {english} {setting[1]}?",
                )

    def _setting(self, sentence: str) -> tuple[str, str] | None:
        """Return the event or the place that a sentence tells of, in both languages."""
        cause = _BECAUSE.search(sentence)
        if cause is not None:
            event, where = cause["event"], cause["where"]
            return f"akibat {event} {where}", f"in the {where} {_EVENTS[event]}"
        for place in _IN_PLACE.finditer(sentence):
            if fold(place[1]) in self._places:
                return f"di {place[1]}", f"in {place[1]}"
        return None

    def _times(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        if not any(mention.month is not None for mention in find_dates(sentence)):
            return
        for pattern, indonesian, english in _DONE:
            for match in pattern.finditer(sentence):
                subject = self._people(match["subject"])
                if subject is None:
                    continue
                other = self._people(match["other"]) if match["other"] else None
                if other is None and indonesian == "bertemu":
                    continue
                with_id, with_en = (
                    (f" dengan {other[0]}", f" with {other[1]}") if other else ("", "")
                )
                yield (
                    "when",
                    f"Kapan {subject[0]} {indonesian}{with_id}?",
                    f"When {english.format(subject[1])}{with_en}?",
                )

    def _posts(self, sentence: str) -> Iterator[tuple[str, str, str]]:
        for match in (*_POST_BEFORE.finditer(sentence), *_POST_AFTER.finditer(sentence)):
            post, place = match["post"].lower(), match["of"]
            if fold(place) in self._places and self._people(match["name"]):
                english = _POSTS.get(post, post)
                indonesian = next((own for own, other in _POSTS.items() if other == english), post)
                yield (
                    "post",
                    f"Siapa {indonesian} {place}?",
                    f"Who is the {english} of {place}?",
                )

    def _people(self, names: str) -> tuple[str, str] | None:
        """Return names of people as both languages join them, without titles; None if in doubt."""
        bare = [self._without_title(name) for name in re.split(r" (?:dan|and) ", names)]
        if not all(self._is_person(name) for name in bare):
            return None
        return " dan ".join(bare), " and ".join(bare)

    def _without_title(self, name: str) -> str:
        parts = name.split()
        while parts and (fold(parts[0]) in _TITLE_WORDS or fold(parts[0]) in self._places):
            parts.pop(0)
        return " ".join(parts)

    def _is_person(self, name: str) -> bool:
        """Tell whether a name is somebody's: no place, no acronym, and its parts occur again."""
        parts = tuple(fold(part) for part in name.split())
        if not parts or name.isupper() or parts[0] in _PRONOUNS:
            return False
        if any(part in self._places for part in parts):
            return False
        times = sum(1 for mention in self._mentions if parts[-1] in mention)
        return times >= (1 if len(parts) > 1 else 2)


def in_turn(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Return the suggestions so that kinds take turns: the first of each, then the second."""
    by_kind: dict[str, list[Suggestion]] = {}
    for suggestion in suggestions:
        by_kind.setdefault(suggestion.kind, []).append(suggestion)
    longest = max(map(len, by_kind.values()), default=0)
    return [kind[turn] for turn in range(longest) for kind in by_kind.values() if turn < len(kind)]
