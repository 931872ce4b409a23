from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import PREFIX, Settings

EXAMPLE = Path(__file__).parents[1] / ".env.example"
SETTING = re.compile(rf"^# {PREFIX}(\w+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_example_file_lists_every_setting_in_order() -> None:
    listed = [name.lower() for name, _ in SETTING.findall(EXAMPLE.read_text())]

    assert listed == list(Settings.model_fields)


def test_example_file_shows_the_defaults() -> None:
    def shown(value: object) -> str:
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    defaults = {name: shown(field.default) for name, field in Settings.model_fields.items()}

    assert {n.lower(): v for n, v in SETTING.findall(EXAMPLE.read_text())} == defaults


def test_example_file_uncommented_is_valid_where_it_gives_a_value(tmp_path: Path) -> None:
    settings = [f"{PREFIX}{n}={v}" for n, v in SETTING.findall(EXAMPLE.read_text()) if v]
    (tmp_path / ".env").write_text("\n".join(settings))

    assert Settings.load() == Settings.model_construct()


def test_variables_change_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PORT", "9001")

    assert Settings.load().port == 9001


def test_unknown_variable_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PROT", "9001")

    with pytest.raises(SettingsError, match=r"RAG_PROT.*\.env\.example"):
        Settings.load()


def test_unknown_variable_in_the_env_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RAG_PROT=9001\n")

    with pytest.raises(SettingsError, match="RAG_PROT"):
        Settings.load()


def test_bad_value_is_an_error_that_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PORT", "eighty")

    with pytest.raises(SettingsError, match="RAG_PORT"):
        Settings.load()
