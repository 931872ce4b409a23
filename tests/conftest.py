"""What tests of every layer share: stand-ins for other servers, and our own as a user starts it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Lets every test import `stand_ins`, however pytest is started.
sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parents[1]
RAG = (sys.executable, "-c", "from rag.cli import main; main()")
READY_SECONDS = 240


@dataclass(frozen=True)
class CommandLine:
    """Runs `rag` in a folder of its own, with an index of its own and no settings but the given."""

    folder: Path
    settings: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RAG_")}
        own = {
            "PYTHONPATH": str(ROOT),
            "RAG_INDEX_DIR": str(self.folder / "index"),
            "RAG_ANSWERER": "reader",
        }
        return inherited | own | self.settings

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RAG, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*RAG, *arguments],
            cwd=self.folder,
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(address: str, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise AssertionError(f"the server ended: {server.communicate()[1]}")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server was not ready in time")


@dataclass(frozen=True)
class RunningServer:
    """A server over the demonstration articles, and a command line that uses the same index."""

    address: str
    command_line: CommandLine
    process: subprocess.Popen[str]


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, {})


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all tests that do not mind the documents that others add to it."""
    port = free_port()
    command_line = CommandLine(tmp_path_factory.mktemp("server"), {})
    process = command_line.start("serve", "--port", str(port), "--seed", str(ROOT / "seeds"))
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address, process)
        yield RunningServer(address, command_line, process)
    finally:
        process.terminate()
        process.communicate(timeout=20)
