from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.serve.guard import is_local_name

from .conftest import ScriptedEngine, ServeEngine

BIG = 2_000_000


def test_unknown_path_and_method_have_the_shape_of_every_error(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())

    assert client.get("/nowhere").json()["error"]["code"] == "not_found"
    assert client.put("/api/chat").json()["error"]["code"] == "method_not_allowed"


def test_broken_json_is_said_to_be_that(serve_engine: ServeEngine) -> None:
    response = serve_engine(ScriptedEngine()).post(
        "/api/chat", content=b'{"question"', headers={"content-type": "application/json"}
    )

    assert response.status_code == 422
    assert "not valid JSON" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/api/chat", "/api/documents"])
@pytest.mark.parametrize("chunked", [False, True])
def test_large_body_is_refused(serve_engine: ServeEngine, path: str, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(BIG // 10_000):
            yield b" " * 10_000

    client = serve_engine(ScriptedEngine(), max_upload_megabytes=1)
    content = pieces() if chunked else b" " * BIG
    response = client.post(path, content=content, headers={"content-type": "application/json"})

    assert response.status_code == 413
    assert "1 MB" in response.json()["error"]["message"]


def test_read_only_server_refuses_changes(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine(), read_only=True)
    document = {"id": "a", "text": "Kata."}

    for response in (
        client.post("/api/documents", json=document),
        client.delete("/api/documents/a"),
        client.post("/api/index/repair"),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (403, "read_only")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ],
)
def test_other_sites_cannot_change_the_index(
    serve_engine: ServeEngine, headers: dict[str, str]
) -> None:
    response = serve_engine(ScriptedEngine()).delete("/api/documents/a", headers=headers)

    assert response.status_code == 403
    assert response.json()["error"]["code"].startswith("foreign_")


def test_renamed_address_cannot_read_from_a_local_server(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())

    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 403


def test_server_for_others_answers_to_any_name(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine(), local_only=False)

    assert client.get("/healthz", headers={"host": "news.example"}).status_code == 200


def test_own_page_may_ask_also_behind_a_proxy(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())
    own = {"origin": str(client.base_url).rstrip("/")}
    proxied = {"origin": "https://news.example", "x-forwarded-host": "news.example"}

    for headers in (own, proxied):
        response = client.post("/api/chat", json={"question": "Siapa?"}, headers=headers)
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_local_names(name: str, local: bool) -> None:
    assert is_local_name(name) is local


def test_documentation_needs_no_other_site(serve_engine: ServeEngine) -> None:
    client = serve_engine(ScriptedEngine())
    page = client.get("/docs").text

    assert "https://" not in page
    assert client.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200
    schema = client.get("/openapi.json").json()
    assert schema["components"]["schemas"]["ChatRequest"]["examples"][0]["question"]
