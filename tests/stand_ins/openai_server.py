"""A stand-in for a server that speaks OpenAI's chat protocol, for the faults of such servers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal


@dataclass(frozen=True)
class Speech:
    """Pieces streamed as server-sent events, and how the stream ends."""

    pieces: tuple[str, ...]
    ending: Literal["stop", "length", "cut", "stall", "garbage", "error"] = "stop"
    first_delay: float = 0.0


@dataclass(frozen=True)
class Rejection:
    """An error answered instead of a stream; `shape` tells whose style its body has."""

    status: int
    message: str
    shape: Literal["openai", "detail", "html"] = "openai"


@dataclass
class OpenAIServer:
    """The server; `requests` are the bodies of /v1/chat/completions, `keys` what came with them."""

    models: list[str] | None = field(default_factory=lambda: ["tiny"])
    strict: bool = False
    requests: list[dict[str, object]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    port: int = 0
    scripts: deque[Speech | Rejection] = field(default_factory=deque)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, *scripts: Speech | Rejection) -> None:
        self.scripts.extend(scripts)

    def __enter__(self) -> OpenAIServer:
        handler = type("Handler", (_Handler,), {"script_of": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.port = self._http.server_address[1]
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    script_of: OpenAIServer

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        models = self.script_of.models
        if self.path != "/v1/models" or models is None:
            self._reject(Rejection(404, "Not Found", "detail"))
            return
        listed = [
            {"id": name, "object": "model", "created": 1, "owned_by": "here"} for name in models
        ]
        self._send(200, json.dumps({"object": "list", "data": listed}), "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.script_of
        server.requests.append(body)
        server.keys.append(self.headers.get("Authorization", ""))
        if server.strict and "chat_template_kwargs" in body:
            self._reject(Rejection(400, "Unrecognized request argument: chat_template_kwargs"))
            return
        script = server.scripts.popleft() if server.scripts else Speech(("Ya", "."))
        if isinstance(script, Rejection):
            self._reject(script)
        else:
            self._speak(script)

    def _speak(self, speech: Speech) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._event({"delta": {"role": "assistant", "content": ""}, "finish_reason": None})
        time.sleep(speech.first_delay)
        for piece in speech.pieces:
            self._event({"delta": {"content": piece}, "finish_reason": None})
        match speech.ending:
            case "stop" | "length":
                self._event({"delta": {}, "finish_reason": speech.ending})
                self.wfile.write(b"data: [DONE]\n\n")
            case "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
            case "stall":
                time.sleep(1.5)
            case "garbage":
                self.wfile.write(b"data: {not json\n\n")
            case "error":
                error = {"error": {"message": "CUDA out of memory", "type": "server_error"}}
                self.wfile.write(f"data: {json.dumps(error)}\n\n".encode())

    def _event(self, choice: dict[str, object]) -> None:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "tiny",
            "choices": [{"index": 0, **choice}],
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _reject(self, rejection: Rejection) -> None:
        match rejection.shape:
            case "openai":
                error = {"message": rejection.message, "type": "invalid_request_error"}
                self._send(rejection.status, json.dumps({"error": error}), "application/json")
            case "detail":
                self._send(
                    rejection.status, json.dumps({"detail": rejection.message}), "application/json"
                )
            case "html":
                self._send(rejection.status, rejection.message, "text/html")

    def _send(self, status: int, text: str, content_type: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
