"""What stands before every request: whose it may be, how large, and what if the code fails.

A page of another site can make a browser send requests to this server. It must not change the
index that way (so the Origin of a changing request must be this server), and it must not read
articles by giving its own name this machine's address (so a server that is bound to this machine
only answers only to this machine's names).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.serve.errors import ErrorBody, error_body, unexpected_error_body

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware, the outermost; `body_limit` returns a path's largest body in bytes."""

    def __init__(self, app: ASGIApp, *, local_only: bool, body_limit: Callable[[str], int]) -> None:
        self._app = app
        self._local_only = local_only
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with a counted body; answer a programming error with 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._body_limit(scope["path"])
        refusal = refuse_foreign(scope["method"], headers, local_only=self._local_only)
        if refusal is not None:
            await JSONResponse(refusal, 403)(scope, receive, send)
            return
        if _declared_length(headers) > limit:
            await JSONResponse(_too_large(limit), 413)(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, _counted(receive, limit), watched_send)
        except Exception as error:  # noqa: BLE001 - the last edge: nothing may leave unanswered
            body = unexpected_error_body(error)
            if not started:
                await JSONResponse(body, 500)(scope, receive, send)


def refuse_foreign(method: str, headers: Headers, *, local_only: bool) -> ErrorBody | None:
    """Return why a request is refused for where it comes from, or None if it is welcome."""
    host = headers.get("host", "")
    if local_only and not is_local_name(_name_of(host)):
        return error_body(
            "foreign_host",
            f"This server is for this machine only and is not called {_name_of(host)}. Use "
            "http://127.0.0.1; behind a proxy, let it send that as Host and the public name as "
            "X-Forwarded-Host.",
        )
    if method in SAFE_METHODS:
        return None
    origin = headers.get("origin")
    own_names = {host, headers.get("x-forwarded-host", host)}
    foreign_origin = origin is not None and urlsplit(origin).netloc not in own_names
    if foreign_origin or headers.get("sec-fetch-site") == "cross-site":
        return error_body(
            "foreign_origin", "Pages of other sites may not change anything on this server."
        )
    return None


def is_local_name(name: str) -> bool:
    """Return whether a host name or address means this machine and no other."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """Return a Host header's name without its port; "" if it makes no sense."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _declared_length(headers: Headers) -> int:
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    """Wrap `receive` so that a body without a declared length cannot pass the limit either."""
    received = 0

    async def counted_receive() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, _too_large(limit)["error"]["message"])
        return message

    return counted_receive


def _too_large(limit: int) -> ErrorBody:
    return error_body(
        "content_too_large",
        f"The request is larger than {limit / 1_000_000:g} MB; send it in smaller parts.",
    )
