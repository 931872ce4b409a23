"""Replies that cannot hang: pieces from another thread, each with a deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator

from rag.answer.language_model import ReplyLimits
from rag.errors import ModelTimeoutError

_END, _LATE = object(), object()


def within_deadlines(
    open_reply: Callable[[], Generator[str, None, None]], limits: ReplyLimits, server: str
) -> Iterator[str]:
    """Yield the non-empty pieces of a reply, each within its deadline.

    `open_reply` is called and drained in a thread of its own, since a blocked read cannot be
    interrupted. Its empty pieces are signs of life: they do not count as a first token, but they
    show that a reply goes on. What it raises is raised here. Raises ModelTimeoutError, naming
    `server`. However this ends, the reply is closed at its next piece at the latest.
    """
    arrived: queue.SimpleQueue[str | Exception | object] = queue.SimpleQueue()
    abandoned = threading.Event()

    def drain() -> None:
        reply = open_reply()
        try:
            for piece in reply:
                if abandoned.is_set():
                    return
                arrived.put(piece)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            arrived.put(error)
        else:
            arrived.put(_END)
        finally:
            reply.close()

    started = time.monotonic()
    end = started + limits.total_seconds
    deadline = started + limits.first_token_seconds
    any_text = False
    threading.Thread(target=drain, name="language-model-reply", daemon=True).start()
    try:
        while True:
            left = min(deadline, end) - time.monotonic()
            piece = _next(arrived, left)
            if piece is _LATE:
                raise ModelTimeoutError(_too_late(server, limits, any_text, end <= deadline))
            if piece is _END:
                return
            if isinstance(piece, Exception):
                raise piece
            if any_text or piece:
                any_text = True
                deadline = time.monotonic() + limits.between_tokens_seconds
            if isinstance(piece, str) and piece:
                yield piece
    finally:
        abandoned.set()


def _next(arrived: queue.SimpleQueue[str | Exception | object], left: float) -> object:
    """Return what arrives within so many seconds, or _LATE; a reply that is over time is late."""
    if left <= 0:
        return _LATE
    try:
        return arrived.get(timeout=left)
    except queue.Empty:
        return _LATE


def _too_late(server: str, limits: ReplyLimits, any_text: bool, over_all: bool) -> str:
    if over_all:
        return (
            f"{server} did not finish its answer in {limits.total_seconds:g} seconds; "
            "allow more with RAG_LLM_TOTAL_SECONDS, or use a smaller model"
        )
    if any_text:
        return (
            f"{server} stopped in the middle of its answer for "
            f"{limits.between_tokens_seconds:g} seconds; see its log, and allow more with "
            "RAG_LLM_BETWEEN_TOKENS_SECONDS if it is only slow"
        )
    return (
        f"{server} gave no first word in {limits.first_token_seconds:g} seconds; allow more with "
        "RAG_LLM_FIRST_TOKEN_SECONDS, or use a smaller model"
    )
