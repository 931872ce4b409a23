"""The real `openai` client against a scripted server, and against `transformers serve`."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_ins.openai_server import OpenAIServer, Rejection, Speech

from rag.answer.language_model import ChatMessage, ReplyLimits
from rag.answer.openai_model import OpenAIModel
from rag.errors import (
    LanguageModelError,
    ModelMissingError,
    ModelOverloadedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)

LIMITS = ReplyLimits(
    tokens=64, first_token_seconds=0.5, between_tokens_seconds=0.4, total_seconds=2.0
)
ASKED = [ChatMessage("system", "Jawab singkat."), ChatMessage("user", "Siapa?")]
KEY = "sk-not-for-the-log"


@pytest.fixture(scope="module", autouse=True)
def warm_client() -> None:
    """Make the client once: it builds its types at first use, which takes a second."""
    patient = ReplyLimits(first_token_seconds=20)
    with OpenAIServer() as running, contextlib.closing(ask(running.base_url)) as made:
        list(made.stream(ASKED, patient))


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def model(server: OpenAIServer) -> Iterator[OpenAIModel]:
    with contextlib.closing(ask(server.base_url)) as made:
        yield made


def ask(base_url: str, name: str = "tiny", limits: ReplyLimits = LIMITS) -> OpenAIModel:
    return OpenAIModel(base_url, name, api_key=KEY, connect_seconds=1.0, limits=limits)


def test_reply_arrives_piece_by_piece(server: OpenAIServer, model: OpenAIModel) -> None:
    server.script(Speech(("Lavrov", " bertemu", " Qureshi [1].")))
    assert list(model.stream(ASKED)) == ["Lavrov", " bertemu", " Qureshi [1]."]
    sent = server.requests[0]
    assert sent["max_tokens"] == 64
    assert sent["temperature"] == 0.0
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}


def test_server_that_refuses_extra_fields_is_asked_without_them_from_then_on(
    server: OpenAIServer, model: OpenAIModel
) -> None:
    server.strict = True
    assert "".join(model.stream(ASKED)) == "Ya."
    assert "".join(model.stream(ASKED)) == "Ya."
    assert ["chat_template_kwargs" in request for request in server.requests] == [
        True,
        False,
        False,
    ]
    assert server.requests[-1]["max_completion_tokens"] == 64


def test_thoughts_are_never_part_of_the_reply(server: OpenAIServer, model: OpenAIModel) -> None:
    server.script(Speech(("<think>", "siapa ya", "</think>", "\n\nLavrov.")))
    assert "".join(model.stream(ASKED)) == "Lavrov."


def test_reply_cut_at_its_length_ends_with_an_ellipsis(
    server: OpenAIServer, model: OpenAIModel
) -> None:
    server.script(Speech(("Ia", " lalu"), ending="length"))
    assert "".join(model.stream(ASKED)) == "Ia lalu …"


def test_key_is_sent_and_never_logged_nor_shown(
    server: OpenAIServer, model: OpenAIModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script(Rejection(401, "bad key"))
    with pytest.raises(ModelReplyError, match="RAG_OPENAI_API_KEY") as raised:
        list(model.stream(ASKED))
    assert server.keys == [f"Bearer {KEY}"]
    assert KEY not in caplog.text
    assert KEY not in str(raised.value)
    assert KEY not in repr(model)


@pytest.mark.parametrize(
    ("script", "error", "help_"),
    [
        (Rejection(404, "model not found"), ModelMissingError, "RAG_OPENAI_MODEL"),
        (Rejection(429, "slow down"), ModelOverloadedError, "ask again"),
        (Rejection(503, "loading", "html"), ModelOverloadedError, "ask again"),
        (Rejection(500, "oops"), ModelReplyError, "oops"),
        (Rejection(502, "oops", "html"), ModelReplyError, "502.*see its log"),
        (
            Rejection(400, "This model's maximum context length is 4096 tokens"),
            ModelReplyError,
            "RAG_LLM_CONTEXT_TOKENS",
        ),
        (Speech(()), ModelReplyError, "empty answer"),
        (Speech(("Ia",), ending="cut"), ModelReplyError, "broke off"),
        (Speech(("Ia",), ending="garbage"), ModelReplyError, "RAG_OPENAI_BASE_URL"),
        (Speech(("Ia",), ending="error"), ModelOverloadedError, "smaller model"),
        (Speech(("Ia",), first_delay=1.5), ModelTimeoutError, "RAG_LLM_FIRST_TOKEN_SECONDS"),
        (Speech(("Ia",), ending="stall"), ModelTimeoutError, "RAG_LLM_BETWEEN_TOKENS_SECONDS"),
    ],
)
def test_every_fault_becomes_an_error_that_says_what_helps(
    server: OpenAIServer,
    model: OpenAIModel,
    script: Speech | Rejection,
    error: type[LanguageModelError],
    help_: str,
) -> None:
    server.script(script)
    started = time.monotonic()
    with pytest.raises(error, match=help_):
        list(model.stream(ASKED))
    assert time.monotonic() - started < 1.5


def test_available_tells_what_the_server_has(server: OpenAIServer, model: OpenAIModel) -> None:
    assert model.available().ok
    server.models = ["other"]
    found = model.available()
    assert not found.ok
    assert "it has other" in found.reason


def test_server_without_a_list_of_models_is_taken_at_its_word(
    server: OpenAIServer, model: OpenAIModel
) -> None:
    server.models = None
    assert model.available().ok
    server.models = []
    assert model.available().ok


def test_server_that_is_down_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with contextlib.closing(ask(url)) as model:
        found = model.available()
        assert not found.ok
        assert url in found.reason
        with pytest.raises(ModelUnreachableError):
            list(model.stream(ASKED))


@pytest.mark.skipif(
    importlib.util.find_spec("accelerate") is None,
    reason="`transformers serve` needs accelerate, which is not installed",
)
def test_transformers_serve_drives_the_whole_path(tmp_path: Path) -> None:
    made = make_tiny_model(tmp_path / "model")
    with serve_with_transformers(made, tmp_path) as base_url:
        limits = ReplyLimits(tokens=8, first_token_seconds=60, total_seconds=90)
        with contextlib.closing(ask(base_url, str(made), limits)) as model:
            assert model.available().ok
            reply = "".join(model.stream(ASKED))
        assert reply.strip()
        with (
            contextlib.closing(ask(base_url, "another", limits)) as other,
            pytest.raises(LanguageModelError, match="another"),
        ):
            list(other.stream(ASKED))


def make_tiny_model(folder: Path) -> Path:
    """Write a model of one layer with random weights, and a tokenizer of single letters."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    visible = [chr(code) for code in range(33, 127)]
    letters = ["<s>", "</s>", "Ġ", *visible]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    wrapped.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    torch.manual_seed(4)
    config = LlamaConfig(
        vocab_size=len(letters),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=512,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    wrapped.save_pretrained(folder)
    return folder


@contextlib.contextmanager
def serve_with_transformers(model: Path, scratch: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cache = scratch / "cache"
    (cache / "hub").mkdir(parents=True)
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(cache)}
    command = [
        *(str(Path(sys.executable).parent / "transformers"), "serve", str(model)),
        *("--host", "127.0.0.1", "--port", str(port), "--device", "cpu"),
    ]
    with (scratch / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for_port(port, process, seconds=60)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)
    pytest.fail("the server did not open its port")
