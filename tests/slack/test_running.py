"""The bot as it is started: settings, `rag slack` through a server, and the real engine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import yaml
from conftest import StartBot
from slack_samples import RunningBot, settings_for
from stand_ins.slack_server import APP_TOKEN, BOT_TOKEN, Slack

from rag.build import build_engine
from rag.ingest.sources import read_sources
from rag.serve.slack.events import ASK_ABOUT_THIS, ASK_COMMAND
from rag.serve.slack.hosting import SCOPES
from rag.serve.slack.markup import plain

ROOT = Path(__file__).parents[2]


def manifest() -> dict[str, object]:
    page = (ROOT / "docs" / "slack.md").read_text()
    (found,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    return dict(yaml.safe_load(found))


def test_manifest_asks_for_what_the_doctor_checks_and_names_what_the_bot_hears() -> None:
    held = json.loads(json.dumps(manifest()))

    assert tuple(held["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert held["features"]["slash_commands"][0]["command"] == ASK_COMMAND
    assert held["features"]["shortcuts"][0]["callback_id"] == ASK_ABOUT_THIS
    assert held["settings"]["socket_mode_enabled"] is True
    assert len(held["display_information"]["description"]) <= 140
    assert len(held["features"]["agent_view"]["agent_description"]) <= 300


def test_real_engine_shows_the_quotes_that_it_cites(slack: Slack, tmp_path: Path) -> None:
    question = json.loads((ROOT / "tests/data/seed_questions.jsonl").read_text().splitlines()[0])[
        "question"
    ]
    settings = settings_for(slack, tmp_path / "index", answerer="reader", reader="none")
    engine = build_engine(settings)
    bot = RunningBot(slack, engine, settings)  # type: ignore[arg-type]
    try:
        engine.ingest(read_sources([ROOT / "seeds"]))
        bot.start()
        asked = slack.mention("C1", question)
        slack.send_event(asked)
        slack.wait_for(lambda: slack.answers("C1", asked["ts"]), 60)
        (answer,) = slack.answers("C1", asked["ts"])
        told = engine.ask(question)
    finally:
        bot.stop()
        engine.close()

    shown = plain(json.dumps(answer["blocks"], ensure_ascii=False).replace('\\"', '"'))
    assert told.citations
    for citation in told.citations:
        assert " ".join(citation.quote.split()) in " ".join(shown.split())


def test_rag_slack_answers_through_the_server_that_holds_the_index(
    slack: Slack, running_server: object
) -> None:
    command_line = running_server.command_line  # type: ignore[attr-defined]
    settings = {
        "RAG_SLACK_BOT_TOKEN": BOT_TOKEN,
        "RAG_SLACK_APP_TOKEN": APP_TOKEN,
        "RAG_SLACK_API_URL": slack.api_url,
    }
    process: subprocess.Popen[str] = type(command_line)(command_line.folder, settings).start(
        "slack"
    )
    try:
        slack.wait_for(lambda: slack.connections, 60)
        asked = slack.mention("C1", "Siapa yang ditemui Larijani di Pakistan?")
        slack.acknowledged(slack.send_event(asked))
        (answer,) = slack.wait_for(lambda: slack.answers("C1", asked["ts"]), 60)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()

    assert "[1]" in answer["text"]
    assert process.returncode == 0, errors
    assert "The Slack bot is connected" in output
    assert time.monotonic() - started < 20


def test_bot_starts_again_over_the_same_index(slack: Slack, start_bot: StartBot) -> None:
    bot = start_bot()
    for _ in range(2):
        bot.restart()

    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
