"""The bridge between the engine, which blocks, and the event loop, which must not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import TypeVar

import anyio.to_thread

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns. A cancelled request does not wait for the thread to end."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)


class _Finished:
    """Marks the end of a stream; `error` is what ended it early, if anything did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


async def stream_from_thread(start: Callable[[], Iterator[T]]) -> AsyncGenerator[T, None]:
    """Yield what the iterator of `start()` yields, and raise what it raises.

    One thread owns the iterator from start to end. When the consumer goes away, the iterator is
    closed in that thread as soon as it yields the next time, and nobody waits for that.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[T | _Finished] = asyncio.Queue()
    abandoned = threading.Event()

    def send(item: T | _Finished) -> None:
        # The loop is closed when the server went down before this thread noticed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, item)

    def produce() -> None:
        try:
            items = start()
            for item in items:
                if abandoned.is_set():
                    break
                send(item)
            if isinstance(items, Generator):
                items.close()
            send(_Finished(None))
        except BaseException as error:  # noqa: BLE001 - raised again in the consumer
            send(_Finished(error))

    threading.Thread(target=produce, name="answer", daemon=True).start()
    try:
        while True:
            item = await queue.get()
            if not isinstance(item, _Finished):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return
    finally:
        abandoned.set()
