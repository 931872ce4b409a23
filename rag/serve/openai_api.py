"""The program as a model for chat clients: OpenAI's /v1/models and /v1/chat/completions."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRoute

from rag.errors import RagError
from rag.serve.chat import answer_events
from rag.serve.completion import Completion
from rag.serve.openai_shapes import MODEL, CompletionRequest, error_of, openai_error
from rag.serve.service import ServiceOfApp
from rag.types import AnswerReady

_STARTED = int(time.time())


class OpenAIRoute(APIRoute):
    """A route whose errors have OpenAI's shape, so that its clients can show them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        """Return the handler, with its errors turned into responses."""
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except RagError as error:
                return JSONResponse(openai_error(error), error.http_status)
            except RequestValidationError as error:
                problem = error.errors()[0]
                where = ".".join(str(part) for part in problem["loc"][1:])
                message = f"`{where}`: {problem['msg']}" if where else str(problem["msg"])
                body = error_of(message, "invalid_request_error", "invalid_request", where or None)
                return JSONResponse(body, 400)

        return handle_or_explain


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], route_class=OpenAIRoute)


@router.get("/models", summary="The models: one")
async def models() -> dict[str, object]:
    """List this program as a model."""
    return {"object": "list", "data": [_model()]}


@router.get("/models/{name}", summary="One model", response_model=None)
async def model(name: str) -> dict[str, object] | JSONResponse:
    """Describe a model, if it is this one."""
    return _model() if name == MODEL else _no_such_model(name)


@router.post("/chat/completions", summary="Answer the last message", response_model=None)
async def chat_completions(
    asked: CompletionRequest, request: Request, service: ServiceOfApp
) -> Response:
    """Answer from the articles, with citations as [n], a list of sources, and `annotations`.

    System messages may say how the answer reads; neither they nor the history are evidence.
    """
    if asked.model != MODEL:
        return _no_such_model(asked.model)
    events = answer_events(asked.question(), service, asked.wishes())
    first = await anext(events)
    completion = Completion(asked, str(request.base_url))
    if asked.stream:
        return StreamingResponse(
            completion.stream(first, events),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    last = first
    async for event in events:
        last = event
    assert isinstance(last, AnswerReady)
    return JSONResponse(completion.whole(last.answer))


def _model() -> dict[str, object]:
    return {"id": MODEL, "object": "model", "created": _STARTED, "owned_by": "rag"}


def _no_such_model(name: str) -> JSONResponse:
    message = f"There is no model `{name}`; the only one is `{MODEL}`."
    return JSONResponse(error_of(message, "invalid_request_error", "model_not_found", "model"), 404)
