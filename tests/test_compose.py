"""docker-compose.yml and Dockerfile: valid, and in step with the settings and the Makefile.

No Docker engine is needed: the file is checked against the Compose specification's schema.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from rag.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
KNOWN = {PREFIX + name.upper() for name in Settings.model_fields}
MODEL = f"${{RAG_OLLAMA_MODEL:-{Settings.model_fields['ollama_model'].default}}}"


def compose_schema() -> dict[str, object]:
    """The Compose specification's JSON schema, which the package check-jsonschema carries."""
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("check-jsonschema, which carries the schema, is not installed")
    folder = Path(found.origin).parent / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "compose-spec.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    return schema


def test_file_fits_the_compose_specification() -> None:
    schema = compose_schema()
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []


def test_schema_would_notice_a_mistake() -> None:
    schema = compose_schema()
    wrong = {"services": {"app": {"image": "rag", "volume": ["index:/app/index"]}}}
    assert not jsonschema.validators.validator_for(schema)(schema).is_valid(wrong)


def test_every_variable_of_the_program_is_a_setting() -> None:
    used = set(COMPOSE["services"]["app"]["environment"])
    used |= set(re.findall(r"\bRAG_[A-Z_]+", json.dumps(COMPOSE) + DOCKERFILE))
    assert used <= KNOWN


def test_settings_of_the_containers_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPOSE["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value)))
    settings = Settings.load()
    assert settings.answerer == "auto"
    assert settings.ollama_host == "http://ollama:11434"


def test_program_and_puller_name_the_same_model_which_is_the_default() -> None:
    services = COMPOSE["services"]
    assert services["app"]["environment"]["RAG_OLLAMA_MODEL"] == MODEL
    assert services["pull-model"]["command"] == ["pull", MODEL]
    assert services["pull-model"]["image"] == services["ollama"]["image"]


def test_program_does_not_wait_for_the_model() -> None:
    assert COMPOSE["services"]["app"]["depends_on"] == {"ollama": {"condition": "service_started"}}


def test_lasting_services_are_checked_and_restarted_and_the_puller_ends() -> None:
    services = COMPOSE["services"]
    for name in ("app", "ollama"):
        assert services[name]["restart"] == "unless-stopped"
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    assert services["pull-model"]["restart"] == "on-failure"


def test_index_and_models_outlive_the_containers() -> None:
    mounted = [
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", ())
    ]
    named = {name for name in mounted if not name.startswith((".", "/"))}
    assert named == set(COMPOSE["volumes"]) == {"index", "models"}


def test_program_is_published_on_this_machine_only() -> None:
    assert COMPOSE["services"]["app"]["ports"] == ["127.0.0.1:${RAG_PORT:-8000}:8000"]
    assert "ports" not in COMPOSE["services"]["ollama"]


def test_image_installs_by_a_rule_of_the_makefile() -> None:
    targets = re.findall(r"^RUN make (\S+)$", DOCKERFILE, re.MULTILINE)
    rules = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    assert targets == [".venv/installed"]
    assert all(re.search(rf"^{re.escape(target)}:", rules, re.MULTILINE) for target in targets)


def test_image_gets_what_it_copies() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert copied == {entry.removeprefix("!") for entry in let_in if entry.startswith("!")}
    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []


def test_image_runs_without_root_rights() -> None:
    assert re.search(r"^USER rag$", DOCKERFILE, re.MULTILINE)
