"""Every error that leaves the HTTP interface has one shape: {"error": {"code", "message"}}."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.errors import RagError

ErrorBody = dict[str, dict[str, str]]

logger = logging.getLogger(__name__)


def error_body(code: str, message: str) -> ErrorBody:
    """Return the body of an error."""
    return {"error": {"code": code, "message": message}}


def unexpected_error_body(error: BaseException) -> ErrorBody:
    """Log where a programming error arose, and return the body that says so.

    The log has its type and the lines of code only: its message could quote a question.
    """
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    logger.error("unexpected %s at %s", type(error).__name__, " > ".join(frames))
    return error_body(
        "internal_error",
        "Something went wrong inside the server; its log says where. "
        "Trying again may help; if it does not, please report it.",
    )


def add_error_handlers(app: FastAPI) -> None:
    """Make the app answer its own errors, FastAPI's and Starlette's in the one shape."""
    app.add_exception_handler(RagError, _show_rag_error)
    app.add_exception_handler(RequestValidationError, _show_validation_error)
    app.add_exception_handler(HTTPException, _show_http_error)


async def _show_rag_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RagError)
    return JSONResponse(error_body(error.code, str(error)), error.http_status)


async def _show_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    sentences = "; ".join(
        _describe_problem(tuple(problem["loc"]), str(problem["type"]), str(problem["msg"]))
        for problem in error.errors()
    )
    return JSONResponse(
        error_body("invalid_request", f"{sentences}. /docs shows what is expected."), 422
    )


def _describe_problem(location: tuple[str | int, ...], kind: str, message: str) -> str:
    """Return "`filters.published_after`: Input should be a valid date" for one problem."""
    if kind == "json_invalid":
        return f"The body is not valid JSON (near character {location[-1]})"
    field = ".".join(str(part) for part in location[1:])
    return f"`{field}`: {message}" if field else f"The {location[0]}: {message}"


async def _show_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            message = f"There is nothing at {request.url.path}; /docs lists what there is."
        case 405:
            message = (
                f"{request.method} does not work at {request.url.path}; /docs lists what does."
            )
        case _:
            message = error.detail
    code = HTTPStatus(error.status_code).name.lower()
    return JSONResponse(error_body(code, message), error.status_code, error.headers)
