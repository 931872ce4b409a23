"""The server as a process of its own, with the real index and encoder."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.conftest import CommandLine, RunningServer, free_port

from .test_chat import events_of

QUESTION = "Siapa yang ditemui Larijani?"


@pytest.fixture
def http(running_server: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running_server.address, timeout=60, trust_env=False) as client:
        yield client


def test_every_citation_is_the_exact_words_of_its_document(http: httpx.Client) -> None:
    answer = http.post("/api/chat", json={"question": QUESTION}).json()

    assert answer["citations"]
    for citation in answer["citations"]:
        document = http.get(f"/api/documents/{quote(citation['document_id'])}").json()
        assert document["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_streamed_answer_is_the_same_answer(http: httpx.Client) -> None:
    whole = http.post("/api/chat", json={"question": QUESTION}).json()
    streamed = http.post("/api/chat", json={"question": QUESTION, "stream": True})
    names = [name for name, _ in events_of(streamed.text)]
    last = events_of(streamed.text)[-1][1]

    assert (names[0], names[-1], set(names[1:-1])) == ("sources", "answer", {"token"})
    assert isinstance(last, dict)
    assert last | {"timings_ms": {}} == whole | {"timings_ms": {}}


def test_search_shows_passages_at_their_place(http: httpx.Client) -> None:
    hits = http.get("/api/search", params={"q": "kerja sama keamanan", "limit": 3}).json()["hits"]

    assert 1 <= len(hits) <= 3
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    for hit in hits:
        text = http.get(f"/api/documents/{hit['document_id']}").json()["text"]
        assert text[hit["start"] : hit["end"]] == hit["text"]


def test_search_keeps_to_the_filters(http: httpx.Client) -> None:
    params = {"q": "Pakistan", "published_before": "2021-12-31"}
    hits = http.get("/api/search", params=params).json()["hits"]

    assert {hit["published"] for hit in hits} == {"2021-04-08"}


def test_document_with_slashes_in_its_id_comes_and_goes(http: httpx.Client) -> None:
    document = {
        "id": "news/2024/banjir",
        "title": "Banjir di Demak",
        "text": "Banjir melanda Demak pada Senin (12/2/2024). Sebanyak 30 rumah terendam.",
        "published": "2024-02-12",
    }
    assert http.post("/api/documents", json=document).json()["added"] == ["news/2024/banjir"]
    again = http.post("/api/documents", json={"documents": [document]}).json()
    assert again["unchanged"] == ["news/2024/banjir"]
    shown = http.get("/api/documents/news/2024/banjir").json()
    assert (shown["title"], shown["published"]) == ("Banjir di Demak", "2024-02-12")
    assert http.delete("/api/documents/news%2F2024%2Fbanjir").status_code == 200
    assert http.get("/api/documents/news/2024/banjir").status_code == 404


def test_uploaded_files_are_reported_one_by_one(http: httpx.Client) -> None:
    files = [
        ("files", ("Kabar.txt", b"Gempa mengguncang Cianjur pada Rabu pagi. Warga mengungsi.")),
        ("files", ("biner.txt", b"\x00\x01\x02")),
    ]
    response = http.post("/api/documents", files=files)

    assert response.status_code == 200
    assert response.json()["added"] == ["Kabar"]
    assert [failure["name"] for failure in response.json()["failed"]] == ["biner.txt"]
    http.delete("/api/documents/Kabar")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "empty"),
        (b"7", "no document"),
        (b'{"id": "a"}', '"text" is missing'),
        (b'[{"id": "a", "text": "Kata.", "published": "soon"}]', "published"),
    ],
)
def test_documents_that_cannot_be_used_are_an_error(
    http: httpx.Client, body: bytes, says: str
) -> None:
    response = http.post("/api/documents", content=body)

    assert response.status_code == 422
    assert says in response.json()["error"]["message"]


def test_listing_tells_nothing_of_the_machine(
    http: httpx.Client, running_server: RunningServer
) -> None:
    listing = http.get("/api/documents")

    assert len(listing.json()["documents"]) >= 5
    assert "seeds/" not in listing.text


def test_questions_that_cannot_be_asked(http: httpx.Client) -> None:
    for question in ("  ", "x" * 3000):
        response = http.post("/api/chat", json={"question": question})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_question")


def test_listens_at_once_and_ends_when_told_to(command_line: CommandLine) -> None:
    port = free_port()
    started = time.monotonic()
    server = command_line.start("serve", "--port", str(port))
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                assert time.monotonic() - started < 10
                time.sleep(0.01)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
        # Still loading: the heaviest moment to be told to end.
        server.send_signal(signal.SIGTERM)
        output, errors = server.communicate(timeout=10)
    finally:
        server.kill()

    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}" in output
    assert errors == ""


def test_port_in_use_is_one_clear_line(command_line: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = command_line.run("serve", "--port", str(port))

    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_second_server_on_an_index_says_who_holds_it(running_server: RunningServer) -> None:
    ended = running_server.command_line.run("serve", "--port", "0")

    assert ended.returncode == 1
    assert running_server.address in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_ready_server_says_what_answers(running_server: RunningServer) -> None:
    ready = httpx.get(f"{running_server.address}/readyz", trust_env=False).json()

    assert ready["status"] == "ready"
    assert ready["answerer"] == "reader"
    assert ready["answerer_reason"]
