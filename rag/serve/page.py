"""The web page: static files under a strict content policy, and what its empty state shows."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from rag.serve.service import ServiceOfApp
from rag.serve.threads import in_thread
from rag.types import Document, Language

router = APIRouter(tags=["page"])

FILES = Path(__file__).parent / "page"

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""No code but the page's own files, no other host, and no HTML made out of text."""

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The browser asks each time whether a file is still the same, so that an update is seen.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """What the index holds, from when to when, and whether it may be changed over HTTP."""

    documents: int
    passages: int
    first_published: date | None
    last_published: date | None
    read_only: bool
    max_upload_megabytes: int


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question that the document answers."""

    question: str
    document_id: str


@dataclass(frozen=True, slots=True)
class ShownQuestions:
    """Questions to try first, from different articles where possible."""

    questions: list[ShownQuestion]


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page as it is sent: plain and compressed."""

    body: bytes
    compressed: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> PageFile:
        """Return a file of the disk."""
        body = path.read_bytes()
        return cls(
            body=body,
            compressed=gzip.compress(body, mtime=0),
            media_type=MEDIA_TYPES[path.suffix],
            etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        )

    def response(self, request: Request) -> Response:
        """Return the file, or 304 if the browser has it."""
        headers = {**HEADERS, "ETag": self.etag, "Vary": "Accept-Encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.compressed, headers=headers, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


def add_page(app: FastAPI) -> None:
    """Serve the page at / and its files under /page/."""
    files = {
        path.name: PageFile.read(path) for path in FILES.iterdir() if path.suffix in MEDIA_TYPES
    }

    async def page(request: Request) -> Response:
        return files["index.html"].response(request)

    async def page_file(request: Request) -> Response:
        file = files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        return file.response(request)

    app.add_route("/", page, methods=["GET"], include_in_schema=False)
    app.add_route("/page/{name}", page_file, methods=["GET"], include_in_schema=False)


@router.get("/api/overview", summary="Tell what is in the index")
async def overview(service: ServiceOfApp) -> Overview:
    """Return how many documents there are, and from when to when."""
    engine = await service.loader.wait()
    documents = await in_thread(engine.documents)
    return overview_of(
        documents,
        read_only=service.settings.read_only,
        max_upload_megabytes=service.settings.max_upload_megabytes,
    )


def overview_of(
    documents: list[Document], *, read_only: bool, max_upload_megabytes: int
) -> Overview:
    """Return the overview of some documents."""
    days = [document.published for document in documents if document.published]
    return Overview(
        documents=len(documents),
        passages=sum(document.passage_count for document in documents),
        first_published=min(days, default=None),
        last_published=max(days, default=None),
        read_only=read_only,
        max_upload_megabytes=max_upload_megabytes,
    )


@router.get("/api/questions", summary="Suggest questions that the articles answer")
async def questions(service: ServiceOfApp, language: Language = "id") -> ShownQuestions:
    """Return up to four questions in a language, made from the articles and tried out."""
    engine = await service.loader.wait()
    found = await in_thread(partial(service.suggestions.questions, engine, language))
    return ShownQuestions([ShownQuestion(one.text(language), one.document_id) for one in found])
