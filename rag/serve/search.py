"""GET /api/search: the passages that a question or some words find."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from rag.serve.schemas import SearchHit, SearchResponse
from rag.serve.service import ServiceOfApp
from rag.serve.threads import in_thread
from rag.types import Filters

router = APIRouter(tags=["questions"])


@router.get("/api/search", summary="Search passages")
async def search(
    service: ServiceOfApp,
    q: Annotated[str, Query(description="a question or words", examples=["kerja sama keamanan"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    published_after: date | None = None,
    published_before: date | None = None,
    source: str | None = None,
    document_id: Annotated[list[str] | None, Query()] = None,
) -> SearchResponse:
    """Return at most `limit` passages, best first; dates are inclusive."""
    engine = await service.loader.wait()
    filters = Filters(published_after, published_before, source, tuple(document_id or ()))
    hits = await in_thread(partial(engine.search, q, limit, filters))
    return SearchResponse([SearchHit.of(hit) for hit in hits])
