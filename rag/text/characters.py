"""Characters brought to one form: Unicode NFC, plain spaces, plain line ends, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[\t\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Soft hyphens, zero-width spaces and joiners, direction marks, byte order marks, control codes.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
# Only what can be nothing but an escape that a page left behind; other markup stays as text.
_ENTITIES = {
    "&quot;": '"',
    "&nbsp;": " ",
    "&apos;": "'",
    "&#39;": "'",
    "&#039;": "'",
    "&#34;": '"',
    "&#160;": " ",
    "&ldquo;": "“",
    "&rdquo;": "”",
    "&lsquo;": "‘",
    "&rsquo;": "’",
    "&#8216;": "‘",
    "&#8217;": "’",
    "&#8220;": "“",
    "&#8221;": "”",
    "&ndash;": "–",
    "&mdash;": "—",
    "&#8211;": "–",
    "&#8212;": "—",
    "&hellip;": "…",
    "&#8230;": "…",
}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_AMPERSAND = re.compile(r"&(?:amp;)+")


def normalize_characters(text: str) -> str:
    """Return the text in one form of characters; doing it twice changes nothing more."""
    # A step can lay bare work for another (`&amp;nbsp;`), so all are repeated until none changes.
    while (normal := _normalize_once(text)) != text:
        text = normal
    return text


def _normalize_once(text: str) -> str:
    text = _AMPERSAND.sub("&", text)
    text = _ENTITY.sub(lambda match: _ENTITIES[match.group()], text)
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text)
