"""Settings choose who answers; bad ones are told before the index is opened."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from stand_ins.ollama_server import OllamaServer

import rag.build
from rag.build import build_engine, build_model
from rag.errors import SettingsError
from rag.models.encoder import FloatArray
from rag.settings import Settings


class BlindEncoder:
    name = "blind"
    dimensions = 4

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def choose(**values: object) -> Settings:
    return Settings.model_validate({"reader": "none", **values})


def test_reader_needs_no_model() -> None:
    assert build_model(choose(answerer="reader")) is None


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "ollama:qwen3.5:4b"),
        ({"answerer": "ollama", "ollama_model": "gemma4:12b"}, "ollama:gemma4:12b"),
        ({"answerer": "openai"}, "openai:tiny"),
        ({"answerer": "auto"}, "openai:tiny"),
        ({"answerer": "ollama"}, "ollama:qwen3.5:4b"),
    ],
)
def test_settings_choose_the_model(values: dict[str, object], name: str) -> None:
    server = {"openai_base_url": "http://127.0.0.1:9/v1", "openai_model": "tiny"}
    model = build_model(choose(**(server | values if "answerer" in values else values)))
    assert model is not None
    assert model.name == name


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"answerer": "openai"}, "RAG_OPENAI_BASE_URL"),
        ({"openai_base_url": "http://127.0.0.1:9/v1"}, "RAG_OPENAI_MODEL"),
        ({"llm_context_tokens": 2048, "llm_answer_tokens": 1500}, "RAG_LLM_CONTEXT_TOKENS"),
    ],
)
def test_settings_that_cannot_work_are_told_before_the_index_is_opened(
    values: dict[str, object],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rag.build, "build_encoder", lambda _: BlindEncoder())
    with pytest.raises(SettingsError, match=told):
        build_engine(choose(index_dir=tmp_path / "index", **values))
    assert not (tmp_path / "index").exists()


def test_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = choose(
        openai_base_url="http://127.0.0.1:9/v1", openai_model="tiny", openai_api_key="sk-secret"
    )
    model = build_model(settings)
    assert "sk-secret" not in f"{settings!r} {settings} {model!r} {caplog.text}"


def test_status_tells_who_answers_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.build, "build_encoder", lambda _: BlindEncoder())
    with OllamaServer(models=["qwen3.5:4b"]) as server:
        for answerer, name, reason in (
            ("reader", "reader", "asks for quotes"),
            ("ollama", "ollama:qwen3.5:4b", "has the model qwen3.5:4b"),
        ):
            settings = choose(
                index_dir=tmp_path / answerer, answerer=answerer, ollama_host=server.host
            )
            with contextlib.closing(build_engine(settings)) as engine:
                status = engine.status()
            assert status.answerer == name
            assert reason in status.answerer_reason
