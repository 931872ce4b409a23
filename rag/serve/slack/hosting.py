"""Where the bot runs: by itself as `rag slack`, or inside `rag serve`; and what the doctor sees."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import IndexLockedError, RagError, SettingsError
from rag.serve.errors import error_body
from rag.serve.slack.port import Asked, SlackError
from rag.serve.slack.state import FILE as STATE_FILE
from rag.serve.slack.state import State
from rag.serve.threads import in_thread
from rag.settings import Settings
from rag.store.lock import IndexLock

if TYPE_CHECKING:
    from rag.serve.loading import EngineLoader
    from rag.serve.slack.app import SlackApp

EVENTS_PATH = "/slack/events"
LOCK_FILE = "slack.lock"
RETRY_SECONDS = 15.0
CLOSE_SECONDS = 10.0
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
    "mpim:history",
)
"""What the manifest in docs/slack.md asks for."""

Say = Callable[[str], None]

logger = logging.getLogger(__name__)


@contextmanager
def running_app(
    settings: Settings, engine: Callable[[], Asked], command: str
) -> Iterator[SlackApp]:
    """Yield a working bot: its token is known to Slack, and what waited before is under way.

    Raises SettingsError, SlackError, and StoreError if another process runs the bot already.
    """
    from rag.serve.slack.app import SlackApp, SlackWeb
    from rag.serve.slack.bot import Bot

    if settings.slack_bot_token is None:
        raise SettingsError("the Slack bot needs RAG_SLACK_BOT_TOKEN; docs/slack.md says how")
    lock = _lock(settings, command)
    try:
        web = SlackWeb(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        identity = web.identity()
        state = State(settings.index_dir / STATE_FILE)
        bot = Bot(settings, web, engine, state, identity.bot_user)
        try:
            secret = settings.slack_signing_secret
            app = SlackApp(web, bot, identity, secret.get_secret_value() if secret else "")
            logger.info("%d questions taken up again", bot.resume())
            yield app
        finally:
            bot.close()
    finally:
        lock.free()


def run_slack(settings: Settings, engine: Asked, say: Say, stop: threading.Event) -> None:
    """Run the bot over Socket Mode until `stop` is set. Raises as `running_app` does."""
    from rag.serve.slack.app import Socket

    if settings.slack_app_token is None:
        raise SettingsError(
            "`rag slack` needs RAG_SLACK_APP_TOKEN (Socket Mode); docs/slack.md says how. "
            "HTTP events are served by `rag serve`"
        )
    with running_app(settings, lambda: engine, "rag slack") as app:
        socket = Socket(app, settings.slack_app_token.get_secret_value())
        try:
            socket.connect()
            say("The Slack bot is connected; mention it, write to it, or use /ask. Ctrl-C ends")
            stop.wait()
        finally:
            socket.close()


class SlackInServer:
    """The bot inside `rag serve`; it starts when the engine is loaded."""

    def __init__(self, settings: Settings, loader: EngineLoader, say: Say) -> None:
        self._settings = settings
        self._loader = loader
        self._say = say
        self._app: SlackApp | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slack", daemon=True)

    def start(self) -> None:
        """Begin, in a thread: the server need not wait for Slack."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what waits is taken up at the next start."""
        self._stop.set()
        # While the engine still loads there is nothing to wait for.
        self._thread.join(CLOSE_SECONDS if self._loader.engine is not None else 0)

    def is_running(self) -> bool:
        """Return whether events are taken."""
        return self._app is not None

    async def events(self, request: Request) -> Response:
        """Take an HTTP event; until the bot runs, Slack is told to come again."""
        app = self._app
        if app is None:
            message = "The Slack bot is still starting; send the event again."
            return JSONResponse(error_body("loading", message), 503)
        body, headers = await request.body(), dict(request.headers)
        status, content_type, text = await in_thread(lambda: app.handle_http(body, headers))
        return Response(text, status, media_type=content_type)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                engine = self._loader.result()
            except Exception:  # noqa: BLE001 - the server reports it and ends
                return
            try:
                self._serve(engine)
            except SlackError as error:
                if error.reason != "unreachable":
                    self._say(f"No Slack bot: {error}")
                    return
                logger.warning("no Slack bot yet: %s", error)
                self._stop.wait(RETRY_SECONDS)
            except RagError as error:
                self._say(f"No Slack bot: {error}")
                return

    def _serve(self, engine: Asked) -> None:
        from rag.serve.slack.app import Socket

        token = self._settings.slack_app_token
        with running_app(self._settings, lambda: engine, "rag serve") as app:
            socket = Socket(app, token.get_secret_value()) if token else None
            try:
                if self._settings.slack_signing_secret is not None:
                    self._app = app
                if socket is not None:
                    socket.connect()
                self._say("The Slack bot is connected")
                self._stop.wait()
            finally:
                self._app = None
                if socket is not None:
                    socket.close()


def host_slack(
    app: FastAPI, settings: Settings, loader: EngineLoader, say: Say
) -> SlackInServer | None:
    """Add the bot to a server if there are tokens for it; the caller starts and closes it."""
    if settings.slack_bot_token is None:
        return None
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        say("No Slack bot: set RAG_SLACK_APP_TOKEN or RAG_SLACK_SIGNING_SECRET too")
        return None
    slack = SlackInServer(settings, loader, say)
    if settings.slack_signing_secret is not None:
        app.add_route(EVENTS_PATH, slack.events, methods=["POST"], include_in_schema=False)
    return slack


def slack_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the bot's tokens and scopes, in words; nothing without a token."""
    if settings.slack_bot_token is None:
        return []
    from rag.serve.slack.app import SlackWeb

    token = settings.slack_bot_token.get_secret_value()
    problems: list[str] = []
    try:
        identity = SlackWeb(token, settings.slack_api_url).identity()
    except SlackError as error:
        problems.append(f"RAG_SLACK_BOT_TOKEN: {error}")
    else:
        missing = [scope for scope in SCOPES if scope not in identity.scopes]
        if missing:
            problems.append(
                f"the Slack app lacks the scopes {', '.join(missing)}; add them under OAuth & "
                "Permissions and install it again"
            )
    return problems + _connection_problems(settings)


def _connection_problems(settings: Settings) -> list[str]:
    from rag.serve.slack.app import SlackWeb

    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        return ["Slack has no way in: set RAG_SLACK_APP_TOKEN or RAG_SLACK_SIGNING_SECRET"]
    if settings.slack_app_token is None:
        return []
    token = settings.slack_app_token.get_secret_value()
    try:
        SlackWeb(token, settings.slack_api_url).call("apps.connections.open", {})
    except SlackError as error:
        return [f"RAG_SLACK_APP_TOKEN: {error}; it begins with xapp- and needs connections:write"]
    return []


def _lock(settings: Settings, command: str) -> IndexLock:
    """Let one process run the bot over an index: two would answer everything in half."""
    path = settings.index_dir / LOCK_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return IndexLock.take(path, command)
    except IndexLockedError as error:
        raise SettingsError(
            f"another process runs the Slack bot over {settings.index_dir} already (`rag serve` "
            "does when RAG_SLACK_BOT_TOKEN is set); stop it first"
        ) from error
