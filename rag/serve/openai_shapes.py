"""What clients of OpenAI's protocol send, and the errors they can show."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.errors import InvalidQuestionError, RagError
from rag.serve.schemas import ChatMessage, ChatRequest, Text

MODEL = "rag"
MOST_WISHES_CHARACTERS = 2000
"""System messages are cut here: they may say how an answer reads, and nothing else."""

_SOURCE_LIST = re.compile(r"\n\n(?:Sumber|Sources):\n\[1\].*\Z", re.DOTALL)


class ContentPart(BaseModel):
    """A part of a message; only text can be read."""

    type: str
    text: Text = ""


class CompletionMessage(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[ContentPart] | None = None

    def text(self) -> str:
        """Return what the message says. Raises InvalidQuestionError for pictures and the like."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        for part in self.content:
            if part.type not in {"text", "input_text"}:
                raise InvalidQuestionError(
                    f"a message has a part of type `{part.type}`; only text can be read"
                )
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """What a stream ends with."""

    include_usage: bool = False


class CompletionRequest(BaseModel):
    """A conversation that ends with a question; OpenAI's other fields are taken and not used."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "Siapa yang ditemui menteri itu?"}],
                }
            ]
        }
    )
    model: str
    messages: list[CompletionMessage] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None

    def question(self) -> ChatRequest:
        """Return the last message as a question, with what was said before as its history."""
        *earlier, last = self.messages
        if last.role != "user":
            raise InvalidQuestionError("the last message must be the user's: it is the question")
        history = [
            ChatMessage(role=turn.role, content=without_source_list(turn.text()))
            for turn in earlier
            if turn.role in ("user", "assistant")
        ]
        return ChatRequest(question=last.text(), history=history)

    def wishes(self) -> str:
        """Return what the system messages say."""
        told = [turn.text() for turn in self.messages if turn.role in {"system", "developer"}]
        return "\n".join(told)[:MOST_WISHES_CHARACTERS]


def without_source_list(said: str) -> str:
    """Return an earlier answer without the list of sources that this program put at its end."""
    return _SOURCE_LIST.sub("", said)


def error_of(
    message: str, kind: str, code: str | None, parameter: str | None = None
) -> dict[str, object]:
    """Return the body of an error."""
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def openai_error(error: RagError) -> dict[str, object]:
    """Return the body that tells of an error of ours."""
    kind = "invalid_request_error" if error.http_status < 500 else "server_error"
    return error_of(str(error), kind, error.code)
