from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from rag.errors import EncoderError
from rag.types import AnswerReady, Event, Message, SourcesFound, TokenWritten

from .conftest import ScriptedEngine, ServeEngine, plain_answer


def events_of(text: str) -> list[tuple[str, object]]:
    """The (name, data) of each server-sent event."""
    frames = [frame.split("\n") for frame in text.strip().split("\n\n")]
    return [
        (frame[0].removeprefix("event: "), json.loads(frame[1].removeprefix("data: ")))
        for frame in frames
    ]


def test_answer_as_json(serve_engine: ServeEngine) -> None:
    response = serve_engine(ScriptedEngine()).post("/api/chat", json={"question": "Siapa?"})

    assert response.status_code == 200
    assert response.json()["answer"] == "Siapa?"
    assert response.json()["answerer"] == "reader"


def test_stream_ends_with_the_answer(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())
    response = client.post("/api/chat", json={"question": "Siapa?", "stream": True})

    assert response.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events_of(response.text)] == ["sources", "token", "answer"]
    assert events_of(response.text)[1] == ("token", {"text": "Kata"})


def test_history_reaches_the_engine(serve_engine: ServeEngine) -> None:
    engine = ScriptedEngine()
    history = [{"role": "user", "content": "Siapa?"}, {"role": "assistant", "content": "Ia."}]
    serve_engine(engine).post("/api/chat", json={"question": "Kapan?", "history": history})

    assert engine.histories == [(Message("user", "Siapa?"), Message("assistant", "Ia."))]


def test_question_that_comes_while_models_load_waits(serve_engine: ServeEngine) -> None:
    may_load = threading.Event()

    def load() -> ScriptedEngine:
        may_load.wait(10)
        return ScriptedEngine()

    client = serve_engine(load)
    assert client.get("/healthz").json() == {"status": "ok"}
    loading = client.get("/readyz")
    assert (loading.status_code, loading.json()) == (503, {"status": "loading"})
    threading.Timer(0.2, may_load.set).start()

    assert client.post("/api/chat", json={"question": "Siapa?"}).status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["documents"] == 2
    assert ready.json()["answerer_reason"] == "because"


@pytest.mark.parametrize("stream", [False, True])
def test_early_failure_has_its_status_in_a_stream_too(
    serve_engine: ServeEngine, stream: bool
) -> None:
    client = serve_engine(ScriptedEngine())
    response = client.post("/api/chat", json={"question": "", "stream": stream})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_question"


def test_late_failure_is_the_last_event(serve_engine: ServeEngine) -> None:
    def failing(question: str) -> Iterator[Event]:
        yield TokenWritten("Kata")
        raise EncoderError("the encoder is gone; start again")

    client = serve_engine(ScriptedEngine(failing))
    response = client.post("/api/chat", json={"question": "Siapa?", "stream": True})

    assert events_of(response.text)[-1] == (
        "error",
        {"error": {"code": "encoder_unavailable", "message": "the encoder is gone; start again"}},
    )


@pytest.mark.parametrize("stream", [False, True])
def test_programming_error_is_answered_and_logged_without_the_question(
    serve_engine: ServeEngine, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(question: str) -> Iterator[Event]:
        if stream:
            yield SourcesFound(())
        raise ValueError(f"cannot handle {question}")

    client = serve_engine(ScriptedEngine(broken))
    with caplog.at_level(logging.DEBUG):
        response = client.post("/api/chat", json={"question": "RAHASIA", "stream": stream})

    shown = events_of(response.text)[-1][1] if stream else response.json()
    assert shown["error"]["code"] == "internal_error"
    assert response.status_code == (200 if stream else 500)
    assert "ValueError" in caplog.text
    assert "RAHASIA" not in caplog.text + response.text


def test_leaving_client_stops_the_answer(serve_engine: ServeEngine) -> None:
    stopped = threading.Event()

    def endless(question: str) -> Iterator[Event]:
        try:
            while True:
                yield TokenWritten("lagi ")
                time.sleep(0.01)
        finally:
            stopped.set()

    client = serve_engine(ScriptedEngine(endless))
    body = {"question": "Siapa?", "stream": True}
    with client.stream("POST", "/api/chat", json=body) as response:
        next(response.iter_lines())

    assert stopped.wait(5)
    assert 'rag_questions_total{outcome="cancelled"} 1.0' in client.get("/metrics").text


def test_metrics_count_questions_by_outcome_and_hold_no_words(serve_engine: ServeEngine) -> None:
    def abstaining(question: str) -> Iterator[Event]:
        for event in plain_answer(question):
            if isinstance(event, AnswerReady):
                answer = event.answer
                yield AnswerReady(type(answer)("?", "id", abstained=True, answerer="reader"))
            else:
                yield event

    client = serve_engine(ScriptedEngine(abstaining))
    client.post("/api/chat", json={"question": "RAHASIA"})
    client.post("/api/chat", json={"question": ""})
    metrics = client.get("/metrics").text

    assert 'rag_questions_total{outcome="abstained"} 1.0' in metrics
    assert 'rag_questions_total{outcome="failed"} 1.0' in metrics
    assert "rag_question_seconds_count 2.0" in metrics
    assert "rag_documents 2.0" in metrics
    assert "RAHASIA" not in metrics


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": 7}, "question"),
        ({"question": "x", "language": "fr"}, "language"),
        ({"question": "x", "histori": []}, "histori"),
        ({"question": "x", "history": [{"role": "king", "content": ""}]}, "history.0.role"),
        ({"question": "x", "filters": {"published_after": "soon"}}, "filters.published_after"),
        ({"question": "\ud800"}, "question"),
    ],
)
def test_wrong_field_is_named(
    serve_engine: ServeEngine, body: dict[str, object], field: str
) -> None:
    response = serve_engine(ScriptedEngine()).post(
        "/api/chat", content=json.dumps(body), headers={"content-type": "application/json"}
    )

    assert response.status_code == 422
    assert f"`{field}`" in response.json()["error"]["message"]
