"""The engine that a command works with: its own, or that of the server that holds the index."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.errors import IndexLockedError
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.client import RemoteEngine
    from rag.engine import Engine

LOCK_NAME = "lock"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def prepare() -> Settings:
    """Return the settings and set up logging as they say. Raises SettingsError."""
    settings = Settings.load()
    # Libraries log at warning and above only: some log what they are given, which is private.
    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING)
    logging.getLogger("rag").setLevel(settings.log_level.upper())
    return settings


@contextmanager
def open_engine(settings: Settings, command: str) -> Iterator[Engine | RemoteEngine]:
    """Yield an engine over the index, by way of the server that holds it if one does."""
    engine = _connect(settings, command)
    try:
        yield engine
    finally:
        engine.close()


def expect_free_index(settings: Settings, command: str) -> None:
    """Raise IndexLockedError if the index is held: known before seconds of imports, not after."""
    from rag.store.lock import IndexLock

    lock = settings.index_dir / LOCK_NAME
    if not settings.chroma_url and lock.exists():
        IndexLock.take(lock, command).free()


def _connect(settings: Settings, command: str) -> Engine | RemoteEngine:
    try:
        expect_free_index(settings, command)
        from rag.build import build_engine

        return build_engine(settings, command=command)
    except IndexLockedError as error:
        if error.address is None:
            raise
        from rag.client import RemoteEngine

        return RemoteEngine(error.address)
