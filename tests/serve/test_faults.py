"""A hundred conversations over HTTP with a model that fails in every way: what people still see.

The real engine, store, server and clients, and a stand-in for Ollama whose faults take turns.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import numpy as np
import pytest
from stand_ins.ollama_server import NOT_JSON, OUT_OF_MEMORY, OllamaServer, Refusal, Reply, Script

import rag.answer.choosing
import rag.build
from rag.engine import Engine
from rag.ingest.sources import read_sources
from rag.models.encoder import FloatArray
from rag.settings import Settings

from .conftest import ServeEngine

ROOT = Path(__file__).parents[2]
MODEL = "gemma3:4b"
LONGEST_SECONDS = 18.0
"""Rewriting and answering have 1.3 seconds together; the rest is room for a busy machine."""

GOOD = "Lavrov bertemu Qureshi di Islamabad [1]. Mereka membahas Afghanistan [2]."
FAULTS: tuple[Script, ...] = (
    Reply([GOOD]),
    Reply([GOOD[:20], GOOD[20:50], GOOD[50:]], delay=0.01),
    Reply(["Lavrov bertemu Macron di Paris pada 3 Mei 2031 [1][9]. [2", "]"]),
    Reply(["Larijani tiba 【99】. (sumber 1) [0] [-1] [1-400]"]),
    Reply(["Artikel-artikel yang ada tidak menyebutkannya."]),
    Reply(["[1]"]),
    Reply(["<think>hmm</think>", "Zardari menjawab [3]."]),
    Reply(["x" * 3000, " [1] ", "\x00\ufffd\u202e [2]"]),
    Reply([GOOD[:30]], ending="cut"),
    Reply([GOOD[:30]], ending="no_done"),
    Reply([GOOD[:30]], ending="garbage"),
    Reply([GOOD[:30]], ending="error"),
    Reply([GOOD[:30]], ending="stall"),
    Reply([GOOD[:35]], ending="length"),
    Reply([GOOD], first_delay=3.0),
    Reply([]),
    OUT_OF_MEMORY,
    NOT_JSON,
    Refusal(404, f"model '{MODEL}' not found"),
    Refusal(503, "server busy"),
    Refusal(500, "boom"),
)
QUESTIONS = (
    "Siapa yang ditemui Lavrov di Islamabad?",
    "Who did Larijani meet in Pakistan?",
    "Apa yang dibahas Lavrov dan Qureshi?",
    "Kapan Iran menyerang Jaish Al-Adl?",
    "Berapa tinggi Gunung Rinjani?",
    "Who is the Pakistani army chief?",
)
FOLLOW_UPS = ("Kapan itu?", "Siapa dia?", "What about Lavrov?", "Dan di mana?", "Why?")


class WordEncoder:
    """Vectors of hashed words: quick, and the same on every machine."""

    name = "words"
    dimensions = 32

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.full((len(texts), self.dimensions), 0.01, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.casefold().split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.dimensions] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    turns = itertools.cycle(FAULTS)
    lock = threading.Lock()

    def take_turns(_: list[dict[str, str]]) -> Script:
        with lock:
            return next(turns)

    with OllamaServer(models=[MODEL], writer=take_turns) as running:
        yield running


def build(ollama: OllamaServer, folder: Path, answerer: str) -> Engine:
    settings = Settings.model_validate(
        {
            "index_dir": folder / "index",
            "reader": "none",
            "answerer": answerer,
            "ollama_host": ollama.host,
            "ollama_model": MODEL,
            "llm_first_token_seconds": 0.3,
            "llm_between_tokens_seconds": 0.2,
            "llm_total_seconds": 1.0,
            "llm_rewrite_seconds": 0.3,
            "llm_connect_seconds": 0.5,
            "llm_probe_seconds": 0.05,
        }
    )
    engine = rag.build.build_engine(settings)
    engine.ingest(read_sources([ROOT / "seeds"]))
    return engine


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.build, "build_encoder", lambda _: WordEncoder())
    monkeypatch.setattr(rag.answer.choosing, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(rag.answer.choosing, "LONGEST_PAUSE_SECONDS", 0.05)


class Conversations:
    """Talks to the server in each of its four ways, and holds every answer to the invariants."""

    def __init__(self, client: httpx.Client, texts: dict[str, str], pages: dict[str, str]) -> None:
        self.client = client
        self.texts = texts
        self.pages = pages
        self.seen: Counter[str] = Counter()

    def hold(self, number: int) -> None:
        rng = random.Random(number)
        turns = [rng.choice(QUESTIONS), *rng.sample(FOLLOW_UPS, rng.randint(0, 1))]
        ways = (self.by_json, self.by_events, self.by_openai, self.by_openai_stream)
        history: list[dict[str, str]] = []
        for question in turns:
            started = time.monotonic()
            said = ways[number % len(ways)](question, history)
            assert time.monotonic() - started < LONGEST_SECONDS
            history += [
                {"role": "user", "content": question},
                {"role": "assistant", "content": said},
            ]

    def by_json(self, question: str, history: list[dict[str, str]]) -> str:
        response = self.client.post("/api/chat", json={"question": question, "history": history})
        assert response.status_code == 200, response.text
        return self.check(response.json())

    def by_events(self, question: str, history: list[dict[str, str]]) -> str:
        body = {"question": question, "history": history, "stream": True}
        frames = self.client.post("/api/chat", json=body).text.strip().split("\n\n")
        names = [frame.split("\n")[0] for frame in frames if not frame.startswith(":")]
        assert names[0] == "event: sources"
        assert names[-1] == "event: answer", frames[-1]
        return self.check(json.loads(frames[-1].split("\n")[1].removeprefix("data: ")))

    def by_openai(self, question: str, history: list[dict[str, str]]) -> str:
        body = {"model": "rag", "messages": [*history, {"role": "user", "content": question}]}
        response = self.client.post("/v1/chat/completions", json=body)
        assert response.status_code == 200, response.text
        message = response.json()["choices"][0]["message"]
        return self.check_annotations(message["content"], message["annotations"])

    def by_openai_stream(self, question: str, history: list[dict[str, str]]) -> str:
        messages = [*history, {"role": "user", "content": question}]
        body = {"model": "rag", "messages": messages, "stream": True}
        text = self.client.post("/v1/chat/completions", json=body).text
        *events, done = [line[6:] for line in text.split("\n") if line.startswith("data: ")]
        assert done == "[DONE]"
        deltas = [json.loads(event)["choices"][0]["delta"] for event in events]
        content = "".join(delta.get("content", "") for delta in deltas)
        cited = [a for delta in deltas for a in delta.get("annotations", ())]
        return self.check_annotations(content, cited)

    def check(self, answer: dict[str, object]) -> str:
        citations, sentences = answer["citations"], answer["sentences"]
        assert isinstance(citations, list)
        assert isinstance(sentences, list)
        assert isinstance(answer["answer"], str)
        assert [c["number"] for c in citations] == list(range(1, len(citations) + 1))
        for citation in citations:
            text = self.texts[citation["document_id"]]
            assert text[citation["start"] : citation["end"]] == citation["quote"] != ""
        used = [number for sentence in sentences for number in sentence["citations"]]
        assert list(dict.fromkeys(used)) == [c["number"] for c in citations]
        marked = [int(n) for n in re.findall(r"\[(\d+)\]", answer["answer"])]
        assert set(marked) == set(used)
        for sentence in sentences:
            if sentence["support"] != "unsupported":
                assert sentence["citations"]
            assert "2031" not in sentence["text"] or sentence["support"] == "unsupported"
        assert answer["abstained"] is not bool(sentences)
        self.seen[f"{answer['answerer']} {'abstained' if answer['abstained'] else 'answered'}"] += 1
        self.seen["warned"] += bool(answer["warnings"])
        return answer["answer"]

    def check_annotations(self, content: str, cited: list[dict[str, dict[str, object]]]) -> str:
        for annotation in cited:
            told = annotation["url_citation"]
            start, end = told["start_index"], told["end_index"]
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert re.fullmatch(r"\[\d+\]", content[start:end])
            path = unquote(urlsplit(str(told["url"])).path)
            text = self.texts.get(path.removeprefix("/api/documents/")) or self.pages[path]
            assert told["quote"] == text[told["quote_start"] : told["quote_end"]]  # type: ignore[misc]
        answer = re.split(r"\n\n(?:Sumber|Sources):\n", content)[0]
        assert len(re.findall(r"\[\d+\]", answer)) == len(cited)
        return content


def test_hundred_conversations_with_faults_break_no_invariant(
    serve_engine: ServeEngine, ollama: OllamaServer, tmp_path: Path
) -> None:
    engine = build(ollama, tmp_path, "auto")
    client = serve_engine(engine)
    texts = {document.id: engine.document(document.id).text for document in engine.documents()}
    pages = {
        urlsplit(document.url).path: texts[document.id]
        for document in engine.documents()
        if document.url
    }
    conversations = Conversations(client, texts, pages)
    over = threading.Event()

    def come_and_go() -> None:
        while not over.wait(1.5):
            ollama.stop()
            over.wait(0.3)
            ollama.start()

    outages = threading.Thread(target=come_and_go)
    outages.start()
    try:
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(conversations.hold, range(100)))
    finally:
        over.set()
        outages.join()
        engine.close()
    seen = conversations.seen
    assert seen[f"ollama:{MODEL} answered"] > 0
    assert seen["reader answered"] > 0
    assert seen["warned"] > 0
    assert len(ollama.requests) > len(FAULTS)


def test_server_told_to_use_the_model_explains_every_fault(
    serve_engine: ServeEngine, ollama: OllamaServer, tmp_path: Path
) -> None:
    engine = build(ollama, tmp_path, "ollama")
    client = serve_engine(engine)
    statuses: Counter[int] = Counter()
    try:
        for fault in FAULTS:
            ollama.script(fault)
            response = client.post("/api/chat", json={"question": QUESTIONS[0]})
            statuses[response.status_code] += 1
            if response.status_code != 200:
                error = response.json()["error"]
                assert error["code"].startswith("language_model_")
                assert MODEL in error["message"] or ollama.host in error["message"]
                assert "Lavrov" not in error["message"]
    finally:
        engine.close()
    assert set(statuses) == {200, 502, 503, 504}
    assert client.get("/healthz").status_code == 200
