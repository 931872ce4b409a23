"""The official `openai` client uses the program as a model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from rag.errors import ModelTimeoutError
from rag.types import (
    Answer,
    AnswerReady,
    Citation,
    Event,
    Message,
    Sentence,
    SourcesFound,
    TokenWritten,
)

from .conftest import ScriptedEngine, ServeEngine

ARTICLE = "Lavrov bertemu Qureshi di Islamabad. Larijani tiba pada Selasa."
USER: ChatCompletionMessageParam = {"role": "user", "content": "Siapa yang ditemui Lavrov?"}


def cited_answer(question: str) -> Iterator[Event]:
    def cite(number: int, start: int, end: int, url: str | None) -> Citation:
        return Citation(
            number=number,
            document_id="berita/lavrov",
            title="Pertemuan",
            source="contoh.id",
            url=url,
            published=date(2021, 4, 8),
            quote=ARTICLE[start:end],
            start=start,
            end=end,
        )

    yield SourcesFound(())
    yield TokenWritten("Yang belum diperiksa [2].")
    yield AnswerReady(
        Answer(
            answer="Lavrov bertemu Qureshi. [1]\nLarijani tiba pada Selasa. [2][1]",
            language="id",
            abstained=False,
            answerer="reader",
            sentences=(
                Sentence("Lavrov bertemu Qureshi.", (1,), "supported"),
                Sentence("Larijani tiba pada Selasa.", (2, 1), "supported"),
            ),
            citations=(
                cite(1, 0, 36, "https://contoh.id/lavrov"),
                cite(2, 37, 63, None),
            ),
            warnings=("Dua kutipan tidak dipakai.",),
        )
    )


@pytest.fixture
def connect(serve_engine: ServeEngine) -> Iterator[Callable[[ScriptedEngine], openai.OpenAI]]:
    clients: list[openai.OpenAI] = []

    def serve(engine: ScriptedEngine) -> openai.OpenAI:
        client = openai.OpenAI(
            base_url=str(serve_engine(engine).base_url.join("/v1")),
            api_key="any",
            max_retries=0,
            http_client=openai.DefaultHttpxClient(trust_env=False),
        )
        clients.append(client)
        return client

    yield serve
    for client in clients:
        client.close()


Connect = Callable[[ScriptedEngine], openai.OpenAI]


def test_program_lists_itself_as_a_model(connect: Connect) -> None:
    client = connect(ScriptedEngine())
    assert [model.id for model in client.models.list()] == ["rag"]
    assert client.models.retrieve("rag").owned_by == "rag"
    with pytest.raises(openai.NotFoundError, match="the only one is `rag`"):
        client.models.retrieve("gpt-9")


def test_answer_comes_with_citations_source_list_annotations_and_usage(connect: Connect) -> None:
    client = connect(ScriptedEngine(cited_answer))
    completion = client.chat.completions.create(model="rag", messages=[USER])
    choice = completion.choices[0]
    content = choice.message.content or ""
    assert choice.finish_reason == "stop"
    assert content.startswith("Lavrov bertemu Qureshi. [1]\nLarijani tiba pada Selasa. [2][1]")
    assert "⚠ Dua kutipan tidak dipakai." in content
    assert "Sumber:\n[1] Pertemuan — contoh.id, 8 April 2021 <https://contoh.id/lavrov>" in content
    assert "[2] Pertemuan — contoh.id, 8 April 2021: “Larijani tiba pada Selasa.”" in content
    cited = [a.url_citation for a in choice.message.annotations or ()]
    assert [content[c.start_index : c.end_index] for c in cited] == ["[1]", "[2]", "[1]"]
    assert cited[0].url == "https://contoh.id/lavrov"
    assert cited[1].url.endswith("/api/documents/berita/lavrov")
    extra = cited[1].model_extra or {}
    assert extra["quote"] == ARTICLE[extra["quote_start"] : extra["quote_end"]]
    assert completion.usage is not None
    assert completion.usage.total_tokens > completion.usage.completion_tokens > 0


def test_stream_joins_to_the_same_answer_and_holds_nothing_unchecked(connect: Connect) -> None:
    client = connect(ScriptedEngine(cited_answer))
    whole = client.chat.completions.create(model="rag", messages=[USER])
    chunks = list(
        client.chat.completions.create(
            model="rag", messages=[USER], stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert len([delta for delta in deltas if delta.content]) > 3
    assert deltas[0].role == "assistant"
    cited = [a for delta in deltas for a in (delta.model_extra or {}).get("annotations", ())]
    assert len(cited) == 3
    finished = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert finished[-1] == "stop"
    assert set(finished[:-1]) == {None}
    assert chunks[-1].usage == whole.usage


def test_usage_is_left_out_of_a_stream_unless_asked_for(connect: Connect) -> None:
    client = connect(ScriptedEngine(cited_answer))
    stream = client.chat.completions.create(model="rag", messages=[USER], stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in stream)


class WishfulEngine(ScriptedEngine):
    """Remembers what was wished for."""

    wishes: tuple[str, ...] = ()

    def stream(
        self, question: str, history: Sequence[Message] = (), wishes: str = "", **_: object
    ) -> Iterator[Event]:
        self.wishes = (*self.wishes, wishes)
        return super().stream(question, history)


def test_conversation_becomes_question_history_and_wishes(connect: Connect) -> None:
    engine = WishfulEngine(cited_answer)
    client = connect(engine)
    first = client.chat.completions.create(model="rag", messages=[USER])
    client.chat.completions.create(
        model="rag",
        messages=[
            {"role": "system", "content": "Jawab formal."},
            USER,
            {"role": "assistant", "content": first.choices[0].message.content},
            {"role": "user", "content": [{"type": "text", "text": "Kapan itu?"}]},
        ],
        temperature=0.2,
        user="seseorang",
    )
    history = engine.histories[-1]
    assert [message.role for message in history] == ["user", "assistant"]
    assert "Sumber:" not in history[1].content
    assert history[1].content.startswith("Lavrov bertemu Qureshi. [1]")
    assert engine.wishes[-1] == "Jawab formal."


def test_abstention_is_an_answer_without_sources(connect: Connect) -> None:
    client = connect(ScriptedEngine())
    completion = client.chat.completions.create(model="rag", messages=[USER])
    assert completion.choices[0].message.content == USER["content"]
    assert completion.choices[0].message.annotations == []


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([{"role": "assistant", "content": "Ya."}], "the last message must be the user's"),
        ([{"role": "user", "content": ""}], "the question is empty"),
        ([], "messages"),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
            "only text can be read",
        ),
        ([{"role": "wizard", "content": "Hai"}], "messages.0.role"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_bad_requests_are_explained_in_openais_shape(
    connect: Connect, messages: list[ChatCompletionMessageParam], told: str, stream: bool
) -> None:
    client = connect(ScriptedEngine())
    with pytest.raises(openai.BadRequestError, match=told) as raised:
        client.chat.completions.create(model="rag", messages=messages, stream=stream)
    body = raised.value.body
    assert isinstance(body, dict)
    assert set(body) == {"message", "type", "param", "code"}
    assert body["type"] == "invalid_request_error"


def test_unknown_model_is_refused(connect: Connect) -> None:
    client = connect(ScriptedEngine())
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="gpt-9", messages=[USER])
    assert raised.value.code == "model_not_found"


def test_body_that_is_no_json_is_refused(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())
    response = client.post(
        "/v1/chat/completions", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def late_failure(question: str) -> Iterator[Event]:
    yield SourcesFound(())
    raise ModelTimeoutError("the model gave no first word in 2 seconds")


def early_failure(question: str) -> Iterator[Event]:
    raise ModelTimeoutError("the model gave no first word in 2 seconds")
    yield SourcesFound(())


def test_failure_before_the_stream_has_its_status(connect: Connect) -> None:
    client = connect(ScriptedEngine(early_failure))
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError, match="no first word") as raised:
            client.chat.completions.create(model="rag", messages=[USER], stream=stream)
        assert raised.value.status_code == 504


def test_failure_within_the_stream_is_told_by_an_event(connect: Connect) -> None:
    client = connect(ScriptedEngine(late_failure))
    with pytest.raises(openai.InternalServerError, match="no first word"):
        client.chat.completions.create(model="rag", messages=[USER])
    with pytest.raises(openai.APIError, match="no first word"):
        list(client.chat.completions.create(model="rag", messages=[USER], stream=True))


def test_programming_error_within_the_stream_is_told_without_its_words(connect: Connect) -> None:
    def broken(question: str) -> Iterator[Event]:
        yield SourcesFound(())
        raise ValueError(question)

    client = connect(ScriptedEngine(broken))
    with pytest.raises(openai.APIError, match="its log says where") as raised:
        list(client.chat.completions.create(model="rag", messages=[USER], stream=True))
    assert "Lavrov" not in str(raised.value)


def test_silent_stream_shows_signs_of_life(
    serve_engine: ServeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.serve.chat.SILENCE_SECONDS", 0.05)

    def slow(question: str) -> Iterator[Event]:
        yield SourcesFound(())
        time.sleep(0.3)
        yield from cited_answer(question)

    client: httpx.Client = serve_engine(ScriptedEngine(slow))
    body = {"model": "rag", "messages": [USER], "stream": True}
    text = client.post("/v1/chat/completions", json=body).text
    assert text.count(": still working") >= 2
    assert text.endswith("data: [DONE]\n\n")
