"""The exclusive lock on a local index; the kernel frees it however its holder ends."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from rag.errors import IndexLockedError


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock: process id, command line, local time since when, and base URL or ""."""

    pid: int
    command: str
    since: str
    address: str = ""


class IndexLock:
    """Holds `<index>/lock` with flock(2) from `take` until `free`."""

    def __init__(self, descriptor: int, holder: Holder) -> None:
        self._descriptor: int | None = descriptor
        self._holder = holder

    @classmethod
    def take(cls, path: Path, command: str) -> Self:
        """Lock the file at once. Raises IndexLockedError that says who holds it, or OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            os.close(descriptor)
            raise _locked(path, holder) from None
        except OSError:
            os.close(descriptor)
            raise
        lock = cls(
            descriptor, Holder(os.getpid(), command, datetime.now().isoformat(" ", "seconds"))
        )
        lock._write()
        return lock

    def announce(self, address: str) -> None:
        """Record the base URL at which the holder serves."""
        self._holder = replace(self._holder, address=address)
        self._write()

    def free(self) -> None:
        """Let go; the file stays, because deleting it would let two processes lock two files."""
        if self._descriptor is None:
            return
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None

    def _write(self) -> None:
        if self._descriptor is None:
            return
        content = json.dumps(asdict(self._holder)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


def _read(descriptor: int) -> Holder | None:
    """Return what the holder wrote, or None while it has not written yet."""
    try:
        fields = json.loads(os.pread(descriptor, 65_536, 0))
        return Holder(
            int(fields["pid"]), str(fields["command"]), str(fields["since"]), str(fields["address"])
        )
    except (ValueError, KeyError, TypeError):
        return None


def _locked(path: Path, holder: Holder | None) -> IndexLockedError:
    if holder is None:
        return IndexLockedError(
            f"the index {path.parent} is in use by another process; try again when it has ended"
        )
    who = (
        f"`{holder.command}` (process {holder.pid})" if holder.command else f"process {holder.pid}"
    )
    if holder.address:
        return IndexLockedError(
            f"the index {path.parent} is held by {who} at {holder.address} since {holder.since}; "
            "ask through it or stop it",
            holder.address,
        )
    return IndexLockedError(
        f"the index {path.parent} is held by {who} since {holder.since}; "
        "wait until it has ended, or stop it"
    )
