"""/api/documents: list, show, add and delete what is answered from; and the index's health."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import partial
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from rag.serve.errors import error_body
from rag.serve.schemas import Deleted, DocumentList, DocumentSummary, DocumentWithText, Problems
from rag.serve.service import ServiceOfApp
from rag.serve.threads import in_thread
from rag.serve.uploads import MAX_FILES, Source, sources_from_form, sources_from_json
from rag.types import Document, IngestReport

router = APIRouter(tags=["documents"])

_REPORT = TypeAdapter(IngestReport)

_EXAMPLE = {
    "id": "news/2024-01-30",
    "title": "Dua menteri luar negeri bertemu",
    "text": "ISLAMABAD - Kedua menteri luar negeri bertemu pada Senin (29/1/2024). ...",
    "url": "https://example.com/news/2024-01-30",
    "published": "2024-01-30",
    "source": "Contoh Berita",
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"documents": {"type": "array", "items": {"type": "object"}}},
                },
                "examples": {
                    "one": {"value": _EXAMPLE},
                    "several": {"value": {"documents": [_EXAMPLE]}},
                },
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            },
        },
    }
}


@router.get("/api/documents", summary="List the documents")
async def list_documents(
    service: ServiceOfApp,
    under: Annotated[
        str | None,
        Query(description="only those read from this file or folder of the server's machine"),
    ] = None,
) -> DocumentList:
    """Return all documents by id, without their texts."""
    engine = await service.loader.wait()
    documents = await in_thread(engine.documents)
    return DocumentList(
        [DocumentSummary.of(document) for document in documents if _comes_from(document, under)]
    )


@router.get("/api/documents/{document_id:path}", summary="Show a document")
async def show_document(document_id: str, service: ServiceOfApp) -> DocumentWithText:
    """Return a document with its cleaned text, into which the offsets of citations point."""
    engine = await service.loader.wait()
    return DocumentWithText.of(await in_thread(partial(engine.document, document_id)))


@router.post(
    "/api/documents",
    summary="Add or update documents",
    response_model=IngestReport,
    openapi_extra=_BODY,
)
async def add_documents(request: Request, service: ServiceOfApp) -> Response:
    """Take files or JSON documents and report what became of each.

    A document with a known id is updated, one that has not changed is skipped. The status is 422
    if none of them could be used; the report is then in the body next to the error.
    """
    service.refuse_if_read_only()
    sources = await _read_sources(request)
    engine = await service.loader.wait()
    report = await in_thread(partial(engine.ingest, sources))
    if len(report.failed) == len(sources):
        reasons = "; ".join(f"{failure.name}: {failure.reason}" for failure in report.failed[:5])
        body = error_body("invalid_document", f"No document could be used: {reasons}")
        return JSONResponse({**body, "report": asdict(report)}, 422)
    return Response(_REPORT.dump_json(report), media_type="application/json")


@router.delete("/api/documents/{document_id:path}", summary="Delete a document")
async def delete_document(document_id: str, service: ServiceOfApp) -> Deleted:
    """Remove a document and its passages from the index; the file that it came from stays."""
    service.refuse_if_read_only()
    engine = await service.loader.wait()
    await in_thread(partial(engine.delete, [document_id]))
    return Deleted([document_id])


@router.get("/api/index/problems", summary="Look for problems of the index", tags=["operations"])
async def check_index(service: ServiceOfApp) -> Problems:
    """Read the whole index and return what is wrong with it; nothing if it is healthy."""
    engine = await service.loader.wait()
    return Problems(await in_thread(engine.check))


@router.post("/api/index/repair", summary="Repair the index", tags=["operations"])
async def repair_index(service: ServiceOfApp) -> Problems:
    """Put right what is wrong with the index and return what was done."""
    service.refuse_if_read_only()
    engine = await service.loader.wait()
    return Problems(await in_thread(engine.repair))


async def _read_sources(request: Request) -> list[Source]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=MAX_FILES) as form:
            return await sources_from_form(form)
    body = await request.body()
    return await in_thread(partial(sources_from_json, body))


def _comes_from(document: Document, place: str | None) -> bool:
    """Return whether a document was read from a file, or a file in a folder, named `place`."""
    return place is None or PurePath(document.origin).is_relative_to(os.path.abspath(place))  # noqa: PTH100 (as origins are made)
