"""The engine of a running server, by HTTP: the same methods, so that commands need not care.

A server holds the index exclusively and has its models loaded; going through it is both the only
way and the quick one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from operator import length_hint
from pathlib import Path
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from rag.client.sending import Tally, batches, name_of
from rag.client.wire import (
    DocumentList,
    Hits,
    ListedDocument,
    Problems,
    document_as_json,
    error_from,
    filters_as_json,
)
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
    Message,
    RawDocument,
    SourcesFound,
    TokenWritten,
)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 600.0
"""A server that still loads its models, or a slow language model, may take minutes."""

ANY = Filters()

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
            "filters": filters_as_json(filters),
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
        for name, value in filters_as_json(filters).items():
            if isinstance(value, str):
                params.append((name, value))
        params += [("document_id", document_id) for document_id in filters.document_ids]
        found = Hits.model_validate_json(self._call("GET", "/api/search", params=params))
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
        tally = Tally()
        seen: dict[str, str] = {}
        done = 0
        for batch in batches(sources):
            changed = [raw for raw in batch if tally.wants(raw, known, seen)]
            if changed:
                tally.add(self._send(changed))
            done += len(batch)
            if on_progress is not None:
                on_progress(Progress(done, max(total, done) if total else None, name_of(batch[-1])))
        for root in prune_roots:
            self._prune(root, seen, tally)
        return tally.report()

    def documents(self) -> list[Document]:
        """Return all documents by id, without their texts."""
        return [listed.to_document() for listed in self._list()]

    def document(self, document_id: str) -> Document:
        """Return one document. Raises DocumentNotFoundError."""
        body = self._call("GET", _document_path(document_id))
        return ListedDocument.model_validate_json(body).to_document()

    def delete(self, document_ids: Sequence[str]) -> None:
        """Remove documents. Raises DocumentNotFoundError, changing nothing, if one is unknown."""
        for document_id in document_ids:
            self._call("GET", _document_path(document_id))
        for document_id in document_ids:
            self._call("DELETE", _document_path(document_id))

    def check(self) -> list[str]:
        """Return what is wrong with the index, in words; nothing if it is healthy."""
        return Problems.model_validate_json(self._call("GET", "/api/index/problems")).problems

    def repair(self) -> list[str]:
        """Put right what `check` finds and return what was done."""
        return Problems.model_validate_json(self._call("POST", "/api/index/repair")).problems

    def status(self) -> Status:
        """Return what the server works with. Raises ServerError while it loads."""
        return _STATUS.validate_json(self._call("GET", "/readyz"))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _list(self, under: str | None = None) -> list[ListedDocument]:
        params = [] if under is None else [("under", under)]
        body = self._call("GET", "/api/documents", params=params)
        return DocumentList.model_validate_json(body).documents

    def _send(self, documents: Sequence[RawDocument]) -> IngestReport:
        """Post a batch; one that is refused as a whole is a failure of each of its documents."""
        body = {"documents": [document_as_json(raw) for raw in documents]}
        response = self._request("POST", "/api/documents", json_body=body)
        if response.status_code == 422 and "report" in response.json():
            return _REPORT.validate_python(response.json()["report"], strict=False)
        if response.status_code == 413:
            reason = str(self._error_of(response))
            return IngestReport(failed=tuple(Failure(name_of(raw), reason) for raw in documents))
        if response.is_error:
            raise self._error_of(response)
        return _REPORT.validate_json(response.content)

    def _prune(self, root: Path, seen: Iterable[str], tally: Tally) -> None:
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
                        raise error_from(json.loads(value))

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
            return error_from(response.json())
        except ValueError:
            return ServerError(
                f"the server at {self._address} answered with status {response.status_code}"
            )


def _document_path(document_id: str) -> str:
    """Return the path of a document; its slashes are encoded too, so that ".." stays a name."""
    return f"/api/documents/{quote(document_id, safe='')}"


def _absolute(path: Path | str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (as origins are made, links not followed)
