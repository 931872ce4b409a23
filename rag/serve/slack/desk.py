"""The queue of questions and the threads that work on it.

Questions of one Slack thread are answered one after the other, in order, because each is part of
the history of the next. A question that is edited while it waits is asked as it reads last.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from rag.serve.errors import unexpected_error_body
from rag.serve.slack.state import Place

logger = logging.getLogger(__name__)

MOST_CHORES = 1000
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """A question to answer; a text of None is read from Slack when its turn comes.

    `response_url` is where a command is answered if the bot may not post in its channel.
    """

    place: Place
    text: str | None = None
    response_url: str = ""
    attempt: int = 1


Stopped = Callable[[], bool]
"""Tells whether the answer is not wanted any more: the question was edited, or is gone."""
Work = Callable[[Job, Stopped], None]


class Desk:
    """Lets `workers` threads answer at most `most` waiting questions, each with `work`."""

    def __init__(self, work: Work, *, workers: int, most: int) -> None:
        self._work = work
        self._most = most
        self._condition = threading.Condition()
        self._queue: deque[str] = deque()
        self._jobs: dict[str, Job] = {}
        self._busy_threads: set[tuple[str, str]] = set()
        self._working: set[str] = set()
        self._stopped: set[str] = set()
        self._closed = False
        self._chores = ThreadPoolExecutor(2, thread_name_prefix="slack chore")
        self._waiting_chores = threading.BoundedSemaphore(MOST_CHORES)
        self._threads = [
            threading.Thread(target=self._run, name=f"slack answer {number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job, *, always: bool = False) -> bool:
        """Take a question, or newer words of one that waits; return False if too many wait.

        What was accepted before (`always`) is taken in any case.
        """
        key = job.place.key
        with self._condition:
            if key in self._working:
                self._stopped.add(key)
            if key not in self._jobs:
                if len(self._queue) >= self._most and not always:
                    return False
                self._queue.append(key)
            self._jobs[key] = job
            self._condition.notify()
        return True

    def withdraw(self, key: str) -> None:
        """Drop a question, and stop who works on it."""
        with self._condition:
            if self._jobs.pop(key, None) is not None:
                self._queue.remove(key)
            if key in self._working:
                self._stopped.add(key)

    def chore(self, what: Callable[[], None]) -> None:
        """Do something small soon; when very much is to be done already it is left out."""
        if not self._waiting_chores.acquire(blocking=False):
            logger.warning("a small message was left out: too many wait")
            return

        def run() -> None:
            try:
                what()
            except Exception as error:  # noqa: BLE001 - a chore must not end the thread
                unexpected_error_body(error)
            finally:
                self._waiting_chores.release()

        try:
            self._chores.submit(run)
        except RuntimeError:
            self._waiting_chores.release()

    def waiting(self) -> int:
        """Return how many questions wait."""
        with self._condition:
            return len(self._queue)

    def close(self) -> None:
        """Stop taking work; what is not finished stays written down for the next start."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._chores.shutdown(wait=False, cancel_futures=True)
        for thread in self._threads:
            thread.join(CLOSE_SECONDS / max(1, len(self._threads)))

    def _run(self) -> None:
        while (job := self._next()) is not None:
            key = job.place.key
            try:
                self._work(job, partial(self._is_stopped, key))
            except Exception as error:  # noqa: BLE001 - one question must not end the thread
                unexpected_error_body(error)
            finally:
                self._done(job)

    def _next(self) -> Job | None:
        """Wait for a question whose thread nobody works in; None at the end."""
        with self._condition:
            while not self._closed:
                for key in self._queue:
                    place = self._jobs[key].place
                    if _thread_of(place) not in self._busy_threads:
                        self._queue.remove(key)
                        job = self._jobs.pop(key)
                        self._busy_threads.add(_thread_of(place))
                        self._working.add(key)
                        return job
                self._condition.wait()
        return None

    def _done(self, job: Job) -> None:
        with self._condition:
            self._busy_threads.discard(_thread_of(job.place))
            self._working.discard(job.place.key)
            self._stopped.discard(job.place.key)
            self._condition.notify_all()

    def _is_stopped(self, key: str) -> bool:
        with self._condition:
            return self._closed or key in self._stopped


def _thread_of(place: Place) -> tuple[str, str]:
    """Return what is answered in order; a command that is not yet posted stands by itself."""
    return place.channel, place.thread or place.key
