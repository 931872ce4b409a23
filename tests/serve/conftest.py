from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import httpx
import pytest
import uvicorn

from rag.engine import Status
from rag.errors import InvalidQuestionError
from rag.serve.app import create_app
from rag.serve.loading import EngineLoader
from rag.serve.service import Service
from rag.settings import Settings
from rag.types import Answer, AnswerReady, Event, Message, ShownPassage, SourcesFound, TokenWritten

Script = Callable[[str], Iterator[Event]]


def plain_answer(question: str) -> Iterator[Event]:
    """The events of an answer that echoes the question."""
    yield SourcesFound((ShownPassage("a", "a@1#0", "Kata.", 0, 5, 1.0),))
    yield TokenWritten("Kata")
    yield AnswerReady(Answer(question, "id", abstained=False, answerer="reader"))


class ScriptedEngine:
    """An engine that goes wrong, or slow, exactly where a test wants it to."""

    def __init__(self, script: Script = plain_answer) -> None:
        self.script = script
        self.histories: list[Sequence[Message]] = []

    def stream(
        self, question: str, history: Sequence[Message] = (), **_: object
    ) -> Iterator[Event]:
        self.histories.append(history)
        if not question:
            raise InvalidQuestionError("the question is empty; write what you want to know")
        yield from self.script(question)

    def status(self) -> Status:
        return Status(2, 7, "encoder", "reader", "because")

    def close(self) -> None:
        pass


ServeEngine = Callable[..., httpx.Client]


@pytest.fixture
def serve_engine() -> Iterator[ServeEngine]:
    """Serve engines on real sockets; gives a client for each."""
    started: list[tuple[uvicorn.Server, threading.Thread, httpx.Client]] = []

    def serve(
        engine: ScriptedEngine | Callable[[], ScriptedEngine],
        *,
        local_only: bool = True,
        **settings: object,
    ) -> httpx.Client:
        load = engine if callable(engine) else lambda: engine
        loader = EngineLoader(load)
        service = Service(Settings.model_construct(**settings), loader)
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(service, local_only=local_only),
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        loader.start(on_failure=lambda: None)
        port = listener.getsockname()[1]
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)
        started.append((server, thread, client))
        return client

    yield serve
    for server, thread, client in started:
        client.close()
        server.should_exit = True
        thread.join()
