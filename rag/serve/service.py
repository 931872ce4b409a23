"""What every endpoint works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from rag.errors import ReadOnlyError
from rag.serve.loading import EngineLoader
from rag.serve.metrics import Metrics
from rag.serve.suggestions import Suggestions
from rag.settings import Settings

ANSWERS_AT_ONCE = 8
"""Questions beyond these wait: more at once would make all of them slow."""


@dataclass(frozen=True, slots=True)
class Service:
    """The settings, the engine that is there or loading, and what one server counts and knows."""

    settings: Settings
    loader: EngineLoader
    metrics: Metrics = field(default_factory=Metrics)
    suggestions: Suggestions = field(default_factory=Suggestions)
    answering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ANSWERS_AT_ONCE))

    def refuse_if_read_only(self) -> None:
        """Raise ReadOnlyError if the index may not be changed over HTTP."""
        if self.settings.read_only:
            raise ReadOnlyError(
                "This server is read-only; unset RAG_READ_ONLY and start it again to change "
                "the index."
            )


def _service_of(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOfApp = Annotated[Service, Depends(_service_of)]
