"""Follow-up questions made to stand alone by rules: "And when was that?", "Siapa dia?".

What a question leaves open is carried over from the questions before it; a pronoun for a person
may also be whoever the last answer named. Only names and topic to search by are taken, never what
an answer said of them: history is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.concepts import find_concepts
from rag.answer.statements import says_no_answer
from rag.text.dates import find_dates
from rag.text.language import detect_language
from rag.text.lexicon import Lexicon
from rag.text.terms import content_words, find_words, fold
from rag.types import Language, Message

LONGEST_STANDALONE = 300
"""Characters that a standalone question has at the most."""
MOST_PEOPLE = 4
"""Names that stand for "they" at the most."""

# Words that point back to something said before. "it" and "itu" also stand in complete questions,
# so those only count where they can be nothing else.
_POINTING: dict[Language, tuple[str, ...]] = {
    "en": (
        # he, she, they ... anywhere
        r"\b(?:he|she|him|her|his|hers|they|them|their|theirs|its)\b",
        # "it" as subject or object, not "is it true that", "what time is it"
        r"\b(?:did|does|was|is|will|has|about|of|for|to|at|in|with|on|after|before|why|how) it\b"
        r"(?! true| possible| the case| that| raining)",
        r"^it\b|\bit\s*$",
        # that, those, there as the thing itself: "when was that?", "who was there?"
        r"\b(?:that|this|those|these|there|then)\s*$",
        r"\b(?:that|this|those|these|the same) (?:one|ones|meeting|talks?|visit|event|place|city"
        r"|country|time|day|date|year|man|woman|person|official|group|attack|strike|decision"
        r"|statement|agreement|figure|number|target|deadline|company|incident|call|trip)\b",
        r"\b(?:do|did|done) (?:so|that|this)\b",
        r"\bthe (?:former|latter|two of them|others?)\b",
    ),
    "id": (
        r"\b(?:dia|ia|beliau|mereka|keduanya|nya)\b",
        # -nya on a question's noun: "kapan kejadiannya?", "apa hasilnya?"
        r"\b(?!hanya|tanya|punya|biasanya|akhirnya|sebenarnya|misalnya|pertanyaan|seharusnya|adanya"
        r"|lainnya|sebelumnya|selanjutnya|namanya)[a-z]{3,}nya\b",
        r"\b(?:itu|tersebut|ini|begitu|sana|situ|disana|disitu)\s*$",
        r"\b(?:hal|pertemuan|kunjungan|peristiwa|kejadian|serangan|orang|kota|negara|tempat|tanggal"
        r"|kelompok|acara|perundingan|pembicaraan|keputusan|pernyataan|tokoh|pejabat|angka|target"
        r"|perjanjian|kesepakatan|tahun|hari|saat|waktu|rapat) (?:itu|tersebut|tadi|yang sama)\b",
        r"\btersebut\b",
    ),
}
_POINTING_PATTERNS = {
    language: tuple(re.compile(pattern) for pattern in patterns)
    for language, patterns in _POINTING.items()
}

# Openings that go on with what was said: "And when?", "What about Lavrov?", "Lalu?", "Kalau Dar?"
_GOES_ON = re.compile(
    r"^(?:and|but|so|then|also|ok(?:ay)?,?|dan|lalu|terus|trus|kemudian|tapi|tetapi|nah|oh|oke"
    r"|selain itu|besides(?: that)?|apart from that|who else|what else|anything else|anyone else"
    r"|where else|apa lagi|siapa lagi|mana lagi)\b[\s,]*",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^(?:(?:and|but|so|then|dan|lalu|terus|kemudian|tapi|nah|ok(?:ay)?|oke)[\s,]+)*"
    r"(?:(?:what|how) about|bagaimana (?:dengan|kalau|jika)"
    r"|gimana (?:dengan|kalau)|kalau(?: untuk)?"
    r"|bagaimana halnya dengan|apa kabar)\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_AND_NAME = re.compile(r"^(?:and|dan|lalu|kalau)\s+(?P<what>[^\W\d_].{0,60})$", re.IGNORECASE)

# A question word alone, or nearly: "When?", "Di mana?", "Kenapa begitu?", "How many?", "Which day?"
_BARE_QUESTION = re.compile(
    r"^(?:(?:and|but|so|then|dan|lalu|terus|kemudian|tapi)[\s,]+)*"
    r"(?:(?:on|in|at|since|until|by|to|from|with|for|sejak|sampai|hingga|pada|di|ke|dari|dengan|oleh"
    r"|untuk)\s+)?"
    r"(?:when|where|why|who|whom|whose|how|how (?:many|much|long|often|far|so|come)|which|what"
    r"|what (?:time|date|day|year|city|country|for|exactly|then|next)"
    r"|which (?:one|ones|day|date|year|city|country)|really|why not|says who"
    r"|kapan(?:kah)?|di ?mana(?:kah)?|ke ?mana|dari ?mana|mengapa|kenapa|siapa(?:kah)?(?: saja)?"
    r"|bagaimana(?:kah)?(?: caranya)?|berapa(?: (?:banyak|lama|kali|orang|besar|jumlah))?"
    r"|apa(?: saja)?"
    r"|yang mana|tahun berapa|tanggal berapa|hari apa|jam berapa|pukul berapa|di kota mana"
    r"|masa|benarkah|lalu|terus|kemudian|lantas|selanjutnya|next|go on|lanjut(?:kan)?|tell me more"
    r"|more|jelaskan(?: lagi)?|contohnya|for example|and|so)"
    r"(?: (?:exactly|tepatnya|persisnya|saja|itu|that|then|begitu|so|yang|was that|is that|did that"
    r"|happen(?:ed)?|terjadi(?:nya)?))*$"
)

# "What is inflation?", "siapa larijani": one word is all that such a question needs.
_DEFINITION = re.compile(
    r"^(?:what|who|where|apa|siapa|di ?mana|jelaskan|define|explain)(?:kah)?"
    r"(?: (?:is|are|was|were|does|a|an|the|itu|adalah|sebenarnya|yang dimaksud|dengan|arti|mean))*"
    r" (?!(?:terjadi|happen(?:ed)?|else|lagi|saja|next|then|now)\b)\w[\w-]*(?: (?:mean|itu))?$"
)
# Nothing but a wish to hear more: the last question is asked again.
_GO_ON = re.compile(
    r"^(?:(?:and|but|so|then|dan|lalu|terus|kemudian|tapi)[\s,]*)*"
    r"(?:lalu|terus|kemudian|selanjutnya|lantas|go on|next|lanjut(?:kan)?|tell me more|more|and|so"
    r"|jelaskan(?: lagi)?|(?:who|what|where|anyone|anything|siapa|apa|mana|di mana) (?:else|lagi)"
    r"|(?:siapa|apa) (?:saja )?lagi(?: yang lain)?|ada lagi|any others?|(?:yang )?lain(?:nya)?)?$"
)
_PERSON_PRONOUNS = re.compile(r"\b(?:he|she|him|her|his|hers|dia|ia|beliau)\b", re.IGNORECASE)
_PEOPLE_PRONOUNS = re.compile(r"\b(?:they|them|their|theirs|mereka|keduanya)\b", re.IGNORECASE)
_WHO_IS = re.compile(
    r"^(?:and |dan |lalu )?(?:who|siapa(?:kah)?)\b (?:is |was |sebenarnya )?\w+$", re.IGNORECASE
)
# What only a person has: "jabatannya" is his post, while "hasilnya" is the talks' result.
_OF_A_PERSON = re.compile(
    r"\b(?P<noun>jabatan|usia|umur|istri|suami|anak|keluarga|profesi|pekerjaan|partai|pendapat"
    r"|tanggapan|komentar|reaksi|gelar|karier|pangkat|latar belakang|pernyataan|harapan)nya\b",
    re.IGNORECASE,
)
# What makes a question of a topic: its question word and what only serves it.
_ASKING = re.compile(
    r"^(?:(?:and|dan|lalu)\s+)?(?:(?:on|in|at|with|to|from|by|for|di|ke|dari|pada|dengan|oleh|sejak)\s+)?"
    r"(?:who|whom|whose|what|which|when|where|why|how(?: (?:many|much|long|often|far|old))?"
    r"|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should"
    r"|siapa(?:kah)?|apa(?:kah)?|kapan(?:kah)?|mana(?:kah)?|di ?mana(?:kah)?|ke ?mana|mengapa"
    r"|kenapa|bagaimana(?:kah)?|berapa(?:kah)?|saja|yang|benarkah|adakah|sebutkan)\b\s*",
    re.IGNORECASE,
)
_MARKERS = re.compile(r"\s*\[\d+\](?:\[\d+\])*")
# The phrase that leads a quote tells the article's title, which is full of capitals.
_LEAD = re.compile(r"\b(?:According to|Menurut) “[^”]*”(?: \([^)]*\))?:")


def _folded(question: str) -> str:
    return re.sub(r"\s+", " ", fold(question)).strip(" ?!.,…")


def needs_context(question: str, language: Language) -> bool:
    """Tell, cheaply, whether a question points to or leaves out what was said before it."""
    plain = _folded(question)
    if not plain:
        return False
    if _GOES_ON.match(plain) or _WHAT_ABOUT.match(plain) or _BARE_QUESTION.match(plain):
        return True
    if any(pattern.search(plain) for pattern in _POINTING_PATTERNS[language]):
        # "Who is Larijani and what is his post?" says itself whom it means.
        return not _names_first(question, language)
    if _has_name(question) or _DEFINITION.match(plain):
        return False
    return len(content_words(question, language)) <= 1


def _has_name(question: str) -> bool:
    return any(question[start].isupper() for start, _ in find_words(question)[1:])


def _names_first(question: str, language: Language) -> bool:
    """Tell whether a person's name stands before the first word that points back."""
    plain = fold(question)
    pointing = [
        match.start()
        for pattern in _POINTING_PATTERNS[language]
        for match in pattern.finditer(plain)
    ]
    names = [start for start, _ in find_words(question)[1:] if question[start].isupper()]
    return bool(pointing and names) and len(plain) == len(question) and names[0] < min(pointing)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written; `place` tells a country or a capital."""

    text: str
    place: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Past:
    """What was talked of: the last question, made to stand alone, and the names answered to it."""

    question: str
    language: Language
    asked: tuple[Name, ...]
    answered: tuple[Name, ...] = ()

    def people(self) -> list[str]:
        """Return the people asked about, or else all names asked about."""
        return [n.text for n in self.asked if not n.place] or [n.text for n in self.asked]


def standalone_by_rules(
    question: str, history: Sequence[Message], language: Language, lexicon: Lexicon
) -> str:
    """Return the question with what it leaves open carried over from the history.

    Unchanged if it needs nothing, or if there is nothing to carry over or no room for it. The
    same input gives the same output, LONGEST_STANDALONE characters at the most if it changed.
    """
    asked = question.strip()
    if not needs_context(asked, language):
        return asked
    past = _past(history, lexicon)
    return asked if past is None else _resolve(asked, past, language, lexicon)


def _past(history: Sequence[Message], lexicon: Lexicon) -> _Past | None:
    """Return what the turns were about, each question resolved from those before it."""
    past: _Past | None = None
    for message in history:
        content = message.content.strip()
        if not content:
            continue
        if message.role == "user":
            language = detect_language(content)
            if past is not None and needs_context(content, language):
                content = _resolve(content, past, language, lexicon)
            past = _Past(content, language, tuple(find_names(content, language, lexicon)))
        elif past is not None and not says_no_answer(content):
            past = replace(past, answered=tuple(_answered(content, past, lexicon)))
    return past


def _answered(answer: str, past: _Past, lexicon: Lexicon) -> list[Name]:
    """Return the people whom an answer names and the question did not, likeliest answer first.

    The likeliest stands nearest to the words of the question.
    """
    text = _LEAD.sub("", _MARKERS.sub("", answer))
    language = detect_language(text)
    concepts = find_concepts(text, language, lexicon)
    asked_keys = {
        key
        for concept in find_concepts(past.question, past.language, lexicon)
        for key in concept.keys
        if not concept.named or concept.country
    }
    spoken_of = [c for c in concepts if c.keys & asked_keys]
    known = {fold(word) for name in past.asked for word in name.text.split()}

    def nearness(name: Name) -> float:
        gaps = (min(abs(c.start - name.end), abs(name.start - c.end)) for c in spoken_of)
        return sum(1 / (10 + gap) for gap in gaps)

    people = [
        name
        for name in find_names(text, language, lexicon)
        if not name.place and not known & {fold(word) for word in name.text.split()}
    ]
    return sorted(people, key=lambda name: (-nearness(name), name.start))


def find_names(text: str, language: Language, lexicon: Lexicon) -> list[Name]:
    """Return the names in a text in order, words of one name together, each name once."""
    names: list[Name] = []
    for concept in find_concepts(text, language, lexicon):
        if not concept.named:
            continue
        last = names[-1] if names else None
        adjoins = last is not None and re.fullmatch(r"[ -]|['’]", text[last.end : concept.start])
        if last and adjoins and not last.place and not concept.country:
            joined = text[last.start : concept.end]
            names[-1] = Name(joined, False, last.start, concept.end)
        else:
            names.append(
                Name(
                    text[concept.start : concept.end],
                    concept.country != "",
                    concept.start,
                    concept.end,
                )
            )
    plain = [replace(name, text=re.sub(r"['’]s?$", "", name.text)) for name in names]
    return list({fold(name.text): name for name in reversed(plain)}.values())[::-1]


def _resolve(question: str, past: _Past, language: Language, lexicon: Lexicon) -> str:
    """Return a question that needs context with what it needs."""
    plain = _plain(question)
    about = _WHAT_ABOUT.match(plain) or _and_name(plain)
    if about:
        resolved = _with_replaced(about["what"], past, language, lexicon)
    elif _GO_ON.match(_folded(question)):
        resolved = past.question
    else:
        resolved = _with_referent(question, past) or _with_topic(plain, past)
    return resolved if len(resolved) <= LONGEST_STANDALONE else question


def _and_name(plain: str) -> re.Match[str] | None:
    """Match "And Lavrov?": a name and nothing else."""
    match = _AND_NAME.match(plain)
    if match is None or any(not w[:1].isupper() for w in match["what"].split()):
        return None
    return match


def _with_replaced(what: str, past: _Past, language: Language, lexicon: Lexicon) -> str:
    """Return the last question with its last name or date of the same kind replaced."""
    day = find_dates(what)
    old_days = find_dates(past.question)
    if day and old_days:
        return _spliced(past.question, old_days[-1].start, old_days[-1].end, what)
    new = find_names(f"x {what}", language, lexicon)
    if new:
        same_kind = [name for name in past.asked if name.place == new[0].place]
        if same_kind:
            # In "Did Larijani meet Zardari?" the one asked about comes last.
            old = same_kind[-1]
            end = old.start + len(old.text)
            return _spliced(past.question, old.start, end, what)
    return f"{_plain(past.question)} ({what})?"


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _with_referent(question: str, past: _Past) -> str | None:
    """Return the question with its pronoun replaced by whom it means, None if that is unknown."""
    for pronouns, referents in (
        (_PERSON_PRONOUNS, _person_meant(question, past)),
        (_PEOPLE_PRONOUNS, _people_meant(past)),
    ):
        match = pronouns.search(question)
        if match and referents:
            names = _and_list(referents, past.language)
            if match.group().lower() in ("his", "hers", "their", "theirs") or (
                match.group().lower() == "her" and re.match(r"\s+\w", question[match.end() :])
            ):
                names += "'s"
            return _GOES_ON.sub("", _spliced(question, match.start(), match.end(), names))
    owned = _OF_A_PERSON.search(question)
    person = _person_meant(question, past)
    if owned and person:
        return _spliced(question, owned.start(), owned.end(), f"{owned['noun']} {person[0]}")
    return None


def _person_meant(question: str, past: _Past) -> list[str]:
    """Return whom "he" or "dia" means.

    Who asks "Siapa dia?" asks of the one answered; otherwise talk goes on about the one whom the
    last question named, if it named one.
    """
    people = [name.text for name in past.asked if not name.place]
    if past.answered and (not people or _WHO_IS.match(_plain(question))):
        return [past.answered[0].text]
    return people[:1]


def _people_meant(past: _Past) -> list[str]:
    people = [name.text for name in past.asked if not name.place]
    people += [name.text for name in past.answered]
    return (people if len(people) > 1 else [name.text for name in past.asked])[:MOST_PEOPLE]


def _and_list(names: Sequence[str], language: Language) -> str:
    joiner = " and " if language == "en" else " dan "
    return joiner.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _with_topic(plain: str, past: _Past) -> str:
    """Return the question followed by what the last one was about."""
    topic = _plain(past.question)
    while (shorter := _ASKING.sub("", topic)) != topic:
        topic = shorter.strip()
    own = _GOES_ON.sub("", plain) or plain
    own = own[:1].upper() + own[1:]
    return f"{own} ({topic})?" if topic else f"{own}?"


def _plain(question: str) -> str:
    return re.sub(r"\s+", " ", question).strip(" ?!.,…")
