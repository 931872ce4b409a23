"""Whether two words are spellings of one name."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.answer.evidence import edit_distance


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
    half = max(len(one), len(other)) // 2  # Karachi is not Qureshi
    if alike and edit_distance(one, other, half) <= half:
        return True
    if shorter < 5 or one[0] != other[0]:
        return False
    most = max(1, shorter // 6)
    return edit_distance(one, other, most) <= most


_PEOPLE_SUFFIX = re.compile(r"(?:i?ans?|eans?|ese|ish|ites?|ic)$")
_LATIN_SUFFIX = re.compile(r"(?:i?us|i?um|es?)$")
_SAME_SOUNDS = str.maketrans({"c": "k", "q": "k", "w": "v", "z": "s", "j": "y"})
_LEAST_CONSONANTS = 3
_LONG_FOR_PLURAL = 5
MOST_LETTERS_MORE = 4
"""Letters that one spelling of a name may have more than another."""


@lru_cache(maxsize=65536)
def _skeletons(word: str) -> frozenset[str]:
    """Return the consonants of a name, with and without its Latin, plural or people's ending."""
    forms = {word, _PEOPLE_SUFFIX.sub("", word), _LATIN_SUFFIX.sub("", word)}
    forms |= {form[:-1] for form in forms if form.endswith("s") and len(form) > _LONG_FOR_PLURAL}
    found = set()
    for form in forms:
        sounds = re.sub(r"ph", "f", form).replace("x", "ks")
        sounds = re.sub(r"ch|sh|sy|c(?=[eiy])", "s", sounds).translate(_SAME_SOUNDS)
        consonants = re.sub(r"(.)\1+", r"\1", sounds[:1] + re.sub(r"[aeiouyh]", "", sounds[1:]))
        if len(consonants) >= _LEAST_CONSONANTS:
            found.add(consonants)
    return frozenset(found)
