"""The content words of a text as concepts that can be compared across languages and wordings.

Two words express one concept if they share a key: a stem, or a stem of a translation. So "talks"
agrees with "perundingan", and "berjumpa" with "bertemu", because both may be translated "meet".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.evidence import edit_distance
from rag.text.dates import find_dates
from rag.text.facts import find_amounts
from rag.text.lexicon import Lexicon
from rag.text.query import MOST_TRANSLATIONS
from rag.text.terms import STOP_WORDS, find_words, fold, term, words
from rag.types import Language


@dataclass(frozen=True, slots=True)
class Concept:
    """A content word [start, end) of a text.

    `named` tells a name that another text must hold to speak of the same; `country` is the key
    of the country that it means, be it by its people or its capital. `subject` is False for a
    name that a preposition leads ("from Tehran"). `negated` tells that it is what a "not" right
    before it denies. `clause` counts what punctuation and conjunctions part, `part` only what
    cannot share a subject.
    """

    word: str
    start: int
    end: int
    keys: frozenset[str]
    named: bool = False
    country: str = ""
    subject: bool = True
    negated: bool = False
    clause: int = 0
    part: int = 0
    capital: bool = False


# Countries and capitals that news speaks of, in English; the lexicon leads Indonesian names here.
# A country's government is often called by its capital, so the pairs also serve as one name.
_CAPITALS = dict(
    pair.split(":")
    for pair in """iran:tehran pakistan:islamabad russia:moscow turkey:ankara china:beijing
    india:delhi japan:tokyo france:paris germany:berlin italy:rome spain:madrid egypt:cairo
    iraq:baghdad syria:damascus lebanon:beirut jordan:amman qatar:doha afghanistan:kabul
    ukraine:kyiv indonesia:jakarta malaysia:putrajaya thailand:bangkok vietnam:hanoi
    philippines:manila australia:canberra canada:ottawa mexico:mexico brazil:brasilia
    argentina:argentina cuba:havana yemen:sanaa oman:muscat kuwait:kuwait bahrain:manama
    azerbaijan:baku armenia:yerevan georgia:tbilisi uzbekistan:tashkent kazakhstan:astana
    turkmenistan:ashgabat tajikistan:dushanbe bangladesh:dhaka myanmar:naypyidaw cambodia:phnom
    laos:vientiane singapore:singapore taiwan:taipei poland:warsaw hungary:budapest greece:athens
    sweden:stockholm norway:oslo finland:helsinki denmark:copenhagen netherlands:hague
    belgium:brussels austria:vienna switzerland:bern serbia:belgrade romania:bucharest
    sudan:khartoum libya:tripoli tunisia:tunis algeria:algiers morocco:rabat ethiopia:addis
    kenya:nairobi nigeria:abuja england:london britain:london israel:jerusalem palestine:ramallah
    venezuela:caracas colombia:bogota peru:lima chile:santiago nepal:kathmandu
    america:washington""".split()
)
_OTHER_PLACES = "saudi arabia korea emirates gaza turkiye states europe asia africa ireland".split()
# Written in capitals these are no pronouns or prepositions.
_ABBREVIATIONS = {
    "US": "america",
    "USA": "america",
    "AS": "america",
    "UK": "britain",
    "UN": "nations",
    "PBB": "nations",
    "EU": "europe",
    "UE": "europe",
    "UAE": "emirates",
}

NEGATORS = frozenset(
    """not no never neither nor cannot without none nothing nobody hardly tidak tak tiada bukan
    belum tanpa jangan enggan mustahil bukanlah tidaklah""".split()
)
# Verbs that deny what they lead, and are concepts themselves.
_DENIALS = frozenset(
    """deny denied denies denying refuse refused refuses refusing reject rejected rejects rejecting
    fail failed fails lack lacks lacked oppose opposed opposes membantah bantah menolak ditolak
    menampik menyangkal gagal batal menentang""".split()
)
_WEAK_AFTER_NEGATION = frozenset(
    """ever pernah punya mempunyai memiliki ada adanya akan lagi longer any a an the be been have
    has had is are was were do does did yet to of bisa dapat mau ingin pun lah yang for in with
    untuk di ke oleh really sangat very it he she they there this that dengan antara between
    interested""".split()
)
_NEGATED_WORDS = 1
_MORE_LIGHT = frozenset(
    """also both each other others another said says say told according including included include
    among amid during after before while since until ahead upon whether well already still just
    now then very later earlier however meanwhile therefore because what one two made make made
    juga keduanya kedua mereka masing-masing bahwa katanya ujarnya ujar kata mengatakan menyebut
    disebut menyatakan menurutnya menambahkan menegaskan menuturkan menurut antara lain termasuk
    setelah sebelum sesudah seusai selama ketika sehingga sambil karena sebab sekaligus maupun
    ataupun meski namun bagi satu dua dirinya sendiri ikut turut selaku adapun terhadap melalui
    its it's such described describe adding added added noted stated state stating reportedly took
    take place taken held hold under into via per within""".split()
)
_CLAUSE_WORDS = frozenset(
    """sedangkan while whereas but tetapi tapi namun although meskipun which who after before
    setelah sesudah sebelum ketika when asalkan provided""".split()
)
_PREPOSITIONS = frozenset(
    """from in to of into with against on at for about near toward towards dari di ke dengan
    terhadap kepada pada bagi melawan untuk dalam tentang antara between bersama""".split()
)
_AFFIXED: dict[Language, re.Pattern[str]] = {
    "id": re.compile(r"(?:me|ber|di|ter|pe|ke|se|per)[a-z]{4,}|[a-z]{4,}(?:nya|kan)"),
    "en": re.compile(r"[a-z]{4,}(?:ing|ed|ly|tion|ment)"),
}
# Words that open sentences and that the lexicon does not know; they are no names.
_OPENERS = frozenset(
    """only around along half most some about nearly almost despite unlike instead besides beyond
    throughout towards via per plus like except without within upon once twice perhaps maybe indeed
    thus hence moreover furthermore additionally overall together although though unless until
    whether because since following amid amidst regarding concerning given here there today
    yesterday tomorrow recently previously finally eventually initially originally formerly
    separately similarly likewise meanwhile afterwards later earlier soon often usually sometimes
    several many much few fewer more less another others everyone someone anyone nobody each every
    either neither all any such what when where who why how aside apart next last
    sekitar hampir kira-kira selain sejumlah banyak beberapa semua seluruh setiap tiap kini dulu
    dahulu kelak nanti sayangnya akhirnya awalnya mulanya biasanya umumnya misalnya contohnya
    artinya jadi maka lantas bahkan malah justru walaupun meskipun walau meski padahal sehingga
    supaya agar biar kendati sejauh sebanyak sebagian separuh setengah seusai usai seraya sembari
    alih-alih berkat lewat via tanpa hanya cuma sekadar pertama terakhir berikut begitu demikian
    tak hingga sampai menjelang selepas selagi lagi pula pun adapun para kaum sang si nama""".split()
)
_PARTS = re.compile(r"[;:.!?()\n—–]|\s-\s")
_OTHER: dict[Language, Language] = {"id": "en", "en": "id"}
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?:;\n•]|[-*] |[\"“‘(])\s*$")


@lru_cache(maxsize=4)
def _places(lexicon: Lexicon) -> dict[str, str]:
    """Return the key of the country for each key of a country, its people, or its capital."""
    countries: dict[str, str] = {}
    names = {**{country: country for country in _CAPITALS}, **{p: p for p in _OTHER_PLACES}}
    names.update({capital: country for country, capital in _CAPITALS.items()})
    for name, country in names.items():
        own = [term(name, "en"), term(name, "id")]
        # Turkey is also a bird: of a country's names only the first translation is taken.
        own += [_joined(phrase, "id") for phrase in lexicon.translate((name,), "en")[:1]]
        for key in own:
            countries.setdefault(key, term(country, "en"))
    return countries


@lru_cache(maxsize=8192)
def find_concepts(text: str, language: Language, lexicon: Lexicon) -> tuple[Concept, ...]:
    """Return the concepts of a text in order, without stop words, numbers and dates."""
    spans, folded = find_words(text), words(text)
    phrase_keys = _phrase_keys(folded, language, lexicon)
    places = _places(lexicon)
    facts = [(mention.start, mention.end) for mention in find_dates(text)]
    facts += [(amount.start, amount.end) for amount in find_amounts(text, language)]
    concepts: list[Concept] = []
    clause = part = denied = 0
    previous_end = 0
    previous_word = ""
    for position, ((start, end), word) in enumerate(zip(spans, folded, strict=True)):
        gap = text[previous_end:start]
        previous_end = end
        before, previous_word = previous_word, word
        following_word = folded[position + 1] if position + 1 < len(folded) else ""
        conjunction = word in _CLAUSE_WORDS and following_word != "itu"  # "ketika itu": then
        new_part = _PARTS.search(gap) is not None or conjunction
        if new_part or "," in gap:
            clause, part = clause + 1, part + new_part
            denied = 0
        written = text[start:end]
        if written[:-1].isupper() and written.endswith("s") and len(word) > 2:
            word = word[:-1]  # PCs
        if word == "no" and text[end : end + 2] in (". ", ".\n"):
            continue  # "No. 152" is a number
        if word in NEGATORS or word.endswith(("n't", "n’t")):
            denied = 0 if denied else _NEGATED_WORDS
            continue
        abbreviation = _ABBREVIATIONS.get(written)
        if word in _MORE_LIGHT or (word in STOP_WORDS[language] and abbreviation is None):
            continue
        if written[0].isdigit() or any(a <= start < b for a, b in facts):
            continue
        keys = {term(word, language)} | phrase_keys[position]
        if abbreviation:
            keys = {term(abbreviation, "en")}
        if written[:1].isupper():  # names are mostly spelled alike in both languages
            keys |= {term(word, "en"), term(word, "id")}
        initial = _OPENS_SENTENCE.search(text[:start]) is not None
        country = next((places[key] for key in sorted(keys) if key in places), "")
        place = written[:1].isupper() and bool(country)
        following = text[spans[position + 1][0]] if position + 1 < len(spans) else ""
        translated = bool(phrase_keys[position])
        stem = term(word, language)[3:]
        alike = any(stem in key[3:].split("_") for key in phrase_keys[position])
        named = place or (
            written[:1].isupper()
            and len(word) > 1
            and (
                _opens_with_name(word, translated, following, language)
                if initial
                else alike or not translated
            )
        )
        negated = denied > 0 and word not in _WEAK_AFTER_NEGATION and not named
        denied -= negated
        subject = before not in _PREPOSITIONS
        if word not in _WEAK_AFTER_NEGATION or named:
            concepts.append(
                Concept(
                    word,
                    start,
                    end,
                    frozenset(keys),
                    named,
                    country if place else "",
                    subject,
                    negated,
                    clause,
                    part,
                    written[:1].isupper(),
                )
            )
        if word in _DENIALS:
            denied = _NEGATED_WORDS
    return tuple(concepts)


def _opens_with_name(word: str, translated: bool, following: str, language: Language) -> bool:
    """Tell whether the first word of a sentence is a name: no word of the language, it seems."""
    if translated or word in _OPENERS:
        return False
    return following.isupper() or not _AFFIXED[language].fullmatch(word)


def _phrase_keys(folded: Sequence[str], language: Language, lexicon: Lexicon) -> list[set[str]]:
    """Return the keys that each word gets from its translations and those of its phrases."""
    other = _OTHER[language]
    keys: list[set[str]] = []
    for word in folded:
        found = lexicon.translate((word,), language)[:MOST_TRANSLATIONS]
        keys.append({_joined(phrase, other) for phrase in found})
    for match in lexicon.match(folded, language):
        if match.end - match.start > 1:
            shared = {_joined(folded[match.start : match.end], language)}
            shared |= {_joined(phrase, other) for phrase in match.translations[:MOST_TRANSLATIONS]}
            for position in range(match.start, match.end):
                keys[position] |= shared
    return keys


def _joined(phrase: Sequence[str], language: Language) -> str:
    if len(phrase) == 1:
        return term(phrase[0], language)
    return f"{language}:" + "_".join(term(word, language)[3:] for word in phrase)


class ConceptSet:
    """What a text speaks of: asks whether a concept of another text is among it."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts = tuple(concepts)
        self.keys = frozenset(key for concept in self.concepts for key in concept.keys)
        capitals = [c for c in self.concepts if c.capital]
        self._names = {c.word for c in capitals if len(c.word) >= 4}
        self._names |= {
            one.word + two.word for one, two in zip(capitals, capitals[1:], strict=False)
        }

    def holds(self, concept: Concept) -> bool:
        """Tell whether the text speaks of the concept; names in any spelling."""
        if concept.keys & self.keys:
            return True
        if not concept.named:
            return False
        return any(same_spelling(concept.word, name) for name in self._names)

    def holds_pair(self, one: Concept, two: Concept) -> bool:
        """Tell whether two words of a name stand in the text as one: Amir Abdollahian."""
        joined = one.word + two.word
        return any(same_spelling(joined, name) for name in self._names)

    def holds_country(self, concept: Concept) -> bool:
        """Tell whether the text speaks of a country by its capital, or the reverse."""
        return any(concept.country == other.country for other in self.concepts)


@lru_cache(maxsize=65536)
def same_spelling(one: str, other: str) -> bool:
    """Tell whether two folded words may be spellings of one name.

    One letter in six may differ; so may vowels and what languages write differently: Vesak is
    Waisak, Mughal is Mogul, Sundanese is Sunda.
    """
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    alike = abs(len(one) - len(other)) <= MOST_LETTERS_MORE and _skeletons(one) & _skeletons(other)
    if alike:
        return True
    if shorter < 5 or one[0] != other[0]:
        return False
    most = max(1, shorter // 6)
    return edit_distance(one, other, most) <= most


_PEOPLE_SUFFIX = re.compile(r"(?:i?ans?|eans?|ese|ish|ites?|ic)$")
_SAME_SOUNDS = str.maketrans({"c": "k", "q": "k", "w": "v", "z": "s", "j": "y"})
_LEAST_CONSONANTS = 3
MOST_LETTERS_MORE = 4
"""Letters that one spelling of a name may have more than another."""


@lru_cache(maxsize=65536)
def _skeletons(word: str) -> frozenset[str]:
    """Return the consonants of a name, with and without the ending that makes a people of it."""
    forms = {word, _PEOPLE_SUFFIX.sub("", word)}
    found = set()
    for form in forms:
        sounds = re.sub(r"ch|sh|sy", "s", re.sub(r"ph", "f", form)).translate(_SAME_SOUNDS)
        consonants = re.sub(r"(.)\1+", r"\1", sounds[:1] + re.sub(r"[aeiouyh]", "", sounds[1:]))
        if len(consonants) >= _LEAST_CONSONANTS:
            found.add(consonants)
    return frozenset(found)


def missing_names(concepts: Sequence[Concept], evidence: ConceptSet) -> list[Concept]:
    """Return the names that the evidence does not hold."""
    missing: list[Concept] = []
    for position, concept in enumerate(concepts):
        if not concept.named or evidence.holds(concept):
            continue
        neighbours = [
            pair
            for pair in (concepts[position - 1 : position + 1], concepts[position : position + 2])
            if len(pair) == 2 and all(c.named for c in pair)
        ]
        if any(evidence.holds_pair(*pair) for pair in neighbours):
            continue
        if concept.country and concept.subject and evidence.holds_country(concept):
            continue
        missing.append(concept)
    return missing


def folded_text(text: str) -> str:
    """Return a text for verbatim comparison: one form of space and quotation marks, lower case."""
    plain = re.sub(r"[“”„«»\"‘’'`*_]+", "", fold(text))
    plain = re.sub(r"[–—-]+", "-", plain)
    return re.sub(r"\s+", " ", plain).strip(" .!?;,:-")
