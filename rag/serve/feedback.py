"""POST /api/feedback: what people think of answers, as JSON lines beside the index.

Only ids, the verdict and the note are kept: neither question nor answer. Nothing is ever shown
over HTTP; whoever runs the server reads the file.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from rag.errors import StorageFullError
from rag.serve.schemas import FORBID_UNKNOWN
from rag.serve.service import ServiceOfApp
from rag.serve.threads import in_thread

router = APIRouter(tags=["feedback"])

FILE = "feedback.jsonl"
MOST_BYTES = 20_000_000
"""A file of this size holds hundreds of thousands of verdicts; a visitor cannot fill the disk."""

_writing = threading.Lock()


class Feedback(BaseModel):
    """A verdict on one answer; a later one with the same answer_id counts instead of it."""

    model_config = FORBID_UNKNOWN
    answer_id: str = Field(min_length=1, max_length=100)
    verdict: Literal["up", "down"]
    note: str = Field("", max_length=2000)
    document_ids: list[str] = Field(default_factory=list, max_length=100)


@router.post("/api/feedback", status_code=204, summary="Say whether an answer helped")
async def give_feedback(feedback: Feedback, service: ServiceOfApp) -> None:
    """Keep the verdict; answer ids are the caller's own."""
    file = service.settings.index_dir / FILE
    await in_thread(partial(keep_feedback, file, feedback, datetime.now(UTC)))


def keep_feedback(file: Path, feedback: Feedback, at: datetime) -> None:
    """Append one line to the file. Raises StorageFullError."""
    record = {"at": at.isoformat(timespec="seconds"), **feedback.model_dump()}
    line = json.dumps(record, ensure_ascii=False) + "\n"
    try:
        with _writing:
            if file.exists() and file.stat().st_size + len(line) > MOST_BYTES:
                raise StorageFullError(
                    f"no more feedback is kept: {file.name} is full; move it away to go on"
                )
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(line)
    except OSError as error:
        raise StorageFullError(
            f"the feedback could not be written beside the index: {error.strerror}"
        ) from error
