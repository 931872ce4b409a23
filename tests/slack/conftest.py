from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slack_samples import EngineStandIn, RunningBot, settings_for
from stand_ins.slack_server import Slack

StartBot = Callable[..., RunningBot]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's libraries take a proxy from the environment, also for this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as server:
        yield server


@pytest.fixture
def engine() -> EngineStandIn:
    return EngineStandIn()


@pytest.fixture
def start_bot(slack: Slack, engine: EngineStandIn, tmp_path: Path) -> Iterator[StartBot]:
    """Start bots over one state; gives each, connected."""
    started: list[RunningBot] = []

    def start(**settings: object) -> RunningBot:
        bot = RunningBot(slack, engine, settings_for(slack, tmp_path / "index", **settings))
        bot.start()
        started.append(bot)
        return bot

    yield start
    engine.gate.set()
    for bot in started:
        bot.stop()


@pytest.fixture
def bot(start_bot: StartBot) -> RunningBot:
    return start_bot()
