"""Replies without the thinking that some models write before them."""

from __future__ import annotations

from collections.abc import Generator, Iterable

_OPEN, _CLOSE = "<think>", "</think>"


def without_thoughts(pieces: Iterable[str]) -> Generator[str, None, None]:
    """Yield a reply without the `<think>...</think>` that it may begin with.

    Models that were asked not to think, or whose server does not part their thoughts from their
    answer, still write such a block, often an empty one. What is withheld is yielded as empty
    pieces, so that whoever waits sees that the reply goes on.
    """
    held = ""
    thinking = True
    for piece in pieces:
        if not thinking:
            yield piece
            continue
        held += piece
        start = held.lstrip()
        if start.startswith(_OPEN):
            _, closed, answer = start.partition(_CLOSE)
            if closed and answer.strip():
                thinking = False
                yield answer.lstrip()
                continue
        elif not _OPEN.startswith(start):
            thinking = False
            yield held
            continue
        yield ""
    if thinking and held and not held.lstrip().startswith(_OPEN):
        yield held
