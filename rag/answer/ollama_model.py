"""A model that Ollama serves; the only module that imports `ollama`."""

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
    import ollama

DEFAULT_PORT = 11434
_OUT_OF_MEMORY = re.compile(
    r"memory|cudamalloc|runner process|signal: killed|unable to (?:load|allocate)", re.IGNORECASE
)
_NO_THINKING = re.compile(r"does not support thinking|think value", re.IGNORECASE)


class OllamaModel:
    """Asks one model of one Ollama server.

    Every request says how many tokens of context the server is to keep: without that, Ollama uses
    a default of its own and silently cuts longer prompts from their beginning.
    """

    def __init__(
        self,
        host: str,
        model: str,
        *,
        context_tokens: int = 8192,
        keep_alive_minutes: int = 30,
        connect_seconds: float = 3.0,
        limits: ReplyLimits | None = None,
    ) -> None:
        self._host = host
        self._model = model
        self._context_tokens = context_tokens
        self._keep_alive = f"{keep_alive_minutes}m"
        self._connect_seconds = connect_seconds
        self._limits = limits or ReplyLimits()
        self._thinks_off = True
        self._connections = contextlib.ExitStack()

    @property
    def name(self) -> str:
        """Return the name that answers show."""
        return f"ollama:{self._model}"

    def stream(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits | None = None
    ) -> Iterator[str]:
        """Yield the reply in pieces as it is written. Raises LanguageModelError."""
        within = limits or self._limits
        return within_deadlines(
            lambda: without_thoughts(self._reply(messages, within)),
            within,
            f"Ollama at {self._host}",
        )

    def available(self) -> Availability:
        """Ask which models the server has."""
        if is_silent(self._host, DEFAULT_PORT, self._connect_seconds):
            return Availability(False, self._unreachable())
        try:
            with self._translated():
                # Importing and building the client takes time; better now than in a question.
                _ = self._chat_client
                listed = self._probe_client.list()
        except LanguageModelError as error:
            return Availability(False, str(error))
        names = {entry.model for entry in listed.models if entry.model}
        wanted = self._model if ":" in self._model else f"{self._model}:latest"
        if wanted not in names and self._model not in names:
            return Availability(False, self._missing())
        return Availability(True, f"Ollama at {self._host} has the model {self._model}")

    def close(self) -> None:
        """Close the connections to the server."""
        self._connections.close()

    @cached_property
    def _probe_client(self) -> ollama.Client:
        return self._connect(read_seconds=self._connect_seconds)

    @cached_property
    def _chat_client(self) -> ollama.Client:
        # Deadlines are kept outside; this one only frees the thread of a reply given up on.
        longest = max(self._limits.first_token_seconds, self._limits.between_tokens_seconds)
        return self._connect(read_seconds=longest + 1)

    def _connect(self, read_seconds: float) -> ollama.Client:
        import httpx
        import ollama

        timeout = httpx.Timeout(read_seconds, connect=self._connect_seconds)
        # A proxy of the environment cannot reach this machine's own Ollama.
        client = ollama.Client(self._host, timeout=timeout, trust_env=not is_local(self._host))
        self._connections.enter_context(client)
        return client

    def _reply(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits
    ) -> Generator[str, None, None]:
        """Yield the pieces of a reply; an empty one for a piece of thinking."""
        import ollama

        with self._translated():
            try:
                yield from self._chat(messages, limits)
            except ollama.ResponseError as error:
                if not (self._thinks_off and _NO_THINKING.search(str(error.error))):
                    raise
                self._thinks_off = False
                yield from self._chat(messages, limits)

    def _chat(
        self, messages: Sequence[ChatMessage], limits: ReplyLimits
    ) -> Generator[str, None, None]:
        any_text = finished = False
        parts = self._chat_client.chat(
            self._model,
            [{"role": message.role, "content": message.content} for message in messages],
            stream=True,
            think=False if self._thinks_off else None,
            options={
                "num_ctx": self._context_tokens,
                "num_predict": limits.tokens,
                "temperature": 0.0,
            },
            keep_alive=self._keep_alive,
        )
        for part in parts:
            text = part.message.content or ""
            any_text = any_text or bool(text.strip())
            yield text
            if part.done:
                finished = True
                if part.done_reason == "length":
                    yield " …"
        if not finished:
            raise ModelReplyError(
                f"Ollama at {self._host} broke off in the middle of its answer; ask again, and "
                "see its log if that goes on"
            )
        if not any_text:
            raise ModelReplyError(
                f"{self._model} at {self._host} gave an empty answer; update Ollama, or choose "
                "another model with RAG_OLLAMA_MODEL"
            )

    def _unreachable(self) -> str:
        return (
            f"Ollama does not answer at {self._host}; start it with `ollama serve`, or set "
            "RAG_OLLAMA_HOST to where it runs"
        )

    def _missing(self) -> str:
        return (
            f"Ollama at {self._host} does not have the model {self._model}; fetch it with "
            f"`ollama pull {self._model}`"
        )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what `ollama` and its HTTP client raise as errors of ours."""
        import httpx
        import ollama
        from pydantic import ValidationError

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
            raise ModelUnreachableError(self._unreachable()) from error
        except httpx.TimeoutException as error:
            raise ModelTimeoutError(
                f"Ollama at {self._host} took too long; see its log, or use a smaller model"
            ) from error
        except ollama.ResponseError as error:
            raise self._refusal(error) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ModelReplyError(
                f"the connection to Ollama at {self._host} broke; ask again, and see its log if "
                "that goes on"
            ) from error
        except (json.JSONDecodeError, ValidationError, TypeError, AttributeError) as error:
            raise ModelReplyError(
                f"what answers at {self._host} does not speak Ollama's protocol; "
                "check RAG_OLLAMA_HOST"
            ) from error
        except (ValueError, httpx.InvalidURL) as error:
            raise ModelUnreachableError(
                f"RAG_OLLAMA_HOST is no address: {self._host}; write it as http://HOST:11434"
            ) from error

    def _refusal(self, error: ollama.ResponseError) -> LanguageModelError:
        said = " ".join(str(error.error).split())[:200]
        if error.status_code == 404 and "not found" in said and "model" in said:
            return ModelMissingError(self._missing())
        if _OUT_OF_MEMORY.search(said):
            return ModelOverloadedError(
                f"Ollama at {self._host} could not load {self._model} ({said}); free memory with "
                "`ollama stop` (`ollama ps` lists what is loaded), or set RAG_OLLAMA_MODEL to a "
                "smaller model"
            )
        if error.status_code in {429, 503}:
            return ModelOverloadedError(
                f"Ollama at {self._host} is busy ({said}); ask again in a moment, or raise "
                "OLLAMA_NUM_PARALLEL where it runs"
            )
        return ModelReplyError(
            f"Ollama at {self._host} refused ({error.status_code}: {said}); see its log"
        )
