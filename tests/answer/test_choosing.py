"""Writing while a model is there, quoting while none is; found out in the background."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from stand_ins.ollama_server import OUT_OF_MEMORY, OllamaServer, Reply

import rag.answer.choosing
from rag.answer.answerer import Draft
from rag.answer.choosing import AutoAnswerer
from rag.answer.language_model import Availability, ChatMessage, ReplyLimits
from rag.answer.ollama_model import OllamaModel
from rag.types import Hit, Language, TokenWritten

MODEL = "gemma3:4b"
ASKED = "Siapa?"


@dataclass
class Writer:
    """Passes on what the model says, unchecked."""

    model: OllamaModel
    reason: str = ""

    @property
    def name(self) -> str:
        return self.model.name

    def answer(
        self, question: str, language: Language, hits: Sequence[Hit], wishes: str = ""
    ) -> Iterator[TokenWritten | Draft]:
        said = ""
        for piece in self.model.stream([ChatMessage("user", question)]):
            said += piece
            yield TokenWritten(piece)
        yield Draft(said, answerer=self.name)

    def close(self) -> None:
        self.model.close()


@dataclass
class Quoter:
    name: str = "reader"
    reason: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(
        self, question: str, language: Language, hits: Sequence[Hit], wishes: str = ""
    ) -> Iterator[TokenWritten | Draft]:
        self.asked.append(question)
        yield TokenWritten("Kutipan.")
        yield Draft("Kutipan.")

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(models=[MODEL]) as running:
        yield running


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.answer.choosing, "FIRST_PAUSE_SECONDS", 0.1)


@contextlib.contextmanager
def choose(server: OllamaServer) -> Iterator[AutoAnswerer]:
    limits = ReplyLimits(first_token_seconds=0.4, between_tokens_seconds=0.3, total_seconds=2.0)
    model = OllamaModel(server.host, MODEL, connect_seconds=0.5, limits=limits)
    with contextlib.closing(
        AutoAnswerer(model, Writer(model), Quoter(), probe_seconds=0.05)
    ) as auto:
        wait_until(lambda: "looking for" not in auto.reason)
        yield auto


def ask(auto: AutoAnswerer) -> tuple[str, Draft]:
    """Return the text as it was streamed, and the draft at its end."""
    *pieces, draft = auto.answer(ASKED, "id", [])
    assert isinstance(draft, Draft)
    return "".join(piece.text for piece in pieces if isinstance(piece, TokenWritten)), draft


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_model_that_is_there_writes(server: OllamaServer) -> None:
    with choose(server) as auto:
        assert auto.name == f"ollama:{MODEL}"
        assert MODEL in auto.reason
        text, draft = ask(auto)
    assert text == draft.text == "Halo dunia."
    assert draft.answerer == f"ollama:{MODEL}"
    assert draft.warnings == ()


def test_without_a_server_answers_are_quotes_without_delay_or_noise(
    server: OllamaServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    server.stop()
    with choose(server) as auto:
        assert auto.name == "reader"
        assert "`ollama serve`" in auto.reason
        started = time.perf_counter()
        for _ in range(100):
            _, draft = ask(auto)
            assert (draft.answerer, draft.warnings) == ("reader", ())
        assert (time.perf_counter() - started) / 100 < 0.002
    assert caplog.text == ""


class Unreachable(OllamaModel):
    """A server that takes its time to be found missing."""

    asked_for: threading.Event

    def available(self) -> Availability:
        self.asked_for.wait(5)
        return Availability(False, "down")


@contextlib.contextmanager
def look_for_long() -> Iterator[AutoAnswerer]:
    model = Unreachable("http://127.0.0.1:9", MODEL)
    model.asked_for = threading.Event()
    with contextlib.closing(AutoAnswerer(model, Writer(model), Quoter())) as auto:
        yield auto
        model.asked_for.set()


def test_no_question_waits_for_the_search_for_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.answer.choosing, "FIRST_LOOK_SECONDS", 0.05)
    with look_for_long() as auto:
        time.sleep(0.05)
        started = time.perf_counter()
        for _ in range(20):
            assert ask(auto)[1].answerer == "reader"
        assert time.perf_counter() - started < 0.1
        assert "looking for" in auto.reason


def test_command_that_ends_after_one_question_gives_the_first_look_a_moment(
    server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.answer.choosing, "FIRST_LOOK_SECONDS", 10)
    limits = ReplyLimits(first_token_seconds=5)
    model = OllamaModel(server.host, MODEL, limits=limits)
    with contextlib.closing(AutoAnswerer(model, Writer(model), Quoter())) as auto:
        assert ask(auto)[1].answerer == f"ollama:{MODEL}"


def test_missing_model_is_named_with_the_command_that_fetches_it(server: OllamaServer) -> None:
    server.models = ["other:1b"]
    with choose(server) as auto:
        assert auto.name == "reader"
        assert f"`ollama pull {MODEL}`" in auto.reason
        server.models.append(MODEL)
        wait_until(lambda: auto.name == f"ollama:{MODEL}")
        assert ask(auto)[1].text == "Halo dunia."


def test_outage_between_questions_brings_quotes_with_a_warning_and_ends_by_itself(
    server: OllamaServer,
) -> None:
    with choose(server) as auto:
        ask(auto)
        server.stop()
        _, draft = ask(auto)
        assert draft.text == "Kutipan."
        assert draft.answerer == "reader"
        assert MODEL in draft.warnings[0]
        wait_until(lambda: auto.name == "reader")
        server.start()
        wait_until(lambda: auto.name == f"ollama:{MODEL}")
        _, draft = ask(auto)
        assert (draft.text, draft.warnings) == ("Halo dunia.", ())


def test_answer_that_breaks_off_in_the_middle_ends_as_quotes_with_a_warning(
    server: OllamaServer,
) -> None:
    server.script(Reply(["Larijani", " bertemu"], ending="cut"))
    with choose(server) as auto:
        text, draft = ask(auto)
    assert text == "Larijani bertemu\n\nKutipan."
    assert draft.text == "Kutipan."
    assert draft.answerer == "reader"
    assert len(draft.warnings) == 1


def test_one_bad_reply_is_forgiven_and_a_second_is_not(server: OllamaServer) -> None:
    server.script(Reply(["Ia"], ending="cut"), Reply(["Ia"], ending="cut"))
    with choose(server) as auto:
        ask(auto)
        assert auto.name == f"ollama:{MODEL}"
        ask(auto)
        assert auto.name == "reader"
        assert "tried again in" in auto.reason
        wait_until(lambda: auto.name == f"ollama:{MODEL}")
        assert ask(auto)[1].text == "Halo dunia."


def test_model_that_cannot_be_loaded_is_left_alone_for_a_while(
    server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.answer.choosing, "FIRST_PAUSE_SECONDS", 60)
    server.script(OUT_OF_MEMORY)
    with choose(server) as auto:
        _, draft = ask(auto)
        assert draft.text == "Kutipan."
        assert auto.name == "reader"
        assert "smaller model" in auto.reason
        _, draft = ask(auto)
        assert len(server.requests) == 1
        assert len(draft.warnings) == 1


def test_many_questions_during_an_outage_all_get_an_answer(server: OllamaServer) -> None:
    with choose(server) as auto:
        texts: list[str] = []
        threads = [
            threading.Thread(target=lambda: texts.append(ask(auto)[1].text)) for _ in range(20)
        ]
        for number, thread in enumerate(threads):
            thread.start()
            if number == 10:
                server.stop()
        for thread in threads:
            thread.join(5)
    assert len(texts) == 20
    assert set(texts) <= {"Halo dunia.", "Kutipan."}


def test_closing_ends_the_search(server: OllamaServer) -> None:
    with choose(server) as auto:
        pass
    probes = server.probes
    time.sleep(0.15)
    assert server.probes == probes
    assert auto.name
