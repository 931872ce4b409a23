from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.conftest import CommandLine, RunningServer

ARTICLE = "Gunung Semeru meletus pada Minggu (4/12/2022). Kolom abu setinggi 1.500 meter terlihat."


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "semeru.txt").write_text(ARTICLE)
    return folder


def test_articles_are_ingested_asked_and_listed(command_line: CommandLine, articles: Path) -> None:
    ingested = command_line.run("ingest", str(articles))
    assert (ingested.returncode, ingested.stderr) == (0, "")
    assert ingested.stdout.startswith("1 added, 0 updated, 0 unchanged, 0 removed, 0 failed")

    asked = command_line.run("ask", "Kapan Gunung Semeru meletus?")
    assert asked.returncode == 0
    assert "[1]" in asked.stdout
    assert "4/12/2022" in asked.stdout

    listed = command_line.run("documents")
    assert listed.stdout.startswith("semeru\t2022-12-04\t1 passages\t")


def test_failures_of_an_ingest_are_told_and_set_the_exit_status(
    command_line: CommandLine, articles: Path
) -> None:
    (articles / "broken.jsonl").write_text('{"id": "a"\n')
    ended = command_line.run("ingest", str(articles))

    assert ended.returncode == 1
    assert "1 added" in ended.stdout
    assert "broken.jsonl:1: broken JSON" in ended.stderr


def test_index_of_another_configuration_is_one_line_that_says_what_to_run(
    command_line: CommandLine, articles: Path
) -> None:
    command_line.run("ingest", str(articles))
    other = CommandLine(command_line.folder, {"RAG_PASSAGE_WORDS": "60"})
    refused = other.run("documents")
    remade = other.run("reindex")

    assert refused.returncode == 1
    assert "rag reindex" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert remade.stdout.startswith("1 documents indexed anew")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("ingest", "nowhere"), 1, "no such file"),
        (("ask", " "), 2, "empty"),
        (("delete", "nothing"), 2, "nothing"),
        (("evaluate", "nowhere.jsonl"), 2, "nowhere.jsonl"),
    ],
)
def test_expected_errors_are_one_line(
    running_server: RunningServer, arguments: tuple[str, ...], status: int, says: str
) -> None:
    ended = running_server.command_line.run(*arguments)

    assert ended.returncode == status
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "Traceback" not in ended.stderr


def test_unknown_setting_is_refused_before_anything_else(tmp_path: Path) -> None:
    ended = CommandLine(tmp_path, {"RAG_PROT": "1"}).run("documents")

    assert ended.returncode == 2
    assert "RAG_PROT" in ended.stderr
    assert not (tmp_path / "index").exists()


def test_commands_go_through_the_server_that_holds_the_index(
    running_server: RunningServer, articles: Path
) -> None:
    command_line = running_server.command_line
    assert command_line.run("ingest", str(articles)).stdout.startswith("1 added")
    (articles / "semeru.txt").unlink()
    (articles / "lain.txt").write_text("Presiden meresmikan jembatan baru di Papua pada Jumat.")
    pruned = json.loads(command_line.run("ingest", str(articles), "--prune", "--json").stdout)
    assert (pruned["added"], pruned["removed"]) == (["lain"], ["semeru"])

    assert command_line.run("delete", "lain").stdout == "deleted lain\n"


def test_json_is_what_http_gives(running_server: RunningServer) -> None:
    command_line = running_server.command_line
    answer = json.loads(command_line.run("ask", "Siapa yang ditemui Larijani?", "--json").stdout)
    hits = json.loads(command_line.run("search", "Larijani", "--limit", "2", "--json").stdout)
    listed = json.loads(command_line.run("documents", "--json").stdout)
    health = json.loads(command_line.run("doctor", "--json").stdout)

    assert answer["citations"][0]["quote"] in json.dumps(answer["citations"], ensure_ascii=False)
    assert {"answer", "sentences", "passages", "warnings", "timings_ms"} <= set(answer)
    assert len(hits["hits"]) == 2
    assert "larijani-kunjungi-pakistan" in {document["id"] for document in listed["documents"]}
    assert (health["problems"], health["repaired"]) == ([], [])
    assert health["answerer"] == "reader"
    assert "quotes" in health["answerer_reason"]


def test_chat_answers_until_its_input_ends(running_server: RunningServer) -> None:
    ended = running_server.command_line.run(
        "chat", stdin=f"Siapa yang ditemui Larijani?\n\n{'x' * 3000}\nKapan?\n"
    )

    assert ended.returncode == 0
    assert ended.stdout.count("[1]") >= 2
    assert "3000 characters" in ended.stderr


def test_evaluation_prints_measures(running_server: RunningServer, tmp_path: Path) -> None:
    question = {
        "id": "q1",
        "question": "Siapa yang ditemui Larijani?",
        "answerable": True,
        "keys": [["Zardari"]],
        "evidence": ["Asif Ali Zardari"],
    }
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(question))
    ended = running_server.command_line.run("evaluate", str(file), "--json")

    assert json.loads(ended.stdout)["measures"]["all"]["keys"] == {"right": 1, "of": 1, "share": 1}


def test_evaluation_of_an_empty_index_says_so(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"id": "q1", "question": "Siapa?", "answerable": False}))
    ended = CommandLine(tmp_path, {}).run("evaluate", str(file), "--json")

    assert "rag ingest PATH" in ended.stderr
    assert json.loads(ended.stdout)["measures"]["all"]["questions"] == 1


def test_interrupt_is_one_line(running_server: RunningServer) -> None:
    process = running_server.command_line.start("chat")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("Siapa yang ditemui Larijani?\n")
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130  # before its input is closed
    _, errors = process.communicate()

    assert errors.strip() == "rag: stopped"


def test_help_lists_every_command(command_line: CommandLine) -> None:
    shown = command_line.run("--help").stdout

    for command in ("ingest", "ask", "chat", "search", "documents", "delete", "serve", "reindex"):
        assert command in shown
    assert command_line.run("version").stdout.strip()
