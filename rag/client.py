"""The engine of a running server, by HTTP: the same methods, so that commands need not care.

A server holds the index exclusively and has its models loaded; going through it is both the only
way and the quick one.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from operator import length_hint
from pathlib import Path
from typing import TypeGuard
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from rag.engine import AskedLanguage, Status
from rag.errors import RagError, ServerError
from rag.ingest.run import Progress
from rag.types import (
    Answer,
    AnswerReady,
    Document,
    Event,
    Failure,
    Filters,
    Hit,
    IngestReport,
    Language,
    Message,
    Passage,
    RawDocument,
    SourcesFound,
    TokenWritten,
)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 600.0
"""A server that still loads its models, or a slow language model, may take minutes."""

BATCH_DOCUMENTS = 64
BATCH_BYTES = 4_000_000
"""One request carries at most so much, unless one document alone is larger."""

ANY = Filters()


class _ListedDocument(BaseModel):
    id: str
    title: str
    source: str
    url: str | None
    published: date | None
    language: Language
    passage_count: int
    content_hash: str
    text: str = ""

    def to_document(self) -> Document:
        return Document(
            id=self.id,
            title=self.title,
            text=self.text,
            language=self.language,
            source=self.source,
            origin="",
            content_hash=self.content_hash,
            url=self.url,
            published=self.published,
            passage_count=self.passage_count,
        )


class _DocumentList(BaseModel):
    documents: list[_ListedDocument]


class _FoundPassage(BaseModel):
    document_id: str
    passage_id: str
    text: str
    start: int
    end: int
    title: str
    source: str
    url: str | None
    language: Language
    published: date | None
    score: float
    also_in: tuple[str, ...]

    def to_hit(self) -> Hit:
        """Return the hit; of its document, only what travels with a hit is filled in."""
        revision, _, index = self.passage_id.rpartition("@")[2].partition("#")
        passage = Passage(
            document_id=self.document_id,
            content_hash=revision,
            index=int(index),
            text=self.text,
            start=self.start,
            end=self.end,
            language=self.language,
            published=self.published,
            source=self.source,
        )
        document = Document(
            id=self.document_id,
            title=self.title,
            text="",
            language=self.language,
            source=self.source,
            origin="",
            content_hash=revision,
            url=self.url,
            published=self.published,
        )
        return Hit(passage, document, self.score, self.also_in)


class _Hits(BaseModel):
    hits: list[_FoundPassage]


class _Problems(BaseModel):
    problems: list[str]


@dataclass(slots=True)
class _Tally:
    """An ingest report in the making."""

    started: float = field(default_factory=time.monotonic)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def wants(
        self, source: RawDocument | Failure, known: dict[str, str], seen: dict[str, str]
    ) -> TypeGuard[RawDocument]:
        """Return whether a source has to be sent, and note it if not; `seen` grows."""
        if isinstance(source, Failure):
            self.failed.append(source)
            return False
        if source.id in seen:
            reason = f'its id "{source.id}" was already taken by {seen[source.id]}'
            self.failed.append(Failure(_name(source), reason))
            return False
        seen[source.id] = _name(source)
        if known.get(source.id) == source.content_hash:
            self.unchanged.append(source.id)
            return False
        return True

    def add(self, report: IngestReport) -> None:
        """Add what one request did."""
        self.added.extend(report.added)
        self.updated.extend(report.updated)
        self.unchanged.extend(report.unchanged)
        self.failed.extend(report.failed)
        self.warnings.extend(report.warnings)

    def report(self) -> IngestReport:
        """Return the whole."""
        return IngestReport(
            added=tuple(self.added),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            failed=tuple(self.failed),
            warnings=tuple(self.warnings),
            seconds=time.monotonic() - self.started,
        )


_ANSWER = TypeAdapter(Answer)
_SOURCES = TypeAdapter(SourcesFound)
_TOKEN = TypeAdapter(TokenWritten)
_REPORT = TypeAdapter(IngestReport)
_STATUS = TypeAdapter(Status)


class RemoteEngine:
    """Offers Engine's methods over HTTP; each raises what the server's engine raised.

    Every method may raise ServerError if the server at `address` does not answer.
    """

    def __init__(self, address: str) -> None:
        # A proxy that the environment names is for the world outside, not for this machine.
        self._http = httpx.Client(
            base_url=address,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
        )
        self._address = address

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        language: AskedLanguage = "auto",
        filters: Filters = ANY,
    ) -> Iterator[Event]:
        """Yield the events of an answer as the server sends them."""
        body = {
            "question": question,
            "history": [asdict(message) for message in history],
            "stream": True,
            "language": language,
            "filters": _filters_as_json(filters),
        }
        try:
            with self._http.stream("POST", "/api/chat", json=body) as response:
                if response.is_error:
                    response.read()
                    raise self._error_of(response)
                yield from self._events(response.iter_lines())
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        language: AskedLanguage = "auto",
        filters: Filters = ANY,
    ) -> Answer:
        """Return the answer that `stream` ends with."""
        for event in self.stream(question, history, language=language, filters=filters):
            if isinstance(event, AnswerReady):
                return event.answer
        raise ServerError(f"the server at {self._address} broke off its answer; ask again")

    def search(self, query: str, limit: int = 10, filters: Filters = ANY) -> list[Hit]:
        """Return at most `limit` hits for a query, best first."""
        params: list[tuple[str, str]] = [("q", query), ("limit", str(limit))]
        for name, value in _filters_as_json(filters).items():
            if isinstance(value, str):
                params.append((name, value))
        params += [("document_id", document_id) for document_id in filters.document_ids]
        found = _Hits.model_validate_json(self._call("GET", "/api/search", params=params))
        return [hit.to_hit() for hit in found.hits]

    def ingest(
        self,
        sources: Iterable[RawDocument | Failure],
        *,
        prune_roots: Sequence[Path] = (),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Send the documents that are new or changed; the report is as from an Engine."""
        total = length_hint(sources, 0) or None
        known = {listed.id: listed.content_hash for listed in self._list()}
        tally = _Tally()
        seen: dict[str, str] = {}
        done = 0
        for batch in _batches(sources):
            changed = [raw for raw in batch if tally.wants(raw, known, seen)]
            if changed:
                tally.add(self._send(changed))
            done += len(batch)
            if on_progress is not None:
                on_progress(Progress(done, max(total, done) if total else None, _name(batch[-1])))
        for root in prune_roots:
            self._prune(root, seen, tally)
        return tally.report()

    def documents(self) -> list[Document]:
        """Return all documents by id, without their texts."""
        return [listed.to_document() for listed in self._list()]

    def document(self, document_id: str) -> Document:
        """Return one document. Raises DocumentNotFoundError."""
        body = self._call("GET", _document_path(document_id))
        return _ListedDocument.model_validate_json(body).to_document()

    def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents. Raises DocumentNotFoundError, changing nothing, if one is unknown."""
        for document_id in document_ids:
            self._call("GET", _document_path(document_id))
        for document_id in document_ids:
            self._call("DELETE", _document_path(document_id))

    def check(self) -> list[str]:
        """Return what is wrong with the index, in words; nothing if it is healthy."""
        return _Problems.model_validate_json(self._call("GET", "/api/index/problems")).problems

    def repair(self) -> list[str]:
        """Put right what `check` finds and return what was done."""
        return _Problems.model_validate_json(self._call("POST", "/api/index/repair")).problems

    def status(self) -> Status:
        """Return what the server works with. Raises ServerError while it loads."""
        return _STATUS.validate_json(self._call("GET", "/readyz"))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _list(self, under: str | None = None) -> list[_ListedDocument]:
        params = [] if under is None else [("under", under)]
        body = self._call("GET", "/api/documents", params=params)
        return _DocumentList.model_validate_json(body).documents

    def _send(self, documents: Sequence[RawDocument]) -> IngestReport:
        """Post a batch; one that is refused as a whole is a failure of each of its documents."""
        body = {"documents": [_as_json(raw) for raw in documents]}
        response = self._request("POST", "/api/documents", json_body=body)
        if response.status_code == 422 and "report" in response.json():
            return _REPORT.validate_python(response.json()["report"], strict=False)
        if response.status_code == 413:
            reason = str(self._error_of(response))
            return IngestReport(failed=tuple(Failure(_name(raw), reason) for raw in documents))
        if response.is_error:
            raise self._error_of(response)
        return _REPORT.validate_json(response.content)

    def _prune(self, root: Path, seen: Iterable[str], tally: _Tally) -> None:
        """Remove what came from under the root and is gone, but nothing that was unreadable."""
        kept = set(seen)
        for failure in tally.failed:
            for path in (failure.name, re.sub(r":\d+$", "", failure.name)):
                kept.update(listed.id for listed in self._list(_absolute(path)))
        gone = [listed.id for listed in self._list(_absolute(root)) if listed.id not in kept]
        for document_id in gone:
            self._call("DELETE", _document_path(document_id))
        tally.removed.extend(gone)

    def _events(self, lines: Iterable[str]) -> Iterator[Event]:
        """Yield the events of a stream. Raises the error that it ends with, if it does."""
        name = ""
        for line in lines:
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            elif kind == "data":
                match name:
                    case "sources":
                        yield _SOURCES.validate_json(value)
                    case "token":
                        yield _TOKEN.validate_json(value)
                    case "answer":
                        yield AnswerReady(_ANSWER.validate_json(value))
                    case "error":
                        raise _error_from(json.loads(value))

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """Return the body of a successful response; raise the error of any other."""
        response = self._request(method, path, params=params)
        if response.is_error:
            raise self._error_of(response)
        return response.content

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        json_body: object = None,
    ) -> httpx.Response:
        try:
            return self._http.request(method, path, params=list(params), json=json_body)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.HTTPError) -> ServerError:
        return ServerError(
            f"the server at {self._address}, which holds the index, does not answer "
            f"({type(error).__name__}); wait for it, or stop it and run the command again"
        )

    def _error_of(self, response: httpx.Response) -> RagError:
        try:
            return _error_from(response.json())
        except ValueError:
            return ServerError(
                f"the server at {self._address} answered with status {response.status_code}"
            )


def _error_from(body: object) -> RagError:
    """Return the error that a server describes, as the class that has its code."""
    match body:
        case {"error": {"code": str(code), "message": str(message)}}:
            return _errors_by_code().get(code, ServerError)(message)
    raise ValueError("not the body of an error")


def _errors_by_code() -> dict[str, type[RagError]]:
    def with_subclasses(kind: type[RagError]) -> Iterator[type[RagError]]:
        yield kind
        for subclass in kind.__subclasses__():
            yield from with_subclasses(subclass)

    # A subclass without a code of its own comes later than the class that it has it from.
    found: dict[str, type[RagError]] = {}
    for kind in with_subclasses(RagError):
        found.setdefault(kind.code, kind)
    return found


def _batches(sources: Iterable[RawDocument | Failure]) -> Iterator[list[RawDocument | Failure]]:
    """Yield the sources in lists small enough for one request each."""
    batch: list[RawDocument | Failure] = []
    size = 0
    for source in sources:
        length = len(source.text.encode()) if isinstance(source, RawDocument) else 0
        if batch and (len(batch) == BATCH_DOCUMENTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += length
    if batch:
        yield batch


def _as_json(raw: RawDocument) -> dict[str, str | None]:
    return {
        "id": raw.id,
        "title": raw.title,
        "text": raw.text,
        "url": raw.url,
        "published": raw.published.isoformat() if raw.published else None,
        "source": raw.source,
        "origin": raw.origin,
        "content_hash": raw.content_hash,
    }


def _filters_as_json(filters: Filters) -> dict[str, str | list[str] | None]:
    return {
        "published_after": filters.published_after.isoformat() if filters.published_after else None,
        "published_before": (
            filters.published_before.isoformat() if filters.published_before else None
        ),
        "source": filters.source,
        "document_ids": list(filters.document_ids),
    }


def _document_path(document_id: str) -> str:
    """Return the path of a document; its slashes are encoded too, so that ".." stays a name."""
    return f"/api/documents/{quote(document_id, safe='')}"


def _name(source: RawDocument | Failure) -> str:
    return source.name if isinstance(source, Failure) else source.origin


def _absolute(path: Path | str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (as origins are made, links not followed)
