"""A stand-in for Ollama on loopback: its HTTP routes, its NDJSON, its errors, and its faults.

What it sends follows Ollama's API documentation, so that the real client is what is tested. A
test scripts what /api/chat does next; without a script it answers the default reply.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Ending = Literal["done", "length", "cut", "no_done", "garbage", "stall", "error"]


@dataclass(frozen=True)
class Reply:
    """Pieces written one by one, and how it ends; delays in seconds.

    `cut` closes the connection in the middle, `no_done` ends the body without the last line,
    `garbage` writes a line that is no JSON, `stall` writes nothing more until the client leaves,
    `error` writes the error line that Ollama writes when a running model fails.
    """

    pieces: Sequence[str]
    ending: Ending = "done"
    first_delay: float = 0.0
    delay: float = 0.0
    thinking: Sequence[str] = ()


@dataclass(frozen=True)
class Refusal:
    """An error answered instead of a stream."""

    status: int
    error: str


OUT_OF_MEMORY = Refusal(
    500, "model requires more system memory (9.6 GiB) than is available (3.1 GiB)"
)
NOT_JSON = Refusal(200, "")
Script = Reply | Refusal
Writer = Callable[[list[dict[str, str]]], Script]


@dataclass
class OllamaServer:
    """The server; `requests` are the decoded bodies of /api/chat in order of arrival."""

    models: list[str] = field(default_factory=lambda: ["gemma3:4b"])
    writer: Writer = lambda messages: Reply(["Halo", " dunia."])
    thinking_models: set[str] = field(default_factory=set)
    requests: list[dict[str, object]] = field(default_factory=list)
    probes: int = 0
    gone: int = 0
    port: int = 0
    _scripts: deque[Script] = field(default_factory=deque)
    _http: _Server | None = None

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, *scripts: Script) -> None:
        """Say what the next chats do, one after the other."""
        self._scripts.extend(scripts)

    def next_script(self, messages: list[dict[str, str]]) -> Script:
        return self._scripts.popleft() if self._scripts else self.writer(messages)

    def start(self) -> None:
        self._http = _Server(("127.0.0.1", self.port), _Handler)
        self._http.ollama = self
        self.port = self._http.server_address[1]
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self) -> None:
        """Go down as a killed process does: every connection breaks."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http.break_connections()
            self._http = None

    def __enter__(self) -> OllamaServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    ollama: OllamaServer

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.sockets: set[socket.socket] = set()
        self.stopped = threading.Event()

    def break_connections(self) -> None:
        self.stopped.set()
        for connection in list(self.sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave early are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.sockets.add(self.connection)

    def finish(self) -> None:
        self.server.sockets.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        ollama = self.server.ollama
        match self.path:
            case "/":
                self._send(200, b"Ollama is running", "text/plain")
            case "/api/version":
                self._json(200, {"version": "0.32.5"})
            case "/api/tags":
                ollama.probes += 1
                self._json(200, {"models": [_listed(name) for name in ollama.models]})
            case "/api/ps":
                self._json(200, {"models": []})
            case _:
                self._send(404, b"404 page not found", "text/plain")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        try:
            body = json.loads(self.rfile.read(length))
        except json.JSONDecodeError as error:
            self._json(400, {"error": str(error)})
            return
        match self.path:
            case "/api/chat":
                self._chat(body)
            case "/api/show":
                self._show(body)
            case "/api/embed":
                self._json(501, {"error": "this server does not support embeddings"})
            case _:
                self._send(404, b"404 page not found", "text/plain")

    def _chat(self, body: dict[str, object]) -> None:
        ollama = self.server.ollama
        ollama.requests.append(body)
        model = str(body.get("model", ""))
        if not _has(ollama.models, model):
            self._json(404, {"error": f"model '{model}' not found"})
            return
        if body.get("think") and model not in ollama.thinking_models:
            self._json(400, {"error": f'"{model}" does not support thinking'})
            return
        messages = body.get("messages")
        assert isinstance(messages, list)
        script = ollama.next_script(messages)
        if script is NOT_JSON:
            self._send(200, b"<html>Welcome to nginx!</html>\n", "text/html")
        elif isinstance(script, Refusal):
            self._json(script.status, {"error": script.error})
        else:
            self._stream(model, script)

    def _stream(self, model: str, reply: Reply) -> None:
        # Ollama sends its headers together with the first token.
        if not self._wait(reply.first_delay):
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in reply.thinking:
                self._line(_part(model, "", thinking=piece))
            for piece in reply.pieces:
                self._line(_part(model, piece))
                if not self._wait(reply.delay):
                    return
            self._end(model, reply)
        except OSError:
            self.server.ollama.gone += 1
            self.close_connection = True

    def _end(self, model: str, reply: Reply) -> None:
        match reply.ending:
            case "done" | "length":
                reason = "stop" if reply.ending == "done" else "length"
                self._line(
                    _part(model, "")
                    | {
                        "done": True,
                        "done_reason": reason,
                        "total_duration": 1_000_000,
                        "load_duration": 1000,
                        "prompt_eval_count": 100,
                        "prompt_eval_duration": 1000,
                        "eval_count": len(reply.pieces),
                        "eval_duration": 1000,
                    }
                )
            case "error":
                self._line({"error": "llama runner process has terminated: signal: killed"})
            case "garbage":
                self._chunk(b'{"model": "gemma3:4b", "mess\xff\xfe\n')
            case "stall":
                while self._wait(0.05):
                    self._chunk(b"")
            case "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            case "no_done":
                pass
        self.wfile.write(b"0\r\n\r\n")

    def _wait(self, seconds: float) -> bool:
        """Wait, and tell whether both ends are still there."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.server.stopped.wait(min(left, 0.02)) or self._client_left():
                self.server.ollama.gone += 1
                self.close_connection = True
                return False
        return True

    def _client_left(self) -> bool:
        self.connection.setblocking(False)
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.connection.setblocking(True)

    def _line(self, record: dict[str, object]) -> None:
        self._chunk(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    def _show(self, body: dict[str, object]) -> None:
        model = str(body.get("model", ""))
        if not _has(self.server.ollama.models, model):
            self._json(404, {"error": f"model '{model}' not found"})
            return
        thinks = ["thinking"] if model in self.server.ollama.thinking_models else []
        self._json(
            200,
            {
                "details": {"family": "gemma3", "parameter_size": "4.3B"},
                "model_info": {"general.architecture": "gemma3"},
                "capabilities": ["completion", *thinks],
            },
        )

    def _json(self, status: int, record: dict[str, object]) -> None:
        self._send(status, json.dumps(record).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _has(models: Sequence[str], model: str) -> bool:
    return model in models or f"{model}:latest" in models


def _listed(name: str) -> dict[str, object]:
    return {
        "name": name,
        "model": name,
        "modified_at": _now(),
        "size": 3338801804,
        "digest": "a2af6cc3eb7fa8be8504abaf9b04e88f17a119ec3f04a3addf55f92841195f5a",
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": "gemma3",
            "families": ["gemma3"],
            "parameter_size": "4.3B",
            "quantization_level": "Q4_K_M",
        },
    }


def _part(model: str, content: str, thinking: str = "") -> dict[str, object]:
    message = {"role": "assistant", "content": content}
    if thinking:
        message["thinking"] = thinking
    return {"model": model, "created_at": _now(), "message": message, "done": False}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
