"""Turns what Chroma, tantivy and the file system raise into the program's own errors."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rag.errors import RagError, StorageFullError, StoreError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FULL = (
    "database or disk is full",
    "(code: 13)",
    "disk i/o error",
    "failed to apply logs",  # Chroma has logged a change and cannot carry it out
    "no space left",
    "file too large",
    "storagefull",
    "quota exceeded",
)
BROKEN = (
    "file is not a database",
    "malformed",
    "no such table",
    "no such column",
    "migration",
    "hnsw index",
)
FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def translated(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return the function, raising StoreError or StorageFullError for any vendor's exception."""

    @wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except (RagError, TypeError, AttributeError, NameError, AssertionError):
            raise  # ours already, or a mistake in the program that must not pass for a bad disk
        except Exception as error:
            raise store_error(error) from error

    return call


def store_error(error: Exception) -> StoreError:
    """Return the store's error for a vendor's, with what to do about it."""
    said = str(error).strip() or type(error).__name__
    lowered = said.lower()
    if (isinstance(error, OSError) and error.errno in FULL_ERRNOS) or any(
        sign in lowered for sign in FULL
    ):
        return StorageFullError(
            "no space is left for the index, or its disk is failing; everything stored before is "
            f"still there. Free some disk space and run the same command again ({said})"
        )
    if isinstance(error, PermissionError):
        return StoreError(f"the index cannot be read or written: {said}; check its permissions")
    if (
        "could not connect to a chroma server" in lowered
        or "connect" in type(error).__name__.lower()
    ):
        return StoreError(
            "the Chroma server does not answer; start it with `chroma run`, "
            "or unset RAG_CHROMA_URL to keep the index on disk"
        )
    if any(sign in lowered for sign in BROKEN):
        return StoreError(
            f"the index is damaged or of an unknown format ({said}); "
            "move its folder away and ingest the articles again"
        )
    return StoreError(f"the index could not be read or written: {said}; `rag doctor` checks it")
