"""The FastAPI application: routers, error shape, guard and offline documentation."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from rag import __version__
from rag.serve import chat, documents, feedback, health, openai_api, page, search
from rag.serve.errors import add_error_handlers
from rag.serve.guard import Guard
from rag.serve.service import Service

MEGABYTE = 1_000_000
QUESTION_BODY_BYTES = MEGABYTE
"""A question with a long history is far smaller."""

_DESCRIPTION = """Ask questions about your own articles; every sentence of an answer cites the
exact words of the article that it rests on: `document.text[start:end] == quote`.

Errors have one shape: `{"error": {"code", "message"}}`; the message says what to do.
"""


def create_app(service: Service, *, local_only: bool) -> FastAPI:
    """Return the application; `local_only` says that it is bound to a loopback address."""
    # FastAPI's own /docs fetches its scripts from a CDN; this one brings them along.
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="rag",
        version=__version__,
        description=_DESCRIPTION,
        redirect_slashes=False,
    )
    app.state.service = service
    for module in (chat, search, documents, feedback, page, health, openai_api):
        app.include_router(module.router)
    page.add_page(app)
    add_error_handlers(app)
    upload_bytes = service.settings.max_upload_megabytes * MEGABYTE

    def body_limit(path: str) -> int:
        return upload_bytes if path.startswith("/api/documents") else QUESTION_BODY_BYTES

    app.add_middleware(Guard, local_only=local_only, body_limit=body_limit)
    return app
