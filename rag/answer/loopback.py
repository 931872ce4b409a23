"""Whether a server of this machine is there: a look that costs nothing when it is not."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_local(address: str) -> bool:
    """Tell whether an address, with or without a scheme, is this machine's own."""
    with contextlib.suppress(ValueError):
        return urlsplit(_with_scheme(address)).hostname in LOOPBACK
    return False


def is_silent(address: str, default_port: int, seconds: float) -> bool:
    """Tell whether an address is this machine's own and nothing listens there.

    Importing a client takes half a second; where there is no server, none is needed.
    """
    try:
        parts = urlsplit(_with_scheme(address))
        port = parts.port or (
            {"http": 80, "https": 443}[parts.scheme] if "://" in address else default_port
        )
        if parts.hostname not in LOOPBACK:
            return False
        socket.create_connection((parts.hostname, port), seconds).close()
    except (ValueError, KeyError):
        return False
    except OSError:
        return True
    return False


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"http://{address}"
