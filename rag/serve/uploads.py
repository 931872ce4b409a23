"""What a POST to /api/documents carries: files, or documents as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from starlette.datastructures import FormData, UploadFile

from rag.errors import InvalidDocumentError
from rag.ingest.sources import UPLOAD_ORIGIN, raw_document_from_json, read_upload
from rag.serve.threads import in_thread
from rag.types import Failure, RawDocument

MAX_FILES = 1000

Source = RawDocument | Failure

_EXPECTED = (
    'send one document {"id", "text", ...}, a list of them, or {"documents": [...]} as '
    "application/json, or files as multipart/form-data"
)


async def sources_from_form(form: FormData) -> list[Source]:
    """Return the documents of the form's files, whatever their fields are called."""
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise InvalidDocumentError(f"the form holds no file; {_EXPECTED}")
    sources: list[Source] = []
    for file in files:
        content = await file.read()
        sources += await in_thread(partial(read_upload, file.filename or "", content))
    return sources


def sources_from_json(body: bytes) -> list[Source]:
    """Return the documents of a JSON body; one that is no document becomes a Failure."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidDocumentError(f"the body is not valid JSON; {_EXPECTED}") from error
    match parsed:
        case {"documents": list(records)}:
            pass
        case list(records):
            pass
        case dict():
            records = [parsed]
        case _:
            raise InvalidDocumentError(f"the body holds no document; {_EXPECTED}")
    if not records:
        raise InvalidDocumentError(f"the list of documents is empty; {_EXPECTED}")
    return [_source(record, number) for number, record in enumerate(records, start=1)]


def _source(record: object, number: int) -> Source:
    """Return one JSON object as a document.

    The command line reads files itself and sends what it read; it then also says where from, and
    the hash of the file, so that the same file is the same document whichever way it comes.
    """
    if not isinstance(record, Mapping):
        return Failure(f"document {number}", "not a JSON object with an id and a text")
    name = str(record.get("origin") or f"document {number}")
    public = {key: value for key, value in record.items() if key not in _OF_THE_COMMAND_LINE}
    try:
        raw = raw_document_from_json(public, name=name, origin=UPLOAD_ORIGIN)
        return replace(
            raw,
            origin=_optional(record, "origin", name) or raw.origin,
            content_hash=_optional(record, "content_hash", name) or raw.content_hash,
        )
    except InvalidDocumentError as error:
        return Failure(name, str(error).removeprefix(f"{name}: "))


_OF_THE_COMMAND_LINE = ("origin", "content_hash")


def _optional(record: Mapping[str, object], field: str, name: str) -> str | None:
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidDocumentError(f'{name}: "{field}" is not a string')
    return value
