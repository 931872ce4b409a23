"""Answers in OpenAI's wire format: whole, or as a stream of chunks.

Only a checked answer is sent, also in a stream: what has been sent in this format cannot be taken
back, and citations are numbered when the whole answer is known. Until then the stream shows signs
of life.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from urllib.parse import quote

from rag.answer.prompt import estimate_tokens
from rag.answer.wording import in_words, shorten
from rag.errors import RagError
from rag.serve.chat import with_signs_of_life
from rag.serve.errors import unexpected_error_body
from rag.serve.openai_shapes import MODEL, CompletionRequest, error_of, openai_error
from rag.types import Answer, AnswerReady, Citation, Event

PIECE_WORDS = 6
"""How many words of an answer each chunk of a stream carries."""

_MARKER = re.compile(r"\[(\d+)\]")
_HEADINGS = {"id": "Sumber", "en": "Sources"}


class Completion:
    """One answer as OpenAI's protocol has it; `base_url` is where documents without URL are."""

    def __init__(self, asked: CompletionRequest, base_url: str) -> None:
        self._asked = asked
        self._base_url = base_url
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self, answer: Answer) -> dict[str, object]:
        """Return the body of an answer that is not streamed."""
        content = with_source_list(answer)
        message = {
            "role": "assistant",
            "content": content,
            "refusal": None,
            "annotations": find_annotations(answer, self._base_url),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._envelope("chat.completion", [choice]) | {
            "usage": self._usage(content),
            "warnings": list(answer.warnings),
        }

    async def stream(self, first: Event, rest: AsyncGenerator[Event, None]) -> AsyncIterator[str]:
        """Yield the server-sent events of an answer: its text in pieces, then its annotations."""
        try:
            yield self._chunk({"role": "assistant", "content": ""})
            last = first
            async for event in with_signs_of_life(rest):
                if event is None:
                    yield ": still working\n\n"
                else:
                    last = event
            assert isinstance(last, AnswerReady)
            content = with_source_list(last.answer)
            for piece in in_pieces(content):
                yield self._chunk({"content": piece})
            yield self._chunk({"annotations": find_annotations(last.answer, self._base_url)})
            yield self._chunk({}, finish_reason="stop")
            if self._asked.stream_options and self._asked.stream_options.include_usage:
                body = self._envelope("chat.completion.chunk", [])
                yield _event(body | {"usage": self._usage(content)})
        except RagError as error:
            yield _event(openai_error(error))
        except Exception as error:  # noqa: BLE001 - the status is sent, so the stream must tell
            told = unexpected_error_body(error)["error"]
            yield _event(error_of(told["message"], "server_error", told["code"]))
        finally:
            await rest.aclose()
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, object], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event(self._envelope("chat.completion.chunk", [choice]))

    def _envelope(self, kind: str, choices: list[dict[str, object]]) -> dict[str, object]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": MODEL,
            "choices": choices,
        }

    def _usage(self, content: str) -> dict[str, int]:
        read = sum(estimate_tokens(turn.text()) for turn in self._asked.messages)
        written = estimate_tokens(content)
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        }


def with_source_list(answer: Answer) -> str:
    """Return an answer's text with its warnings, and its sources as people read them."""
    parts = [answer.answer, *(f"⚠ {warning}" for warning in answer.warnings)]
    if answer.citations:
        lines = "\n".join(_source(citation, answer) for citation in answer.citations)
        parts.append(f"{_HEADINGS[answer.language]}:\n{lines}")
    return "\n\n".join(parts)


def find_annotations(answer: Answer, base_url: str) -> list[dict[str, object]]:
    """Return an annotation for each [n] of an answer's text, in order.

    `start_index` and `end_index` are half-open and into the message's content. Beside OpenAI's
    fields each has the document's id, the quote, and where it stands in the document's text.
    """
    cited = {citation.number: citation for citation in answer.citations}
    found: list[dict[str, object]] = []
    for match in _MARKER.finditer(answer.answer):
        citation = cited.get(int(match[1]))
        if citation is None:
            continue
        where = citation.url or f"{base_url}api/documents/{quote(citation.document_id)}"
        found.append(
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": match.start(),
                    "end_index": match.end(),
                    "title": citation.title,
                    "url": where,
                    "document_id": citation.document_id,
                    "quote": citation.quote,
                    "quote_start": citation.start,
                    "quote_end": citation.end,
                    "published": str(citation.published) if citation.published else None,
                },
            }
        )
    return found


def in_pieces(content: str) -> Iterator[str]:
    """Yield a text in pieces of a few words that join to it."""
    words = re.findall(r"\s*\S+\s*", content) or [content]
    for start in range(0, len(words), PIECE_WORDS):
        yield "".join(words[start : start + PIECE_WORDS])


def _source(citation: Citation, answer: Answer) -> str:
    day = f", {in_words(citation.published, answer.language)}" if citation.published else ""
    url = f" <{citation.url}>" if citation.url else ""
    words = " ".join(citation.quote.split())
    return (
        f"[{citation.number}] {citation.title} — {citation.source}{day}{url}: "
        f"“{shorten(words, 200)}”"
    )


def _event(body: dict[str, object]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
