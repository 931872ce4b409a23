"""A stand-in for Slack on loopback: its Web API, Socket Mode, event requests, and their faults.

What it sends and refuses follows Slack's documentation, so that the real libraries are what is
tested. It enforces Slack's limits (sections, blocks, text) with Slack's own error codes.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server as SocketServer
from websockets.sync.server import ServerConnection, serve

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-1-test", "xapp-1-test", "8f742231b10e8888abcd99yyyzzz85a5"
BOT_USER, BOT_ID, TEAM, APP_ID = "U0BOT", "B0BOT", "T0TEAM", "A0APP"
ALL_SCOPES = (
    "app_mentions:read,assistant:write,channels:history,chat:write,commands,groups:history,"
    "im:history,mpim:history"
)
STREAMING = ("chat.startStream", "chat.appendStream", "chat.stopStream")
_APP_METHODS = ("apps.connections.open",)

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of the Web API as it arrived, and what it was answered with."""

    method: str
    arguments: Json
    reply: Json
    status: int
    at: float


@dataclass(frozen=True)
class Fault:
    """An answer instead of the method's own: an error code, a status, a Retry-After, no reply.

    `after_effect` lets the call have its effect before its reply is lost.
    """

    error: str = ""
    status: int = 200
    retry_after: int | None = None
    break_connection: bool = False
    after_effect: bool = False


@dataclass
class Slack:
    """A workspace; `messages[channel]` are what people see there, by ts, deleted ones removed."""

    scopes: str = ALL_SCOPES
    missing_methods: set[str] = field(default_factory=set)
    members_only: set[str] = field(default_factory=set)
    events_url: str = ""
    delay_seconds: float = 0.0
    calls: list[Call] = field(default_factory=list)
    messages: dict[str, dict[str, Json]] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=list)
    titles: list[Json] = field(default_factory=list)
    prompts: list[Json] = field(default_factory=list)
    responses: list[Json] = field(default_factory=list)
    acks: dict[str, tuple[float, Json]] = field(default_factory=dict)
    connections: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._faults: dict[str, deque[Fault]] = {}
        self._clock = itertools.count(1)
        self._ids = itertools.count(1)
        self._streams: set[str] = set()
        self._sockets: list[ServerConnection] = []
        self._http: _Server | None = None
        self._socket_server: SocketServer | None = None

    # Life

    def __enter__(self) -> Slack:
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.slack = self
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        self._socket_server = serve(self._serve_socket, "127.0.0.1", 0, compression=None)
        threading.Thread(target=self._socket_server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._http is not None
        assert self._socket_server is not None
        self._socket_server.shutdown()
        for socket in list(self._sockets):
            socket.close_socket()
        self._http.shutdown()
        self._http.server_close()

    @property
    def api_url(self) -> str:
        assert self._http is not None
        return f"http://127.0.0.1:{self._http.server_address[1]}/api/"

    @property
    def response_url(self) -> str:
        return self.api_url.replace("/api/", "/commands/1")

    # What a test scripts and asks

    def fault(self, method: str, *faults: Fault) -> None:
        """Say what the next calls of a method run into, one after the other."""
        with self._lock:
            self._faults.setdefault(method, deque()).extend(faults)

    def without_streaming(self) -> None:
        self.missing_methods.update(STREAMING)

    def calls_of(self, method: str) -> list[Call]:
        with self._lock:
            return [call for call in self.calls if call.method == method]

    def wait_for(self, ready: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Return what `ready` returns as soon as it is true. Raises AssertionError."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = ready()
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = [(call.method, call.reply.get("error")) for call in self.calls[-12:]]
                    raise AssertionError(f"it did not happen; the last calls: {seen}")
                self._changed.wait(min(left, 0.05))

    def in_thread(self, channel: str, thread: str) -> list[Json]:
        """Return the bot's messages in a thread, oldest first."""
        with self._lock:
            return [
                message
                for _, message in sorted(self.messages.get(channel, {}).items())
                if message.get("thread_ts") == thread and message["user"] == BOT_USER
            ]

    def answers(self, channel: str, thread: str) -> list[Json]:
        """Return the bot's finished answers in a thread."""
        return [
            message
            for message in self.in_thread(channel, thread)
            if message.get("metadata", {}).get("event_payload", {}).get("finished")
        ]

    # What people do

    def say(self, channel: str, text: str, user: str = "U1", thread: str = "", **more: Any) -> Json:
        """Post a person's message and return its `message` event."""
        with self._changed:
            ts = self._next_ts()
            message: Json = {"type": "message", "user": user, "text": text, "ts": ts, **more}
            if thread:
                message["thread_ts"] = thread
            self.messages.setdefault(channel, {})[ts] = message
        kind = "im" if channel.startswith("D") else "channel"
        return {
            **message,
            "channel": channel,
            "channel_type": kind,
            "event_ts": ts,
            "team": TEAM,
        }

    def mention(self, channel: str, text: str, user: str = "U1", thread: str = "") -> Json:
        """Post a message that mentions the bot and return its `app_mention` event."""
        said = self.say(channel, f"<@{BOT_USER}> {text}", user, thread)
        said.pop("channel_type")
        return said | {"type": "app_mention"}

    def edit(self, channel: str, ts: str, text: str) -> Json:
        with self._changed:
            before = self.messages[channel][ts]
            after = before | {"text": text, "edited": {"user": before["user"], "ts": ts}}
            self.messages[channel][ts] = after
            return {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "channel": channel,
                "channel_type": "channel",
                "ts": self._next_ts(),
                "message": after,
                "previous_message": before,
            }

    def delete(self, channel: str, ts: str) -> Json:
        with self._changed:
            before = self.messages[channel].pop(ts)
            return {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "channel": channel,
                "channel_type": "channel",
                "ts": self._next_ts(),
                "deleted_ts": ts,
                "previous_message": before,
            }

    def envelope(self, event: Json, event_id: str = "") -> Json:
        """Return the Events API body around an event."""
        return {
            "token": "gone",
            "team_id": TEAM,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(self._ids):08d}",
            "event_time": int(time.time()),
            "authorizations": [
                {"team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "enterprise_id": None}
            ],
        }

    def command(self, channel: str, text: str, user: str = "U1") -> Json:
        return {
            "token": "gone",
            "team_id": TEAM,
            "team_domain": "team",
            "channel_id": channel,
            "channel_name": "name",
            "user_id": user,
            "user_name": "name",
            "command": "/ask",
            "text": text,
            "api_app_id": APP_ID,
            "response_url": self.response_url,
            "trigger_id": f"{next(self._ids)}.trigger",
        }

    def shortcut(self, channel: str, ts: str, user: str = "U1") -> Json:
        return {
            "type": "message_action",
            "callback_id": "ask_about_this",
            "token": "gone",
            "action_ts": "1.1",
            "trigger_id": f"{next(self._ids)}.trigger",
            "team": {"id": TEAM, "domain": "team"},
            "user": {"id": user, "name": "name"},
            "channel": {"id": channel, "name": "name"},
            "message_ts": ts,
            "message": self.messages[channel][ts],
            "response_url": self.response_url,
        }

    def press(self, channel: str, message: Json, action: str, user: str = "U1") -> Json:
        button = next(
            element
            for block in message["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element["action_id"] == action
        )
        return {
            "type": "block_actions",
            "token": "gone",
            "trigger_id": f"{next(self._ids)}.trigger",
            "team": {"id": TEAM, "domain": "team"},
            "user": {"id": user, "name": "name"},
            "channel": {"id": channel, "name": "name"},
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "thread_ts": message.get("thread_ts"),
            },
            "message": message,
            "actions": [button | {"action_ts": "1.1", "block_id": "b"}],
            "response_url": self.response_url,
        }

    # Delivery by socket

    def send(self, kind: str, payload: Json, *, retry: int = 0) -> str:
        """Send an envelope over the newest socket and return its id."""
        envelope = f"env{next(self._ids)}"
        frame: Json = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            frame |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        self.wait_for(lambda: self._sockets)
        self._sockets[-1].send(json.dumps(frame))
        return envelope

    def send_event(self, event: Json, event_id: str = "", retry: int = 0) -> str:
        return self.send("events_api", self.envelope(event, event_id), retry=retry)

    def acknowledged(self, envelope: str, seconds: float = 5.0) -> Json:
        """Wait for the acknowledgement of an envelope and return its payload."""
        found = self.wait_for(lambda: self.acks.get(envelope), seconds)
        return dict(found[1])

    def ask_to_reconnect(self) -> None:
        """Tell the client that this socket is about to end, as Slack does every few hours."""
        frame = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {}}
        self._sockets[-1].send(json.dumps(frame))

    def break_socket(self) -> None:
        """Let the newest socket break as a network does: without a word."""
        with self._lock:
            socket = self._sockets.pop()
        socket.close_socket()

    def _serve_socket(self, connection: ServerConnection) -> None:
        with self._changed:
            self.connections += 1
            self._sockets.append(connection)
        connection.send(
            json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A"}})
        )
        with self._changed:
            self._changed.notify_all()
        try:
            for frame in connection:
                body = json.loads(frame)
                with self._changed:
                    self.acks[body["envelope_id"]] = (time.monotonic(), body.get("payload") or {})
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                if connection in self._sockets:
                    self._sockets.remove(connection)

    # Delivery by HTTP

    def post(
        self,
        body: Json,
        *,
        form: bool = False,
        secret: str = SECRET,
        age_seconds: float = 0.0,
        retry: int = 0,
        signature: str = "",
    ) -> tuple[int, str]:
        """Send a signed request to the events URL; return status and body of the answer."""
        if form and "command" in body:
            raw = urllib.parse.urlencode(body)
        elif form:
            raw = urllib.parse.urlencode({"payload": json.dumps(body)})
        else:
            raw = json.dumps(body)
        return self.post_raw(
            raw, form=form, secret=secret, age_seconds=age_seconds, retry=retry, signature=signature
        )

    def post_raw(
        self,
        raw: str,
        *,
        form: bool = False,
        secret: str = SECRET,
        age_seconds: float = 0.0,
        retry: int = 0,
        signature: str = "",
    ) -> tuple[int, str]:
        """Send a body as it is; see `post`."""
        stamp = str(int(time.time() - age_seconds))
        basis = f"v0:{stamp}:{raw}".encode()
        signed = "v0=" + hmac.new(secret.encode(), basis, hashlib.sha256).hexdigest()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or signed,
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        request = urllib.request.Request(self.events_url, raw.encode(), headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    # The Web API

    def answer(self, method: str, token: str, arguments: Json) -> tuple[int, Json, dict[str, str]]:
        """Return status, body and headers of the answer to a call."""
        time.sleep(self.delay_seconds)
        with self._changed:
            fault = self._next_fault(method)
            headers: dict[str, str] = {}
            status, reply = 200, {}
            if fault is None or fault.after_effect:
                reply = self._reply(method, token, arguments)
            if fault is not None:
                status = 429 if fault.retry_after is not None else fault.status
                if fault.retry_after is not None:
                    headers["Retry-After"] = str(fault.retry_after)
                    reply = {"ok": False, "error": "ratelimited"}
                elif fault.error:
                    reply = {"ok": False, "error": fault.error}
                if fault.break_connection:
                    status = 0
            if method == "auth.test":
                headers["X-OAuth-Scopes"] = self.scopes
            self.calls.append(Call(method, arguments, reply, status, time.monotonic()))
            self._changed.notify_all()
            return status, reply, headers

    def _next_fault(self, method: str) -> Fault | None:
        faults = self._faults.get(method)
        return faults.popleft() if faults else None

    def _reply(self, method: str, token: str, arguments: Json) -> Json:
        wanted = APP_TOKEN if method in _APP_METHODS else BOT_TOKEN
        if not token:
            return _error("not_authed")
        if token != wanted:
            known = token in (APP_TOKEN, BOT_TOKEN)
            return _error("not_allowed_token_type" if known else "invalid_auth")
        handler = _METHODS.get(method)
        if handler is None or method in self.missing_methods:
            return _error("unknown_method")
        return handler(self, arguments)

    def _next_ts(self) -> str:
        return f"{1_700_000_000 + next(self._clock)}.{next(self._ids):06d}"

    def _auth_test(self, _: Json) -> Json:
        return {
            "ok": True,
            "url": "https://team.slack.com/",
            "team": "team",
            "user": "rag",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _connections_open(self, _: Json) -> Json:
        assert self._socket_server is not None
        port = self._socket_server.socket.getsockname()[1]
        return {"ok": True, "url": f"ws://127.0.0.1:{port}/link/?ticket={next(self._ids)}"}

    def _post_message(self, arguments: Json) -> Json:
        channel = str(arguments.get("channel", ""))
        problem = self._problem_with(channel, arguments)
        if problem:
            return _error(problem)
        message = self._bot_message(arguments)
        self.messages.setdefault(channel, {})[message["ts"]] = message
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": message}

    def _post_ephemeral(self, arguments: Json) -> Json:
        problem = self._problem_with(str(arguments.get("channel", "")), arguments)
        if problem:
            return _error(problem)
        if not arguments.get("user"):
            return _error("user_not_in_channel")
        self.ephemeral.append(arguments)
        return {"ok": True, "message_ts": self._next_ts()}

    def _update(self, arguments: Json) -> Json:
        channel, ts = str(arguments.get("channel")), str(arguments.get("ts"))
        message = self.messages.get(channel, {}).get(ts)
        if message is None:
            return _error("message_not_found")
        if message["user"] != BOT_USER:
            return _error("cant_update_message")
        if ts in self._streams:
            return _error("streaming_state_conflict")
        problem = _too_much(arguments, 4000)
        if problem:
            return _error(problem)
        kept = {
            name: arguments[name] for name in ("text", "blocks", "metadata") if name in arguments
        }
        self.messages[channel][ts] = message | kept
        return {"ok": True, "channel": channel, "ts": ts, "text": arguments.get("text", "")}

    def _delete_message(self, arguments: Json) -> Json:
        channel, ts = str(arguments.get("channel")), str(arguments.get("ts"))
        message = self.messages.get(channel, {}).get(ts)
        if message is None:
            return _error("message_not_found")
        if message["user"] != BOT_USER:
            return _error("cant_delete_message")
        del self.messages[channel][ts]
        return {"ok": True, "channel": channel, "ts": ts}

    def _replies(self, arguments: Json) -> Json:
        channel, root = str(arguments.get("channel")), str(arguments.get("ts"))
        found = [
            dict(message)
            for ts, message in sorted(self.messages.get(channel, {}).items())
            if ts == root or message.get("thread_ts") == root
        ]
        if not found:
            return _error("thread_not_found")
        if not arguments.get("include_all_metadata"):
            for message in found:
                message.pop("metadata", None)
        start = int(arguments.get("cursor") or 0)
        end = start + int(arguments.get("limit", 1000))
        more = end < len(found)
        cursor = str(end) if more else ""
        return {
            "ok": True,
            "messages": found[start:end],
            "has_more": more,
            "response_metadata": {"next_cursor": cursor},
        }

    def _start_stream(self, arguments: Json) -> Json:
        channel = str(arguments.get("channel", ""))
        if not arguments.get("thread_ts"):
            return _error("invalid_arguments")
        if not channel.startswith("D"):
            if not arguments.get("recipient_team_id"):
                return _error("missing_recipient_team_id")
            if not arguments.get("recipient_user_id"):
                return _error("missing_recipient_user_id")
        if len(str(arguments.get("markdown_text", ""))) > 12_000:
            return _error("msg_too_long")
        if channel in self.members_only:
            return _error("not_in_channel")
        message = self._bot_message(arguments | {"text": arguments.get("markdown_text", "")})
        self.messages.setdefault(channel, {})[message["ts"]] = message
        self._streams.add(message["ts"])
        return {"ok": True, "channel": channel, "ts": message["ts"]}

    def _append_stream(self, arguments: Json) -> Json:
        channel, ts = str(arguments.get("channel")), str(arguments.get("ts"))
        if ts not in self._streams:
            return _error("message_not_in_streaming_state")
        if not arguments.get("markdown_text"):
            return _error("no_text")
        if len(str(arguments["markdown_text"])) > 12_000:
            return _error("msg_too_long")
        message = self.messages[channel][ts]
        message["text"] += arguments["markdown_text"]
        return {"ok": True, "channel": channel, "ts": ts}

    def _stop_stream(self, arguments: Json) -> Json:
        ts = str(arguments.get("ts"))
        if ts not in self._streams:
            return _error("message_not_in_streaming_state")
        self._streams.discard(ts)
        return {"ok": True, "channel": arguments.get("channel"), "ts": ts}

    def _set_status(self, arguments: Json) -> Json:
        if not arguments.get("thread_ts") or "status" not in arguments:
            return _error("invalid_arguments")
        self.statuses.append(arguments)
        return {"ok": True}

    def _set_title(self, arguments: Json) -> Json:
        self.titles.append(arguments)
        return {"ok": True}

    def _set_prompts(self, arguments: Json) -> Json:
        prompts = arguments.get("prompts")
        if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
            return _error("invalid_arguments")
        self.prompts.append(arguments)
        return {"ok": True}

    def _bot_message(self, arguments: Json) -> Json:
        message: Json = {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "team": TEAM,
            "ts": self._next_ts(),
            "text": arguments.get("text", ""),
        }
        for name in ("blocks", "thread_ts", "metadata"):
            if arguments.get(name):
                message[name] = arguments[name]
        return message

    def _problem_with(self, channel: str, arguments: Json) -> str:
        if not channel:
            return "channel_not_found"
        if channel in self.members_only:
            return "not_in_channel"
        if not arguments.get("text") and not arguments.get("blocks"):
            return "no_text"
        return _too_much(arguments, 40_000)


def _too_much(arguments: Json, text_characters: int) -> str:
    """Return Slack's error for a message over its limits, or ""."""
    if len(str(arguments.get("text", ""))) > text_characters:
        return "msg_too_long"
    blocks = arguments.get("blocks") or []
    if len(blocks) > 50:
        return "invalid_blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > 40_000:
        return "msg_blocks_too_long"
    for block in blocks:
        if block["type"] == "section" and not 1 <= len(block["text"]["text"]) <= 3000:
            return "invalid_blocks"
        if block["type"] == "context" and len(block["elements"]) > 10:
            return "invalid_blocks"
        for element in block.get("elements", []):
            if len(str(element.get("value", ""))) > 2000:
                return "invalid_blocks"
            if element["type"] == "button" and len(element["text"]["text"]) > 75:
                return "invalid_blocks"
    return ""


def _error(code: str) -> Json:
    return {"ok": False, "error": code}


_METHODS: dict[str, Callable[[Slack, Json], Json]] = {
    "auth.test": Slack._auth_test,
    "apps.connections.open": Slack._connections_open,
    "chat.postMessage": Slack._post_message,
    "chat.postEphemeral": Slack._post_ephemeral,
    "chat.update": Slack._update,
    "chat.delete": Slack._delete_message,
    "chat.startStream": Slack._start_stream,
    "chat.appendStream": Slack._append_stream,
    "chat.stopStream": Slack._stop_stream,
    "conversations.replies": Slack._replies,
    "assistant.threads.setStatus": Slack._set_status,
    "assistant.threads.setTitle": Slack._set_title,
    "assistant.threads.setSuggestedPrompts": Slack._set_prompts,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    slack: Slack


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if self.path.startswith("/commands/"):
            with self.server.slack._changed:
                self.server.slack.responses.append(json.loads(raw))
            self._send(200, b"ok", {})
            return
        method = self.path.removeprefix("/api/").split("?")[0]
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        arguments = _arguments(raw, self.headers.get("Content-Type") or "")
        status, reply, headers = self.server.slack.answer(method, token, arguments)
        if status == 0:
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, json.dumps(reply).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _arguments(raw: bytes, content_type: str) -> Json:
    if content_type.startswith("application/json"):
        return dict(json.loads(raw or b"{}"))
    if content_type.startswith("multipart/"):
        header = f"Content-Type: {content_type}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(header + raw).get_payload()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload()
            for part in parts
        }
    return dict(urllib.parse.parse_qsl(raw.decode()))
