"""An engine that loads while the server already listens; requests wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from rag.errors import RagError

if TYPE_CHECKING:
    from rag.engine import Engine

WAIT_SECONDS = 120.0


class StillLoadingError(RagError):
    """The engine took longer to load than a request waits."""

    code = "loading"
    http_status = 503


class EngineLoader:
    """Loads an engine once, in a thread of its own, and hands it to whoever waits."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._future: Future[Engine] = Future()

    def start(self, on_failure: Callable[[], None]) -> None:
        """Begin to load; `on_failure` is called, in the loading thread, if that fails.

        The thread is a daemon, so that a shut-down need not wait for models to load.
        """

        def run() -> None:
            try:
                self._future.set_result(self._load())
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                self._future.set_exception(error)
                on_failure()

        threading.Thread(target=run, name="load engine", daemon=True).start()

    @property
    def engine(self) -> Engine | None:
        """The engine, if it is loaded."""
        if self._future.done() and self._future.exception() is None:
            return self._future.result()
        return None

    @property
    def error(self) -> BaseException | None:
        """Why loading failed, if it did."""
        return self._future.exception() if self._future.done() else None

    def result(self) -> Engine:
        """Block until the engine is loaded and return it. Raises what loading raised."""
        return self._future.result()

    async def wait(self) -> Engine:
        """Return the engine when it is loaded. Raises what loading raised, StillLoadingError."""
        if self.engine is not None:
            return self.engine
        waiting = asyncio.shield(asyncio.wrap_future(self._future))
        try:
            return await asyncio.wait_for(waiting, WAIT_SECONDS)
        except TimeoutError as error:
            raise StillLoadingError(
                "The server is still loading its models; /readyz tells when it is ready."
            ) from error
