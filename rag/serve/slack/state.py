"""What the bot remembers across restarts: ids and times in a small SQLite file, never a word.

Deliveries are remembered so that a retry is known as one; questions, so that one that was
acknowledged is answered after a restart too, and its answer is found when it is edited or deleted.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import StoreError

FILE = "slack.sqlite3"
KEPT_SECONDS = 30 * 24 * 3600.0

Progress = Literal["waiting", "answered", "withdrawn"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, channel TEXT NOT NULL, ts TEXT NOT NULL,
    thread TEXT NOT NULL, user TEXT NOT NULL, team TEXT NOT NULL, direct INTEGER NOT NULL,
    progress TEXT NOT NULL, answers TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS questions_by_message ON questions (channel, ts);
CREATE INDEX IF NOT EXISTS questions_by_thread ON questions (channel, thread);
"""
_COLUMNS = "key, kind, channel, ts, thread, user, team, direct"

Kind = Literal["message", "command", "shortcut"]


@dataclass(frozen=True, slots=True)
class Place:
    """A question by ids: the message `ts` holds its text, answers go into the thread `thread`.

    Both are "" until the message of a command has been posted.
    """

    key: str
    kind: Kind
    channel: str
    ts: str
    thread: str
    user: str
    team: str
    direct: bool


class State:
    """The file; methods may be called from several threads, and each is one transaction."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
            for table in ("deliveries", "questions"):
                self._db.execute(f"DELETE FROM {table} WHERE at < ?", (clock() - KEPT_SECONDS,))
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{path}, which the Slack bot keeps, cannot be used: {error}"
            ) from error

    def accept(self, deliveries: Sequence[str], place: Place | None = None) -> bool:
        """Write a delivery and its question down; return False if either was there before."""
        with self._transaction() as db:
            new = [
                db.execute(
                    "INSERT OR IGNORE INTO deliveries VALUES (?, ?)", (delivery, self._clock())
                ).rowcount
                == 1
                for delivery in deliveries
            ]
            if not all(new):
                return False
            if place is None:
                return True
            values = (*_values(place), "waiting", "[]", self._clock())
            marks = ", ".join("?" * len(values))
            inserted = db.execute(f"INSERT OR IGNORE INTO questions VALUES ({marks})", values)
            return inserted.rowcount == 1

    def is_known(self, deliveries: Sequence[str], key: str) -> bool:
        """Return whether one of the deliveries, or the question itself, was there before."""
        marks = ", ".join("?" * len(deliveries))
        query = (
            f"SELECT 1 FROM deliveries WHERE id IN ({marks})"
            " UNION ALL SELECT 1 FROM questions WHERE key = ?"
        )
        return bool(self._read(query, (*deliveries, key)))

    def is_withdrawn(self, key: str) -> bool:
        """Return whether a question is not to be answered any more."""
        rows = self._read("SELECT progress FROM questions WHERE key = ?", (key,))
        return bool(rows) and rows[0][0] == "withdrawn"

    def place(self, key: str, ts: str, thread: str) -> None:
        """Write down where the message of a command was posted."""
        self._write("UPDATE questions SET ts = ?, thread = ? WHERE key = ?", (ts, thread, key))

    def reopen(self, key: str) -> None:
        """Make a question wait for an answer again, unless it was withdrawn."""
        self._write(
            "UPDATE questions SET progress = 'waiting' WHERE key = ? AND progress = 'answered'",
            (key,),
        )

    def set_progress(self, key: str, progress: Progress) -> None:
        """Write down what has become of a question; one that was withdrawn stays so."""
        self._write(
            "UPDATE questions SET progress = ? WHERE key = ? AND progress != 'withdrawn'",
            (progress, key),
        )

    def set_answers(self, key: str, messages: Sequence[str]) -> None:
        """Write down which messages hold the answer."""
        self._write(
            "UPDATE questions SET answers = ? WHERE key = ?", (json.dumps(list(messages)), key)
        )

    def answers(self, key: str) -> tuple[str, ...]:
        """Return the messages that hold the answer, in order."""
        rows = self._read("SELECT answers FROM questions WHERE key = ?", (key,))
        return tuple(str(ts) for ts in json.loads(str(rows[0][0]))) if rows else ()

    def at_message(self, channel: str, ts: str) -> list[Place]:
        """Return the questions that a message holds and that were not withdrawn."""
        rows = self._read(
            f"SELECT {_COLUMNS} FROM questions WHERE channel = ? AND ts = ?"
            " AND progress != 'withdrawn'",
            (channel, ts),
        )
        return [_place(row) for row in rows]

    def of_answer(self, channel: str, thread: str, ts: str) -> Place | None:
        """Return the question that a message of a thread answers."""
        rows = self._read(
            f"SELECT {_COLUMNS}, answers FROM questions WHERE channel = ? AND thread = ?",
            (channel, thread),
        )
        return next((_place(row) for row in rows if ts in json.loads(str(row[8]))), None)

    def knows_thread(self, channel: str, thread: str) -> bool:
        """Return whether a question was asked in the thread before."""
        rows = self._read(
            "SELECT 1 FROM questions WHERE channel = ? AND thread = ? LIMIT 1", (channel, thread)
        )
        return bool(rows)

    def waiting(self, max_age_seconds: float) -> list[Place]:
        """Return the questions that still wait, oldest first; those too old are given up."""
        since = self._clock() - max_age_seconds
        self._write(
            "UPDATE questions SET progress = 'withdrawn' WHERE progress = 'waiting' AND at < ?",
            (since,),
        )
        rows = self._read(
            f"SELECT {_COLUMNS} FROM questions WHERE progress = 'waiting' ORDER BY at", ()
        )
        return [_place(row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _write(self, statement: str, values: Sequence[str | float]) -> None:
        with self._transaction() as db:
            db.execute(statement, values)

    def _read(self, query: str, values: Sequence[str | float]) -> list[tuple[object, ...]]:
        with self._transaction() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(f"what the Slack bot remembers cannot be used: {error}") from error


def _values(place: Place) -> tuple[str | int, ...]:
    return (
        place.key,
        place.kind,
        place.channel,
        place.ts,
        place.thread,
        place.user,
        place.team,
        int(place.direct),
    )


def _place(row: Sequence[object]) -> Place:
    key, kind, channel, ts, thread, user, team = (str(value) for value in row[:7])
    return Place(key, _kind(kind), channel, ts, thread, user, team, bool(row[7]))


def _kind(name: str) -> Kind:
    match name:
        case "command" | "shortcut":
            return name
        case _:
            return "message"
