"""Slack's own libraries, and the only place that knows them: calls, events, and the socket."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from socket import SHUT_RDWR
from urllib.error import URLError

from slack_bolt import Ack, App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.error import BoltError
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.signature import SignatureVerifier

from rag.serve.slack.bot import Bot
from rag.serve.slack.events import (
    ASK_ABOUT_THIS,
    ASK_COMMAND,
    Deleted,
    Edited,
    PaneOpened,
    Said,
    read_command,
    read_event,
    read_press,
    read_shortcut,
)
from rag.serve.slack.port import Json, SlackError

logger = logging.getLogger(__name__)

MOST_TRIES = 6
MOST_WAIT_SECONDS = 120
"""Slack asks for a minute at the most; a longer wait would hold up every other answer."""
TIMEOUT_SECONDS = 15
SOCKET_PING_SECONDS = 2.0
"""A connection that broke without a word is noticed after four of these."""
SOCKET_BUFFER_BYTES = 65_536

_REPEATABLE = ("conversations.", "chat.update", "chat.delete", "auth.", "apps.")
"""Calls that do no harm when they are made twice."""
_ANY_BUTTON = re.compile("")


def _silent_logger() -> logging.Logger:
    """Return a logger that says nothing: Slack's libraries log what people wrote."""
    silent = logging.getLogger("rag.serve.slack.vendor")
    silent.setLevel(logging.CRITICAL + 1)
    return silent


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token belongs to, and what it may do."""

    bot_user: str
    team: str
    scopes: frozenset[str]


class SlackWeb:
    """Slack's Web API with one token; what Slack asks to wait for is waited for by all calls."""

    def __init__(self, token: str, api_url: str) -> None:
        self.client = WebClient(
            token=token,
            base_url=api_url,
            timeout=TIMEOUT_SECONDS,
            logger=_silent_logger(),
            retry_handlers=[],
        )
        self._resume_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def call(self, method: str, arguments: Json) -> Json:
        """Return the reply, waiting as long as Slack asks to. Raises SlackError."""
        for number in range(1, MOST_TRIES + 1):
            time.sleep(self._pause(method))
            try:
                return self._once(method, arguments)
            except SlackError as error:
                waits = error.reason == "ratelimited"
                repeat = waits or (error.reason == "unreachable" and method.startswith(_REPEATABLE))
                if not repeat or number == (MOST_TRIES if waits else MOST_TRIES // 2):
                    raise
                if not waits:
                    time.sleep(0.2 * 2**number)
        raise AssertionError("the last try returns or raises")

    def attempt(self, method: str, arguments: Json) -> Json | None:
        """Return the reply, or None if Slack refuses or asks to wait: for what may be left out."""
        if self._pause(method) > 0:
            return None
        try:
            return self._once(method, arguments)
        except SlackError as error:
            logger.info("%s was left out: %s", method, error.reason)
            return None

    def respond(self, url: str, message: Json) -> None:
        """Answer through a command's own address. Raises SlackError."""
        webhook = WebhookClient(url, timeout=TIMEOUT_SECONDS, logger=_silent_logger())
        try:
            response = webhook.send_dict(message)
        except (SlackClientError, URLError, HTTPException, OSError) as error:
            raise _unreachable("response_url") from error
        if response.status_code != 200:
            raise SlackError("Slack did not take a command's answer", "response_refused")

    def identity(self) -> Identity:
        """Return whose token it is. Raises SlackError."""
        reply = self.call("auth.test", {})
        scopes = str(reply.get("x-oauth-scopes", ""))
        return Identity(
            bot_user=str(reply.get("user_id", "")),
            team=str(reply.get("team_id", "")),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    def _pause(self, method: str) -> float:
        with self._lock:
            return max(0.0, self._resume_at.get(method, 0.0) - time.monotonic())

    def _once(self, method: str, arguments: Json) -> Json:
        try:
            response = self.client.api_call(method, json=arguments)
        except SlackApiError as error:
            raise self._translate(method, error) from error
        except (SlackClientError, URLError, HTTPException, OSError, ValueError) as error:
            raise _unreachable(method) from error
        body = response.data
        reply: Json = dict(body) if isinstance(body, Mapping) else {}
        if method == "auth.test":
            reply["x-oauth-scopes"] = _header(response.headers, "x-oauth-scopes")
        return reply

    def _translate(self, method: str, error: SlackApiError) -> SlackError:
        response = error.response
        status = int(getattr(response, "status_code", 200) or 200)
        reason = str(response.get("error", "")) if response is not None else ""
        if status == 429 or reason == "ratelimited":
            asked = _header(response.headers, "retry-after")
            seconds = min(int(asked) if asked.isdigit() else 1, MOST_WAIT_SECONDS)
            with self._lock:
                self._resume_at[method] = time.monotonic() + seconds
            logger.info("%s has to wait %d s", method, seconds)
            return SlackError(f"Slack asks to wait {seconds} s with {method}", "ratelimited")
        if status >= 500:
            return _unreachable(method)
        return SlackError(f"Slack refused {method}: {reason}; see docs/slack.md", reason)


class SlackApp:
    """Bolt between Slack and the bot. Listeners run before the acknowledgement, and only write
    down what happened; so what was acknowledged is never lost.
    """

    def __init__(self, web: SlackWeb, bot: Bot, identity: Identity, signing_secret: str) -> None:
        self._bot = bot
        self._identity = identity
        self._signing_secret = signing_secret
        try:
            self._app = App(
                client=web.client,
                signing_secret=signing_secret,
                process_before_response=True,
                logger=_silent_logger(),
                name="rag",
            )
        except (BoltError, SlackClientError, URLError, HTTPException, OSError) as error:
            raise _unreachable("auth.test") from error
        for kind in (
            "message",
            "app_mention",
            "assistant_thread_started",
            "assistant_thread_context_changed",
            "app_home_opened",
        ):
            self._app.event(kind)(self._on_event)
        self._app.command(ASK_COMMAND)(self._on_command)
        self._app.message_shortcut(ASK_ABOUT_THIS)(self._on_shortcut)
        self._app.action(_ANY_BUTTON)(self._on_press)

    @property
    def bolt(self) -> App:
        """Bolt's own app, for the socket."""
        return self._app

    def handle_http(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, str]:
        """Return status, content type and body for a request to /slack/events.

        A request is refused with 401 if its signature is wrong or older than five minutes.
        """
        # Bolt checks again, but reads the body first: what strangers send is not even read.
        if not _is_signed(body, headers, self._signing_secret):
            return 401, "application/json", json.dumps({"error": "invalid request"})
        try:
            request = BoltRequest(body=body.decode(), headers=dict(headers))
        except (ValueError, AttributeError, TypeError):  # no JSON, or no object
            return 400, "application/json", json.dumps({"error": "not an event"})
        response = self._app.dispatch(request)
        content_type = response.headers.get("content-type", ["text/plain"])[0]
        return response.status, content_type, response.body or ""

    def _on_event(self, body: Json) -> None:
        match read_event(body, self._identity.bot_user):
            case Said() as said:
                self._bot.on_message(said)
            case Edited() as edited:
                self._bot.on_edit(edited)
            case Deleted() as deleted:
                self._bot.on_delete(deleted)
            case PaneOpened() as opened:
                self._bot.on_pane(opened)
            case None:
                pass

    def _on_command(self, ack: Ack, body: Json) -> None:
        told = self._bot.on_command(read_command(body))
        if told:
            ack(text=told, response_type="ephemeral")
        else:
            ack()

    def _on_shortcut(self, ack: Ack, body: Json) -> None:
        self._bot.on_shortcut(read_shortcut(body))
        ack()

    def _on_press(self, ack: Ack, body: Json) -> None:
        pressed = read_press(body)
        if pressed is not None:
            self._bot.on_press(pressed)
        ack()


class Socket:
    """A Socket Mode connection, which opens itself anew whenever it breaks."""

    def __init__(
        self, app: SlackApp, app_token: str, ping_seconds: float = SOCKET_PING_SECONDS
    ) -> None:
        self._handler = SocketModeHandler(
            app.bolt,
            app_token,
            logger=_silent_logger(),
            ping_interval=ping_seconds,
            receive_buffer_size=SOCKET_BUFFER_BYTES,
            concurrency=10,
        )
        self._handler.client.on_error_listeners.append(_log_socket_error)

    def connect(self) -> None:
        """Open the connection. Raises SlackError if the token is refused or Slack unreachable."""
        try:
            self._handler.client.connect()
        except SlackApiError as error:
            reason = str(error.response.get("error", ""))
            raise SlackError(
                f"Slack refused the app token: {reason}; RAG_SLACK_APP_TOKEN must begin with "
                "xapp- and have connections:write",
                reason,
            ) from error
        except (SlackClientError, URLError, HTTPException, OSError) as error:
            raise _unreachable("apps.connections.open") from error

    def is_connected(self) -> bool:
        """Return whether the connection stands."""
        return self._handler.client.is_connected()

    def close(self) -> None:
        """Close the connection for good, waking its threads first: each naps for seconds."""
        client = self._handler.client
        client.auto_reconnect_enabled = False
        session = client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):
                session.sock.shutdown(SHUT_RDWR)
        client.closed = True
        client.message_queue.put(None)
        client.close()


def _is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Return whether Slack signed a request with our secret within the last five minutes."""
    if not secret:
        return False
    try:
        return SignatureVerifier(secret).is_valid_request(body, dict(headers))
    except (ValueError, TypeError):  # a time or signature that is none, or a body that is no text
        return False


def _log_socket_error(error: Exception) -> None:
    logger.warning("the connection to Slack broke: %s; it is opened again", type(error).__name__)


def _unreachable(method: str) -> SlackError:
    return SlackError(f"Slack did not answer {method}; is the network there?")


def _header(headers: Mapping[str, object], name: str) -> str:
    """Return a header however its name is spelt; urllib gives lists, others strings."""
    for key, value in headers.items():
        if key.lower() == name:
            return str(value[0]) if isinstance(value, list) and value else str(value)
    return ""
