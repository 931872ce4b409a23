"""The seam between the program and whatever language model writes its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

ChatRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: ChatRole
    content: str


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """How long a reply may be, in tokens, and how long it may take, in seconds.

    `first_token_seconds` covers loading the model and reading the prompt; `between_tokens_seconds`
    tells a stalled reply; `total_seconds` ends one that never stops.
    """

    tokens: int = 700
    first_token_seconds: float = 120.0
    between_tokens_seconds: float = 30.0
    total_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a model can be asked now; `reason` says why not, and what helps, or what is used."""

    ok: bool
    reason: str


class LanguageModel(Protocol):
    """Writes a reply to a prompt; may be called from several threads."""

    @property
    def name(self) -> str:
        """Who writes, as people see it: "ollama:<model>", "openai:<model>"."""
        ...

    def stream(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits | None = None
    ) -> Iterator[str]:
        """Yield the reply in pieces as it is written, none of them empty, at least one.

        A reply that is cut at its length limit ends with an ellipsis. `limits` default to those
        that the model was made with. Closing the iterator ends the reply on the server too.
        Raises a LanguageModelError, before the first piece or after some.
        """
        ...

    def available(self) -> Availability:
        """Ask the server whether it is there and has the model; takes a few seconds at most."""
        ...

    def close(self) -> None:
        """Let go of connections; replies under way break off."""
        ...
