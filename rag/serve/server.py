"""`rag serve`: listen at once, load behind it, and end cleanly when told to.

The socket listens before anything heavy is imported, so a client that comes early is queued by
the kernel and then waits for the models, instead of being refused.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rag.errors import RagError
from rag.settings import Settings

if TYPE_CHECKING:
    from types import FrameType

    from rag.engine import Engine, Status
    from rag.serve.loading import EngineLoader
    from rag.serve.suggestions import Suggestions

SHUTDOWN_SECONDS = 1
"""Answers under way get this long to end before they are cut off."""

BACKLOG = 2048

Say = Callable[[str], None]

logger = logging.getLogger(__name__)


class AddressError(RagError):
    """The server cannot listen where it was told to."""

    code = "address_unavailable"


def serve(settings: Settings, *, seed: Path | None, say: Say) -> None:
    """Serve until SIGINT or SIGTERM; an empty index is first filled from the folder `seed`.

    `say` gets lines for people. Raises AddressError, and what loading the engine raises.
    """
    listener = listen(settings.host, settings.port)
    address = base_url(settings.host, listener.getsockname()[1])
    say(f"Serving on {address} (models are loading)")
    _run(settings, listener, address, seed, say)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 is any free one. Raises AddressError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A server that has just ended leaves its port in TIME_WAIT; that must not stop the next one.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressError(
            f"cannot listen on {host} port {port}: {error.strerror}; end what uses it, or choose "
            "another with --port or RAG_PORT"
        ) from error
    return listener


def base_url(host: str, port: int) -> str:
    """Return where this machine reaches a server that is bound to `host`."""
    match host:
        case "0.0.0.0":
            name = "127.0.0.1"
        case "::":
            name = "[::1]"
        case _:
            name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def _run(
    settings: Settings, listener: socket.socket, address: str, seed: Path | None, say: Say
) -> None:
    import uvicorn

    from rag.serve.app import create_app
    from rag.serve.guard import is_local_name
    from rag.serve.loading import EngineLoader
    from rag.serve.service import Service
    from rag.serve.slack.hosting import host_slack
    from rag.serve.suggestions import Suggestions

    started = time.monotonic()

    suggestions = Suggestions()

    def load() -> Engine:
        engine = _load_engine(settings, address, seed, say)
        status = engine.status()
        for line in _ready_lines(status, address, time.monotonic() - started):
            say(line)
        threading.Thread(
            target=_say_first_question, args=(suggestions, engine, say), daemon=True
        ).start()
        return engine

    loader = EngineLoader(load)
    app = create_app(
        Service(settings, loader, suggestions=suggestions), local_only=is_local_name(settings.host)
    )
    slack = host_slack(app, settings, loader, say)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # it would hold the words that were searched for
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        stop()

    # uvicorn raises the signal again when it has shut down; without these handlers that would
    # kill the process before the index is closed.
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    loader.start(on_failure=stop)
    if slack is not None:
        slack.start()
    server.run(sockets=[listener])
    if slack is not None:
        slack.close()
    _close(loader)
    if loader.error is not None:
        raise loader.error


def _load_engine(settings: Settings, address: str, seed: Path | None, say: Say) -> Engine:
    """Return an engine with its models loaded, and with documents if `seed` has any."""
    from rag.build import build_engine
    from rag.ingest.sources import read_sources

    engine = build_engine(settings, command="rag serve")
    try:
        engine.announce(address)
        if seed is not None and engine.status().documents == 0:
            say(f"The index is empty: adding the articles of {seed}")
            report = engine.ingest(read_sources([seed]))
            for failure in report.failed:
                say(f"Not added: {failure.name}: {failure.reason}")
        engine.warm_up()
    except BaseException:
        engine.close()
        raise
    return engine


def _ready_lines(status: Status, address: str, seconds: float) -> list[str]:
    lines = [
        f"Ready after {seconds:.1f} s: {status.documents} documents, {status.passages} passages; "
        f"answers by {status.answerer} ({status.answerer_reason})"
    ]
    if status.documents == 0:
        lines.append("The index is empty; add articles with: rag ingest PATH")
    lines.append(f"The page to ask on: {address}/ (all requests with examples: {address}/docs)")
    return lines


def _say_first_question(suggestions: Suggestions, engine: Engine, say: Say) -> None:
    """Name a question that the articles answer; it is looked for while others are answered."""
    question = suggestions.first(engine)
    if question is not None:
        say(f'A first question to try: rag ask "{question}"')


def _close(loader: EngineLoader) -> None:
    """Close the index, but do not wait for work that will not end; a kill harms nothing either."""
    engine = loader.engine
    if engine is None:
        return
    closing = threading.Thread(target=_close_quietly, args=(engine,), daemon=True)
    closing.start()
    closing.join(SHUTDOWN_SECONDS)
    if closing.is_alive():
        logger.warning("the index was still being written; the next start tidies it")


def _close_quietly(engine: Engine) -> None:
    with suppress(RagError):
        engine.close()


def end_process() -> NoReturn:
    """End a process that has served, without waiting for threads that may never end.

    A thread that still imports a model or waits for a language model would otherwise keep the
    process alive, or crash it while Python takes itself apart.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)
