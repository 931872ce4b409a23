"""Slack's markup, both ways: our text in without meaning anything to Slack, theirs out as text."""

from __future__ import annotations

import html
import re

INVISIBLE = "\u200b"
"""A space without width. It keeps characters from being read as markup, and changes no letter."""

_CALLS = re.compile(r"@(?=\w)|`(?=`)")
_LINKS = re.compile(r"(?<=\w):(?=//)|(?<=\bwww)\.(?=\w)|(?<=])(?=\()")
_USER = re.compile(r"<@[^<>]*>")
_CALL = re.compile(r"<!(?:date\^[^|>]*\|([^<>]*)|[^<>]*)>")
_LINK = re.compile(r"<([#@]?)([^<>|]*)(?:\|([^<>]*))?>")
_UNITS = re.compile(r"<[^<>]*>|&\w+;|\[\d+\]|.", re.DOTALL)
_BORDERS = " \t\n"
"""A space that does not break keeps a citation with its sentence."""


def escape(text: str) -> str:
    """Return a text that Slack shows as it is: no mention, link or code block."""
    quiet = _CALLS.sub(lambda found: found.group() + INVISIBLE, text)
    quiet = _LINKS.sub(lambda found: found.group() + INVISIBLE, quiet)
    return quiet.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """Return a link with a label that may be any text."""
    safe = url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C").replace(" ", "%20")
    return f"<{safe}|{escape(' '.join(label.split())).replace('|', '¦')}>"


def plain(text: str) -> str:
    """Return what a person wrote, without mentions and with Slack's escapes undone."""
    without = _CALL.sub(lambda found: found.group(1) or "", _USER.sub("", text))

    def shown(found: re.Match[str]) -> str:
        sign, target, label = found.groups()
        return f"{sign}{label or target}"

    linked = html.unescape(_LINK.sub(shown, without)).replace(INVISIBLE, "")
    return re.sub(r"[^\S\n]+", " ", linked).strip()


def cut(text: str, most: int) -> list[str]:
    """Return marked-up text in pieces of at most `most` characters, at spaces where possible.

    No link, citation or escaped character is ever cut.
    """
    pieces: list[str] = []
    while len(text) > most:
        end = _last_border(text, most)
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    if text:
        pieces.append(text)
    return pieces


def _last_border(text: str, most: int) -> int:
    """Return the last offset up to `most` that a cut may go through."""
    space = anywhere = 0
    for unit in _UNITS.finditer(text):
        if unit.end() > most:
            break
        anywhere = unit.end()
        if unit.group() in _BORDERS:
            space = unit.start()
    return space or anywhere or most
