"""The real `ollama` client against a stand-in that speaks Ollama's protocol."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from stand_ins.ollama_server import (
    NOT_JSON,
    OUT_OF_MEMORY,
    OllamaServer,
    Refusal,
    Reply,
)

from rag.answer.language_model import ChatMessage, ReplyLimits
from rag.answer.ollama_model import OllamaModel
from rag.errors import (
    LanguageModelError,
    ModelMissingError,
    ModelOverloadedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)

MODEL = "gemma3:4b"
LIMITS = ReplyLimits(
    tokens=64, first_token_seconds=0.4, between_tokens_seconds=0.3, total_seconds=1.0
)
ASKED = [ChatMessage("system", "Jawab singkat."), ChatMessage("user", "Siapa?")]


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(models=[MODEL]) as running:
        yield running


@pytest.fixture
def model(server: OllamaServer) -> Iterator[OllamaModel]:
    with contextlib.closing(ask(server.host)) as made:
        yield made


def ask(host: str, name: str = MODEL) -> OllamaModel:
    return OllamaModel(host, name, connect_seconds=1.0, limits=LIMITS)


def test_reply_arrives_piece_by_piece(server: OllamaServer, model: OllamaModel) -> None:
    server.script(Reply(["Lavrov", " bertemu", " Qureshi", " [1]."], delay=0.02))
    assert list(model.stream(ASKED)) == ["Lavrov", " bertemu", " Qureshi", " [1]."]


def test_request_states_context_length_keep_alive_and_no_thinking(
    server: OllamaServer, model: OllamaModel
) -> None:
    list(model.stream(ASKED))
    sent = server.requests[0]
    assert sent["options"] == {"num_ctx": 8192, "num_predict": 64, "temperature": 0.0}
    assert sent["keep_alive"] == "30m"
    assert sent["think"] is False
    assert sent["messages"] == [
        {"role": "system", "content": "Jawab singkat."},
        {"role": "user", "content": "Siapa?"},
    ]


def test_model_whose_server_refuses_the_thinking_switch_is_asked_without_it(
    server: OllamaServer, model: OllamaModel
) -> None:
    server.script(Refusal(400, f'"{MODEL}" does not support thinking'), Reply(["Ya."]))
    assert "".join(model.stream(ASKED)) == "Ya."
    list(model.stream(ASKED))
    assert ["think" in request for request in server.requests] == [True, False, False]


def test_thinking_is_never_part_of_the_reply(server: OllamaServer, model: OllamaModel) -> None:
    server.script(
        Reply(["Ya."], thinking=["Hmm", "..."]),
        Reply(["<thi", "nk>\nhmm, siapa", "</think>\n\nQureshi", "."]),
        Reply(["<think>", "\n\n", "</think>", "\n\n", "Lavrov."]),
    )
    assert "".join(model.stream(ASKED)) == "Ya."
    assert "".join(model.stream(ASKED)) == "Qureshi."
    assert "".join(model.stream(ASKED)) == "Lavrov."


def test_reply_cut_at_its_length_ends_with_an_ellipsis(
    server: OllamaServer, model: OllamaModel
) -> None:
    server.script(Reply(["Ia", " lalu"], ending="length"))
    assert "".join(model.stream(ASKED)) == "Ia lalu …"


def test_available_tells_that_the_model_is_there(server: OllamaServer, model: OllamaModel) -> None:
    assert model.available().ok
    server.models = ["llama3:latest"]
    with contextlib.closing(ask(server.host, "llama3")) as other:
        assert other.available().ok


def test_available_names_the_command_that_fetches_a_missing_model(
    server: OllamaServer, model: OllamaModel
) -> None:
    server.models = ["mistral:7b"]
    found = model.available()
    assert not found.ok
    assert f"`ollama pull {MODEL}`" in found.reason


def test_available_names_the_command_that_starts_a_server_that_is_down(
    server: OllamaServer, model: OllamaModel
) -> None:
    server.stop()
    started = time.monotonic()
    found = model.available()
    assert not found.ok
    assert "`ollama serve`" in found.reason
    assert time.monotonic() - started < 1.5


def test_available_survives_another_program_at_the_address(server: OllamaServer) -> None:
    with contextlib.closing(ask(f"{server.host}/elsewhere")) as model:
        found = model.available()
    assert not found.ok
    assert "refused (404" in found.reason


def test_bad_address_is_named() -> None:
    found = ask("http://127.0.0.1:port").available()
    assert not found.ok
    assert "RAG_OLLAMA_HOST" in found.reason


@pytest.mark.parametrize(
    ("script", "error", "help_"),
    [
        (Refusal(404, f"model '{MODEL}' not found"), ModelMissingError, f"ollama pull {MODEL}"),
        (OUT_OF_MEMORY, ModelOverloadedError, "RAG_OLLAMA_MODEL"),
        (Refusal(503, "server busy, please try again"), ModelOverloadedError, "ask again"),
        (Refusal(500, "something broke"), ModelReplyError, "something broke"),
        (NOT_JSON, ModelReplyError, "RAG_OLLAMA_HOST"),
        (Reply([], ending="done"), ModelReplyError, "empty answer"),
        (Reply(["Ia", " ber"], ending="cut"), ModelReplyError, "broke"),
        (Reply(["Ia", " ber"], ending="no_done"), ModelReplyError, "broke off"),
        (Reply(["Ia"], ending="garbage"), ModelReplyError, "protocol"),
        (Reply(["Ia"], ending="error"), ModelOverloadedError, "smaller model"),
        (Reply(["Ia"], first_delay=2), ModelTimeoutError, "RAG_LLM_FIRST_TOKEN_SECONDS"),
        (Reply(["Ia"], ending="stall"), ModelTimeoutError, "RAG_LLM_BETWEEN_TOKENS_SECONDS"),
        (Reply(["la "] * 99, delay=0.05), ModelTimeoutError, "RAG_LLM_TOTAL_SECONDS"),
    ],
)
def test_every_fault_becomes_an_error_that_says_what_helps(
    server: OllamaServer,
    model: OllamaModel,
    script: Reply | Refusal,
    error: type[LanguageModelError],
    help_: str,
) -> None:
    server.script(script)
    started = time.monotonic()
    with pytest.raises(error, match=help_):
        list(model.stream(ASKED))
    assert time.monotonic() - started < 1.6


def test_server_that_comes_back_is_used_again(server: OllamaServer, model: OllamaModel) -> None:
    assert "".join(model.stream(ASKED)) == "Halo dunia."
    server.stop()
    with pytest.raises(ModelUnreachableError):
        list(model.stream(ASKED))
    assert not model.available().ok
    server.start()
    assert model.available().ok
    assert "".join(model.stream(ASKED)) == "Halo dunia."


def test_leaving_early_ends_the_reply_on_the_server(
    server: OllamaServer, model: OllamaModel
) -> None:
    server.script(Reply(["la "] * 500, delay=0.01))
    reply = model.stream(ASKED)
    next(reply)
    reply.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 2
    while server.gone == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.gone == 1


def test_name_says_who_writes(model: OllamaModel) -> None:
    assert model.name == f"ollama:{MODEL}"
