"""What the bot needs of Slack and of the engine: two small protocols and one error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rag.engine import Status
from rag.errors import RagError
from rag.types import Document, Event, Hit, Message

Json = dict[str, object]


class SlackError(RagError):
    """Slack refused a call or did not answer; `reason` is Slack's own word for it."""

    code = "slack_unavailable"
    http_status = 503

    def __init__(self, message: str, reason: str = "unreachable") -> None:
        super().__init__(message)
        self.reason = reason


class Slack(Protocol):
    """Slack's Web API."""

    def call(self, method: str, arguments: Json) -> Json:
        """Return the reply, waiting as long as Slack asks to. Raises SlackError."""

    def attempt(self, method: str, arguments: Json) -> Json | None:
        """Return the reply, or None if Slack refuses or asks to wait: for what may be left out."""

    def respond(self, url: str, message: Json) -> None:
        """Answer through a command's own address. Raises SlackError."""


class Asked(Protocol):
    """The part of an engine, here or behind HTTP, that the bot works with."""

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Event]:
        """Yield the events of an answer."""

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Return at most `limit` hits, best first."""

    def documents(self) -> list[Document]:
        """Return all documents, without their texts."""

    def status(self) -> Status:
        """Return what the engine works with."""
