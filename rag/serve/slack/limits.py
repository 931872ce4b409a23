"""How many questions one user or channel may ask in a minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class RateLimit:
    """Lets at most `most` through in any minute, for each name by itself; 0 lets all through."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._passed: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, name: str) -> float:
        """Return 0 and count it if one more may pass now, else how long that will take."""
        if self._most == 0:
            return 0.0
        now = self._clock()
        with self._lock:
            passed = self._passed.setdefault(name, deque())
            while passed and passed[0] <= now - WINDOW_SECONDS:
                passed.popleft()
            if len(passed) >= self._most:
                return passed[0] + WINDOW_SECONDS - now
            passed.append(now)
            if len(self._passed) > 10_000:
                self._forget_idle(now)
        return 0.0

    def take_back(self, name: str) -> None:
        """Uncount the latest one of a name."""
        with self._lock:
            if self._passed.get(name):
                self._passed[name].pop()

    def _forget_idle(self, now: float) -> None:
        idle = [n for n, p in self._passed.items() if not p or p[-1] <= now - WINDOW_SECONDS]
        for name in idle:
            del self._passed[name]
