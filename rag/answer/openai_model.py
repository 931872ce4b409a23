"""A model behind an OpenAI-compatible server; the only module that imports `openai`."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from rag.answer.deadlines import within_deadlines
from rag.answer.language_model import Availability, ChatMessage, ReplyLimits
from rag.answer.loopback import is_local, is_silent
from rag.answer.thoughts import without_thoughts
from rag.errors import (
    LanguageModelError,
    ModelMissingError,
    ModelOverloadedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

_TOO_LONG = re.compile(r"context length|context window|context size|too long|n_ctx", re.IGNORECASE)
_OUT_OF_MEMORY = re.compile(r"out of memory|cuda error|not enough memory", re.IGNORECASE)
_NO_KEY = "none"


class OpenAIModel:
    """Asks one model of one server that speaks OpenAI's chat protocol.

    vLLM, llama.cpp, LM Studio, `transformers serve` and others do. `api_key` is sent and never
    shown. Thinking is switched off in the way that those servers share; one that refuses the
    extra fields is asked again without them, and from then on.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        connect_seconds: float = 3.0,
        limits: ReplyLimits | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._model = model
        self._api_key = api_key
        self._connect_seconds = connect_seconds
        self._limits = limits or ReplyLimits()
        self._plain = False
        self._connections = contextlib.ExitStack()

    @property
    def name(self) -> str:
        """Return the name that answers show."""
        return f"openai:{self._model}"

    def stream(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits | None = None
    ) -> Iterator[str]:
        """Yield the reply in pieces as it is written. Raises LanguageModelError."""
        within = limits or self._limits
        return within_deadlines(
            lambda: without_thoughts(self._reply(messages, within)), within, self._server
        )

    def available(self) -> Availability:
        """Ask which models the server has; one that lists none is taken at its word."""
        if is_silent(self._base_url, 80, self._connect_seconds):
            return Availability(False, self._unreachable())
        try:
            with self._translated():
                # Importing and building the client takes a second; better now than in a question.
                _ = self._chat_client.chat.completions
                names = {entry.id for entry in self._probe_client.models.list().data}
        except ModelMissingError:
            # Servers without a list of models answer 404; asking is the only way to find out.
            names = set()
        except LanguageModelError as error:
            return Availability(False, str(error))
        if names and self._model not in names:
            return Availability(False, self._missing(sorted(names)))
        return Availability(True, f"{self._server} serves {self._model}")

    def close(self) -> None:
        """Close the connections to the server."""
        self._connections.close()

    @property
    def _server(self) -> str:
        return f"the server at {self._base_url}"

    @cached_property
    def _probe_client(self) -> openai.OpenAI:
        return self._connect(read_seconds=self._connect_seconds)

    @cached_property
    def _chat_client(self) -> openai.OpenAI:
        # Deadlines are kept outside; this one only frees the thread of a reply given up on.
        longest = max(self._limits.first_token_seconds, self._limits.between_tokens_seconds)
        return self._connect(read_seconds=longest + 1)

    def _connect(self, read_seconds: float) -> openai.OpenAI:
        import openai

        timeout = openai.Timeout(read_seconds, connect=self._connect_seconds)
        client = openai.OpenAI(
            base_url=self._base_url,
            # The client insists on a key even where the server asks for none.
            api_key=self._api_key or _NO_KEY,
            timeout=timeout,
            max_retries=0,
            # A proxy of the environment cannot reach this machine's own server.
            http_client=openai.DefaultHttpxClient(
                timeout=timeout, trust_env=not is_local(self._base_url)
            ),
        )
        return self._connections.enter_context(client)

    def _reply(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits
    ) -> Generator[str, None, None]:
        """Yield the pieces of a reply; an empty one for a piece of thinking."""
        import openai

        with self._translated():
            try:
                yield from self._read(self._ask(messages, limits, plain=self._plain))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if self._plain or _TOO_LONG.search(error.message):
                    raise
                yield from self._read(self._ask(messages, limits, plain=True))
                self._plain = True

    def _ask(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits, *, plain: bool
    ) -> openai.Stream[ChatCompletionChunk]:
        completions = self._chat_client.chat.completions
        written = [_as_param(message) for message in messages]
        if plain:
            return completions.create(
                model=self._model,
                messages=written,
                stream=True,
                max_completion_tokens=limits.tokens,
            )
        return completions.create(
            model=self._model,
            messages=written,
            stream=True,
            max_tokens=limits.tokens,
            temperature=0.0,
            extra_body={"chat_template_kwargs": {"enable_thinking": False}},
        )

    def _read(self, chunks: openai.Stream[ChatCompletionChunk]) -> Generator[str, None, None]:
        any_text = False
        finish: str | None = None
        with chunks:
            for chunk in chunks:
                for choice in chunk.choices or ():
                    text = (choice.delta.content or "") if choice.delta else ""
                    any_text = any_text or bool(text.strip())
                    finish = choice.finish_reason or finish
                    yield text
        if finish is None:
            raise ModelReplyError(
                f"{self._server} broke off in the middle of its answer; ask again, and see its "
                "log if that goes on"
            )
        if not any_text:
            raise ModelReplyError(
                f"{self._model} at {self._base_url} gave an empty answer; if it thinks before "
                "it answers, switch that off where it is served"
            )
        if finish == "length":
            yield " …"

    def _unreachable(self) -> str:
        return (
            f"{self._server} does not answer or broke the connection; start it, or set "
            "RAG_OPENAI_BASE_URL to where it runs (it ends in /v1)"
        )

    def _missing(self, names: Sequence[str] = ()) -> str:
        listed = f" (it has {', '.join(names[:5])})" if names else ""
        return (
            f"{self._server} does not have the model {self._model}{listed}; set RAG_OPENAI_MODEL "
            "to one that it serves"
        )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what `openai` raises as errors of ours."""
        import openai

        try:
            yield
        except openai.APITimeoutError as error:
            raise ModelTimeoutError(
                f"{self._server} took too long; see its log, or use a smaller model"
            ) from error
        except openai.APIStatusError as error:
            raise self._refusal(error) from error
        except openai.APIConnectionError as error:
            raise ModelUnreachableError(self._unreachable()) from error
        except openai.APIError as error:
            raise self._failure(error.message) from error
        except (
            openai.OpenAIError,
            json.JSONDecodeError,
            ValueError,
            TypeError,
            AttributeError,
        ) as error:
            raise ModelReplyError(
                f"what answers at {self._base_url} does not speak OpenAI's protocol; check "
                "RAG_OPENAI_BASE_URL (it ends in /v1)"
            ) from error

    def _refusal(self, error: openai.APIStatusError) -> LanguageModelError:
        status = error.status_code
        if status in {401, 403}:
            return ModelReplyError(
                f"{self._server} refused the key ({status}); set RAG_OPENAI_API_KEY to one that "
                "it accepts"
            )
        if status == 404:
            return ModelMissingError(self._missing())
        if status in {429, 503}:
            return ModelOverloadedError(f"{self._server} is busy ({status}); ask again in a moment")
        # FastAPI's own errors, which some servers answer with, are not of OpenAI's shape.
        body = error.body
        detail = body.get("detail") if isinstance(body, dict) else None
        return self._failure(f"{error.message} {detail}" if detail else error.message)

    def _failure(self, message: str) -> LanguageModelError:
        said = " ".join(message.split())[:200]
        if _TOO_LONG.search(said):
            return ModelReplyError(
                f"{self._server} takes no prompt of this length ({said}); set "
                "RAG_LLM_CONTEXT_TOKENS to what it was started with"
            )
        if _OUT_OF_MEMORY.search(said):
            return ModelOverloadedError(
                f"{self._server} ran out of memory ({said}); serve a smaller model, or give it "
                "fewer requests at once"
            )
        return ModelReplyError(f"{self._server} failed ({said}); see its log")


def _as_param(message: ChatMessage) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}
