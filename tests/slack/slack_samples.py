"""An engine that answers from the question alone, and a bot over it, as tests start and stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from stand_ins.slack_server import APP_TOKEN, BOT_TOKEN, SECRET, Slack

from rag.engine import Status
from rag.serve.slack.app import SlackApp, Socket
from rag.serve.slack.hosting import running_app
from rag.settings import Settings
from rag.types import (
    Answer,
    AnswerReady,
    Citation,
    Document,
    Event,
    Hit,
    Message,
    Passage,
    Sentence,
    SourcesFound,
    TokenWritten,
)

ARTICLE = "Menteri itu bertemu duta besar di Jakarta. Ia pulang pada Senin."
QUOTE = "Menteri itu bertemu duta besar di Jakarta."


def document(text: str = ARTICLE, title: str = "Menteri bertemu duta besar") -> Document:
    return Document(
        id="berita/satu dua",
        title=title,
        text=text,
        language="id",
        source="kantor.example",
        origin="",
        content_hash="1" * 64,
        published=date(2024, 1, 19),
    )


def cited(
    quote: str = QUOTE, number: int = 1, title: str = "Menteri bertemu duta besar"
) -> Citation:
    return Citation(
        number=number,
        document_id="berita/satu dua",
        title=title,
        source="kantor.example",
        url=None,
        published=date(2024, 1, 19),
        quote=quote,
        start=0,
        end=len(quote),
    )


def answer_to(question: str, quote: str = QUOTE) -> Answer:
    """An answer that names its question, so that a test sees which one was answered."""
    first = Sentence(f"Jawaban untuk “{question}”: {quote}", (1,), "quoted")
    second = Sentence("Itu terjadi di Jakarta.", (1,), "partial")
    return Answer(
        answer=f"{first.text} [1] {second.text} [1]",
        language="id",
        abstained=False,
        answerer="reader",
        sentences=(first, second),
        citations=(cited(quote),),
        standalone_question=question,
    )


@dataclass
class EngineStandIn:
    """Answers at once, or when `gate` opens; keeps what it was asked."""

    questions: list[str] = field(default_factory=list)
    histories: list[tuple[Message, ...]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    seconds_between_tokens: float = 0.0
    error: BaseException | None = None
    quote: str = QUOTE

    def __post_init__(self) -> None:
        self.gate.set()

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Event]:
        self.questions.append(question)
        self.histories.append(tuple(history))
        yield SourcesFound(())
        while not self.gate.wait(0.02):
            yield SourcesFound(())
        if self.error is not None:
            raise self.error
        answer = answer_to(question, self.quote)
        for word in answer.answer.split(" "):
            yield TokenWritten(f"{word} ")
            if self.seconds_between_tokens:
                time.sleep(self.seconds_between_tokens)
        yield AnswerReady(answer)

    def ask(self, question: str, *, language: str = "auto") -> Answer:
        return answer_to(question, self.quote)

    def document(self, document_id: str) -> Document:
        return document()

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        held = document()
        passage = Passage(held.id, held.content_hash, 0, ARTICLE, 0, len(ARTICLE), "id")
        return [Hit(passage, held, 0.9)][:limit]

    def documents(self) -> list[Document]:
        return [document()]

    def status(self) -> Status:
        return Status(1, 1, "encoder", "reader", "because", "Siapa yang bertemu duta besar?")


def settings_for(slack: Slack, index: Path, **more: Any) -> Settings:
    """Settings as a person would set them, with limits out of the way unless a test sets them."""
    values: dict[str, Any] = {
        "index_dir": index,
        "slack_api_url": slack.api_url,
        "slack_bot_token": BOT_TOKEN,
        "slack_app_token": APP_TOKEN,
        "slack_signing_secret": SECRET,
        "public_url": "https://berita.example",
        "slack_user_questions_per_minute": 0,
        "slack_channel_questions_per_minute": 0,
    }
    return Settings(_env_file=None, **(values | more))  # type: ignore[call-arg]


class RunningBot:
    """A bot over Socket Mode; it can be stopped and started again over the same state."""

    def __init__(self, slack: Slack, engine: EngineStandIn, settings: Settings) -> None:
        self.slack, self.engine, self.settings = slack, engine, settings
        self._stack = ExitStack()
        self.app: SlackApp | None = None

    def start(self, *, socket: bool = True) -> None:
        self.app = self._stack.enter_context(
            running_app(self.settings, lambda: self.engine, "a test")
        )
        if socket:
            before = self.slack.connections
            connection = Socket(self.app, APP_TOKEN, ping_seconds=0.5)
            self._stack.callback(connection.close)
            connection.connect()
            self.slack.wait_for(lambda: self.slack.connections > before)

    def stop(self) -> None:
        self._stack.close()
        self._stack = ExitStack()

    def restart(self) -> None:
        self.stop()
        self.start()
