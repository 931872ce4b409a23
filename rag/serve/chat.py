"""POST /api/chat: a question's answer, whole or as it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import assert_never

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from rag.errors import RagError
from rag.serve.errors import ErrorBody, error_body, unexpected_error_body
from rag.serve.metrics import Outcome
from rag.serve.schemas import ChatRequest
from rag.serve.service import Service, ServiceOfApp
from rag.serve.threads import stream_from_thread
from rag.types import Answer, AnswerReady, Event, SourcesFound, TokenWritten

router = APIRouter(tags=["questions"])

SILENCE_SECONDS = 15.0
"""A stream says at least this often that it is alive, so that proxies do not cut it off."""

_ANSWER = TypeAdapter(Answer)
_SOURCES = TypeAdapter(SourcesFound)
_TOKEN = TypeAdapter(TokenWritten)
_ERROR = TypeAdapter(ErrorBody)

_STREAM_EXAMPLE = (
    'event: sources\ndata: {"passages": [...]}\n\n'
    'event: token\ndata: {"text": "Ia menemui "}\n\n'
    'event: answer\ndata: {"answer": "Ia menemui duta besar. [1]", ...}\n\n'
)


@router.post(
    "/api/chat",
    response_model=Answer,
    summary="Answer a question",
    responses={
        200: {
            "description": "The answer; with `stream`, the events `sources`, `token` (many), and "
            "last `answer` or `error`.",
            "content": {"text/event-stream": {"example": _STREAM_EXAMPLE}},
        }
    },
)
async def chat(asked: ChatRequest, service: ServiceOfApp) -> Response:
    """Every sentence of the answer cites the exact words that it rests on.

    The first event is awaited before the response begins, so that an early failure has its
    HTTP status in a stream too.
    """
    events = answer_events(asked, service)
    first = await anext(events)
    if asked.stream:
        return StreamingResponse(
            _server_sent(first, events),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    last = first
    async for event in events:
        last = event
    assert isinstance(last, AnswerReady)
    return Response(_ANSWER.dump_json(last.answer), media_type="application/json")


async def answer_events(
    asked: ChatRequest, service: Service, wishes: str = ""
) -> AsyncGenerator[Event, None]:
    """Yield the events of an answer, when the engine is there and it is this question's turn."""
    engine = await service.loader.wait()
    async with service.answering:
        started = time.perf_counter()
        outcome: Outcome = "cancelled"
        events = stream_from_thread(
            lambda: engine.stream(
                asked.question,
                asked.messages(),
                language=asked.language,
                filters=asked.filters.to_filters(),
                wishes=wishes,
            )
        )
        try:
            async for event in events:
                if isinstance(event, AnswerReady):
                    outcome = "abstained" if event.answer.abstained else "answered"
                yield event
        except Exception:
            outcome = "failed"
            raise
        finally:
            await events.aclose()
            service.metrics.count_question(outcome, time.perf_counter() - started)


async def _server_sent(first: Event, rest: AsyncGenerator[Event, None]) -> AsyncIterator[bytes]:
    try:
        yield _encode(first)
        async for event in with_signs_of_life(rest):
            yield b": still working\n\n" if event is None else _encode(event)
    except RagError as error:
        yield _frame("error", _ERROR.dump_json(error_body(error.code, str(error))))
    except Exception as error:  # noqa: BLE001 - the status is sent, so the stream must tell
        yield _frame("error", _ERROR.dump_json(unexpected_error_body(error)))
    finally:
        await rest.aclose()


async def with_signs_of_life(
    events: AsyncGenerator[Event, None],
) -> AsyncIterator[Event | None]:
    """Yield the events, and None whenever none has come for SILENCE_SECONDS."""
    upcoming: asyncio.Task[Event] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({upcoming}, timeout=SILENCE_SECONDS)
            if not done:
                yield None
                continue
            try:
                event = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
            yield event
    finally:
        if upcoming is not None and not upcoming.done():
            upcoming.cancel()
            await asyncio.wait({upcoming})


def _encode(event: Event) -> bytes:
    match event:
        case SourcesFound():
            return _frame("sources", _SOURCES.dump_json(event))
        case TokenWritten():
            return _frame("token", _TOKEN.dump_json(event))
        case AnswerReady():
            return _frame("answer", _ANSWER.dump_json(event.answer))
    assert_never(event)


def _frame(name: str, data: bytes) -> bytes:
    """Return one server-sent event; JSON has no line breaks of its own, so one line holds it."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
