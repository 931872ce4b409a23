"""Events come twice, late, forged, in crowds and over breaking sockets; each is answered once."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from conftest import StartBot
from slack_samples import EngineStandIn, RunningBot, settings_for
from stand_ins.slack_server import APP_TOKEN, BOT_USER, Fault, Slack

from rag.serve.app import create_app
from rag.serve.loading import EngineLoader
from rag.serve.server import listen
from rag.serve.service import Service
from rag.serve.slack.hosting import host_slack

CROWD = 200


@contextmanager
def served(slack: Slack, engine: EngineStandIn, index: Path, **more: object) -> Iterator[None]:
    """Serve HTTP with the bot inside, as `rag serve` does."""
    settings = settings_for(slack, index, **({"slack_app_token": None} | more))
    loader = EngineLoader(lambda: engine)  # type: ignore[arg-type, return-value]
    app = create_app(Service(settings, loader), local_only=True)
    hosted = host_slack(app, settings, loader, lambda text: None)
    assert hosted is not None
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    loader.start(on_failure=lambda: None)
    hosted.start()
    slack.events_url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    try:
        slack.wait_for(hosted.is_running)
        yield
    finally:
        engine.gate.set()
        server.should_exit = True
        thread.join()
        hosted.close()


@pytest.fixture
def http_bot(slack: Slack, engine: EngineStandIn, tmp_path: Path) -> Iterator[None]:
    with served(slack, engine, tmp_path / "index"):
        yield


def test_signed_request_is_acknowledged_and_answered(slack: Slack, http_bot: None) -> None:
    asked = slack.mention("C1", "Siapa?")

    status, _ = slack.post(slack.envelope(asked))

    assert status == 200
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))


def test_server_with_both_tokens_takes_events_either_way_once(
    slack: Slack, engine: EngineStandIn, tmp_path: Path
) -> None:
    with served(slack, engine, tmp_path / "index", slack_app_token=APP_TOKEN):
        asked = slack.mention("C1", "Siapa?")
        slack.acknowledged(slack.send_event(asked))
        slack.post(slack.envelope(asked))
        slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    assert engine.questions == ["Siapa?"]


def test_url_verification_is_answered_with_its_challenge(slack: Slack, http_bot: None) -> None:
    status, body = slack.post({"type": "url_verification", "token": "gone", "challenge": "3eZbrw"})

    assert (status, "3eZbrw" in body) == (200, True)


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "another secret"},
        {"signature": "v0=0123"},
        {"signature": "v0=é"},
        {"age_seconds": 330},
        {"age_seconds": -330},
    ],
)
def test_forged_and_old_requests_are_refused(
    slack: Slack, http_bot: None, engine: EngineStandIn, forged: dict[str, object]
) -> None:
    status, _ = slack.post(slack.envelope(slack.mention("C1", "Siapa?")), **forged)  # type: ignore[arg-type]

    assert status == 401
    assert engine.questions == []


def test_what_strangers_and_slack_send_by_mistake_is_refused_without_a_fault(
    slack: Slack, http_bot: None
) -> None:
    for raw, expected in (("{not json", 400), ("[]", 400), ('"text"', 400)):
        assert slack.post_raw(raw)[0] == expected
        assert slack.post_raw(raw, signature="v0=0")[0] == 401


def test_commands_buttons_and_shortcuts_come_as_forms(
    slack: Slack, http_bot: None, engine: EngineStandIn
) -> None:
    said = slack.say("C1", "Siapa yang menang?", user="U7")

    assert slack.post(slack.command("C1", "Kapan?"), form=True)[0] == 200
    assert slack.post(slack.shortcut("C1", said["ts"]), form=True)[0] == 200
    (answer,) = slack.wait_for(lambda: slack.answers("C1", said["ts"]))
    assert slack.post(slack.press("C1", answer, "show_more"), form=True)[0] == 200

    slack.wait_for(lambda: slack.ephemeral)
    assert sorted(engine.questions) == ["Kapan?", "Siapa yang menang?"]


def test_three_retries_are_answered_once(
    slack: Slack, http_bot: None, engine: EngineStandIn
) -> None:
    asked = slack.mention("C1", "Siapa?")
    body = slack.envelope(asked)

    statuses = [slack.post(body)[0]]
    statuses += [slack.post(body, retry=number)[0] for number in (1, 2, 3)]
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
    later = slack.mention("C1", "Kapan?")
    slack.post(slack.envelope(later))
    slack.wait_for(lambda: slack.answers("C1", later["ts"]))

    assert statuses == [200] * 4
    assert engine.questions == ["Siapa?", "Kapan?"]


def test_slack_is_told_to_come_again_while_the_bot_starts(
    slack: Slack, engine: EngineStandIn, tmp_path: Path
) -> None:
    slack.fault("auth.test", *[Fault(status=500, error="internal_error")] * 3)
    settings = settings_for(slack, tmp_path / "index", slack_app_token=None)
    loader = EngineLoader(lambda: engine)  # type: ignore[arg-type, return-value]
    app = create_app(Service(settings, loader), local_only=True)
    hosted = host_slack(app, settings, loader, lambda text: None)
    assert hosted is not None
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    slack.events_url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"

    status, _ = slack.post(slack.envelope(slack.mention("C1", "Siapa?")))

    server.should_exit = True
    thread.join()
    assert status == 503


def test_two_hundred_questions_at_once_are_each_answered_once(
    slack: Slack, engine: EngineStandIn, tmp_path: Path
) -> None:
    engine.gate.clear()
    with served(slack, engine, tmp_path / "index", slack_answers_at_once=8):
        asked = [slack.mention(f"C{n % 20}", f"Siapa {n}?", f"U{n}") for n in range(CROWD)]
        bodies = [slack.envelope(event) for event in asked]
        seconds = _timed(slack, bodies)
        again = _timed(slack, bodies[:20])
        engine.gate.set()
        slack.wait_for(
            lambda: all(slack.answers(event["channel"], event["ts"]) for event in asked), 30
        )

    slowest = max(seconds + again)
    print(f"slowest acknowledgement over HTTP: {slowest:.3f} s")
    assert slowest < 1.0
    assert sorted(engine.questions) == sorted(f"Siapa {n}?" for n in range(CROWD))
    for event in asked:
        assert len(slack.in_thread(event["channel"], event["ts"])) == 1


def test_two_hundred_envelopes_at_once_are_each_acknowledged_within_a_second(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    asked = [slack.mention(f"C{n % 20}", f"Siapa {n}?", f"U{n}") for n in range(CROWD)]
    sent = {}
    for event in asked:
        at = time.monotonic()
        sent[slack.send_event(event)] = at
    slack.wait_for(lambda: len(slack.acks) == CROWD)
    engine.gate.set()
    slack.wait_for(lambda: all(slack.answers(event["channel"], event["ts"]) for event in asked), 30)

    slowest = max(slack.acks[envelope][0] - at for envelope, at in sent.items())
    print(f"slowest acknowledgement over the socket: {slowest:.3f} s")
    assert slowest < 1.0
    assert sorted(engine.questions) == sorted(f"Siapa {n}?" for n in range(CROWD))


def _timed(slack: Slack, bodies: list[dict[str, object]]) -> list[float]:
    def post(body: dict[str, object]) -> float:
        started = time.monotonic()
        status, _ = slack.post(body)
        assert status == 200
        return time.monotonic() - started

    with ThreadPoolExecutor(25) as crowd:
        return list(crowd.map(post, bodies))


def test_question_acknowledged_before_a_restart_is_answered_after_it(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    first, second = slack.mention("C1", "Siapa?"), slack.mention("C2", "Kapan?")
    for event in (first, second):
        slack.acknowledged(slack.send_event(event))
    slack.wait_for(lambda: len(engine.questions) == 2)

    bot.stop()
    engine.questions.clear()
    engine.gate.set()
    bot.start()
    slack.send_event(first, retry=1)
    for event in (first, second):
        slack.wait_for(lambda event=event: slack.answers(event["channel"], event["ts"]))

    assert sorted(engine.questions) == ["Kapan?", "Siapa?"]
    for event in (first, second):
        assert len(slack.in_thread(event["channel"], event["ts"])) == 1


def test_question_answered_before_a_restart_is_not_answered_again(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked, event_id="Ev1")
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    bot.restart()
    slack.acknowledged(slack.send_event(asked, event_id="Ev1", retry=2))
    slack.acknowledged(slack.send_event(asked, event_id="Ev2"))
    later = slack.mention("C1", "Kapan?")
    slack.send_event(later)
    slack.wait_for(lambda: slack.answers("C1", later["ts"]))

    assert engine.questions == ["Siapa?", "Kapan?"]


def test_answer_half_written_at_a_restart_is_completed_in_its_message(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    slack.missing_methods.add("assistant.threads.setStatus")
    engine.gate.clear()
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    (placeholder,) = slack.wait_for(lambda: slack.in_thread("C1", asked["ts"]))

    bot.stop()
    engine.gate.set()
    bot.start()
    (answer,) = slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    assert answer["ts"] == placeholder["ts"]


def test_question_deleted_while_the_bot_was_away_is_dropped(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    asked = slack.mention("C1", "Siapa?")
    slack.acknowledged(slack.send_event(asked))
    slack.wait_for(lambda: engine.questions)
    bot.stop()
    slack.delete("C1", asked["ts"])
    engine.questions.clear()
    engine.gate.set()
    bot.start()
    later = slack.mention("C1", "Kapan?")
    slack.send_event(later)
    slack.wait_for(lambda: slack.answers("C1", later["ts"]))

    assert engine.questions == ["Kapan?"]


@pytest.mark.parametrize("end", [Slack.ask_to_reconnect, Slack.break_socket])
def test_socket_that_ends_is_opened_again(
    slack: Slack, bot: RunningBot, end: Callable[[Slack], None]
) -> None:
    before = slack.connections
    end(slack)
    slack.wait_for(lambda: slack.connections > before)
    asked = slack.mention("C1", "Siapa?")

    slack.acknowledged(slack.send_event(asked))
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))


def test_answer_under_way_survives_a_break_of_the_socket(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    asked = slack.mention("C1", "Siapa?")
    slack.acknowledged(slack.send_event(asked))
    slack.break_socket()
    engine.gate.set()

    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))


def test_rate_limited_calls_wait_as_long_as_slack_asks(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.seconds_between_tokens = 0.05
    slack.fault("chat.startStream", Fault(retry_after=1))
    slack.fault("chat.update", Fault(retry_after=1))
    asked = slack.mention("C1", "Siapa?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    assert len(slack.in_thread("C1", asked["ts"])) == 1
    for method in ("chat.startStream", "chat.update"):
        calls = slack.calls_of(method)
        for refused, repeated in itertools.pairwise(calls):
            assert refused.status == 429
            assert repeated.at - refused.at >= 0.99


def test_posted_answer_whose_reply_was_lost_is_not_posted_twice(
    slack: Slack, bot: RunningBot
) -> None:
    slack.missing_methods.add("assistant.threads.setStatus")
    slack.fault("chat.postMessage", Fault(break_connection=True, after_effect=True))
    asked = slack.mention("C1", "Siapa?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    assert len(slack.in_thread("C1", asked["ts"])) == 1


def test_many_questions_of_one_thread_are_answered_in_order(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_answers_at_once=4)
    root = slack.mention("C1", "Pertanyaan 0?")
    events = [root]
    events += [
        slack.say("C1", f"<@{BOT_USER}> Pertanyaan {n}?", thread=root["ts"]) for n in range(1, 5)
    ]
    for event in events:
        slack.acknowledged(slack.send_event(event))
    slack.wait_for(lambda: len(slack.answers("C1", root["ts"])) == len(events))

    assert engine.questions == [f"Pertanyaan {n}?" for n in range(5)]
    assert [len(history) for history in engine.histories] == [0, 2, 4, 6, 8]
