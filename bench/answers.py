"""Ask a running server questions with known answers, over HTTP, and say how well it did.

    python bench/answers.py --articles DIR --questions FILE     its own server on a fresh index
    python bench/answers.py --url http://127.0.0.1:8000 --questions FILE

Every citation is checked against the text of GET /api/documents/{id}. The exit status is 1 if an
answer breaks a rule of citations, 2 if there is nothing to measure or the server fails.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.console import Console

from rag.errors import InvalidDocumentError
from rag.evaluate import (
    KnownQuestion,
    QuestionScore,
    measures_json,
    measures_table,
    read_questions,
    score_questions,
)
from rag.types import Answer, Document

SHARED = Path(__file__).resolve().parents[2] / "shared"
COMMAND = [sys.executable, "-c", "from rag.cli import main; main()"]
READY_SECONDS = 120.0
ANSWER_SECONDS = 120.0


class BenchError(Exception):
    """Nothing can be measured; the message says why and what to do."""


class ShownDocument(BaseModel):
    """What is needed of GET /api/documents/{id}."""

    text: str


class Service:
    """A server's answers and documents, over HTTP; remembers the answers by question."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.answers: dict[str, Answer] = {}
        self.document = cache(self._document)

    def ask(self, question: str) -> Answer:
        response = self._client.post("/api/chat", json={"question": question, "stream": False})
        answer = TypeAdapter(Answer).validate_json(_body(response))
        self.answers[question] = answer
        return answer

    def _document(self, document_id: str) -> Document:
        response = self._client.get(f"/api/documents/{quote(document_id)}")
        text = ShownDocument.model_validate_json(_body(response)).text
        return Document(document_id, "", text, "id", "", "", "")


def _body(response: httpx.Response) -> bytes:
    if response.status_code != httpx.codes.OK:
        request = response.request
        raise BenchError(
            f"{request.method} {request.url.path}: {response.status_code} {response.text[:300]}"
        )
    return response.content


@contextlib.contextmanager
def own_server(articles: Path) -> Iterator[str]:
    """Ingest the articles into a fresh index, serve it, and give the server's address."""
    if not articles.exists():
        raise BenchError(
            f"there are no articles at {articles}; name a folder with --articles, "
            "for example seeds with tests/data/seed_questions.jsonl"
        )
    with tempfile.TemporaryDirectory(prefix="rag-bench-") as folder:
        # Its own folder, so that no .env or Chroma server brings in a person's real index.
        environment = os.environ | {"RAG_INDEX_DIR": str(Path(folder) / "index")}
        environment.pop("RAG_CHROMA_URL", None)
        ingested = subprocess.run(
            [*COMMAND, "ingest", str(articles.resolve())],
            env=environment,
            cwd=folder,
            check=False,
            stdout=sys.stderr,
        )
        if ingested.returncode != 0:
            raise BenchError(f"`rag ingest {articles}` failed with {ingested.returncode}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port)],
            env=environment,
            cwd=folder,
            stdout=sys.stderr,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, server)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    """Return once GET /readyz says 200; raises BenchError if the server ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise BenchError(f"`rag serve` ended with {server.returncode}; its output says why")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz", timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise BenchError(f"{url} was not ready after {READY_SECONDS:.0f} s")


def line(score: QuestionScore) -> str:
    """Return one question's score as a line of fixed columns."""
    answered = not score.abstained and not score.missing_keys
    good = answered if score.answerable else score.abstained
    right = sum(citation.right for citation in score.citations)
    notes = ["abstained"] if score.abstained else []
    notes += [f"missing {' / '.join(group)}" for group in score.missing_keys]
    notes += score.violations
    return (
        f"{'ok ' if good else 'BAD'} {score.id:<8} {score.language or '-':<3}{score.kind:<7}"
        f" keys {score.keys_found}/{score.keys}"
        f" citations {right}/{len(score.citations)}"
        f" {score.milliseconds:6.0f} ms  {'; '.join(notes)}"
    ).rstrip()


def measure(
    url: str, questions: tuple[KnownQuestion, ...], *, show: bool, console: Console
) -> list[QuestionScore]:
    """Ask every question, printing a line for each, and return the scores."""
    scores: list[QuestionScore] = []
    texts = {question.id: question.question for question in questions}
    with httpx.Client(base_url=url, timeout=ANSWER_SECONDS) as client:
        service = Service(client)
        for score in score_questions(questions, service.ask, service.document):
            scores.append(score)
            console.out(line(score), highlight=False)
            if show:
                asked = texts[score.id]
                console.out(f"    {asked}\n    > {service.answers[asked].answer}", highlight=False)
    return scores


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=Path, default=SHARED / "articles")
    parser.add_argument("--questions", type=Path, default=SHARED / "data" / "questions_dev.jsonl")
    parser.add_argument("--url", help="a running server to ask, instead of starting one")
    parser.add_argument("--show", action="store_true", help="print questions and answers too")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON on stdout")
    return parser.parse_args()


def main() -> int:
    """Measure as the command line says and return the exit status."""
    arguments = parse_arguments()
    console = Console(stderr=arguments.json)
    try:
        questions = read_questions(arguments.questions)
        if arguments.url:
            running: contextlib.AbstractContextManager[str] = contextlib.nullcontext(arguments.url)
        else:
            running = own_server(arguments.articles)
        with running as url:
            scores = measure(url, questions, show=arguments.show, console=console)
    except (BenchError, InvalidDocumentError, ValidationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except httpx.HTTPError as error:
        sys.stderr.write(f"{arguments.url or 'the server'} does not answer: {error}\n")
        return 2
    console.print(measures_table(scores))
    if arguments.json:
        sys.stdout.write(measures_json(scores) + "\n")
    return 1 if any(score.violations for score in scores) else 0


if __name__ == "__main__":
    raise SystemExit(main())
