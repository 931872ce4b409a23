"""Whether the server lives, whether it is ready, and how it is used."""

from __future__ import annotations

from dataclasses import asdict, replace

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from rag.serve.metrics import CONTENT_TYPE
from rag.serve.service import ServiceOfApp
from rag.serve.threads import in_thread

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Answer at once, also while models load."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Are the models loaded?",
    responses={503: {"content": {"application/json": {"example": {"status": "loading"}}}}},
)
async def readyz(service: ServiceOfApp) -> Response:
    """Return 503 until questions are answered without a wait, then what answers them."""
    engine = service.loader.engine
    if engine is None:
        return JSONResponse({"status": "loading"}, 503)
    status = await in_thread(engine.status)
    status = replace(status, example_question=service.suggestions.known_first)
    return JSONResponse({"status": "ready", **asdict(status)})


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
async def metrics(service: ServiceOfApp) -> Response:
    """Return counts and durations; never a question, an answer or an article's words."""
    engine = service.loader.engine
    documents = passages = 0
    if engine is not None:
        status = await in_thread(engine.status)
        documents, passages = status.documents, status.passages
    return Response(service.metrics.render(documents, passages), media_type=CONTENT_TYPE)
