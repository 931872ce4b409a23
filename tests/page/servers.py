"""Servers for the browser: the real program over a small index, and one that follows a script."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import uvicorn

import rag.build
from rag.engine import Engine, Status
from rag.ingest.sources import read_sources
from rag.models.encoder import FloatArray
from rag.serve.app import create_app
from rag.serve.loading import EngineLoader
from rag.serve.service import Service
from rag.settings import Settings
from rag.types import Document, Event, IngestReport, Message

SEEDS = Path(__file__).parents[2] / "seeds"

HOSTILE = """<script>window.stolen = 1</script><img src=x onerror="window.stolen = 1"> Berita

Senin, 3 Februari 2025

BANDUNG - Wali Kota Bandung Ratna Sutedja <b>menemui</b> <img src=x onerror="window.stolen = 1">
para petani pada Senin (3/2/2025). "Harga <script>window.stolen = 1</script> turun," katanya.

[tautan](javascript:window.stolen=1) **tebal** `kode` javascript:alert(1)
"""
EMOJI = """Festival 🎉 Kopi 🎈 Dibuka di Aceh

Sabtu, 5 April 2025

BANDA ACEH - Festival kopi 🎊🎊 dibuka. Gubernur Aceh Teuku Firman membuka festival kopi 🎉 di
Takengon pada Sabtu (5/4/2025). Sebanyak 🎈 40 kedai ikut serta.
"""


class WordsEncoder:
    """Unit-length vectors out of the words of a text: alike texts are near each other."""

    name = "words"
    dimensions = 64

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.lower().split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.dimensions] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Site:
    """A server that the browser visits; it can go away and come back at the same address."""

    service: Service
    port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            create_app(self.service, local_only=True),
            log_config=None,
            timeout_graceful_shutdown=0,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join()
            self._server = None


@contextmanager
def serving(engine: Engine | ScriptedEngine, settings: Settings) -> Iterator[Site]:
    """Serve an engine that is already there."""
    loader = EngineLoader(lambda: engine)
    loader.start(on_failure=lambda: None)
    site = Site(Service(settings, loader))
    site.start()
    try:
        yield site
    finally:
        site.stop()
        engine.close()


@contextmanager
def real_site(
    folder: Path, *, articles: Sequence[Path] = (SEEDS,), **chosen: object
) -> Iterator[Site]:
    """Serve the real program, with a small encoder in place of the trained one."""
    settings = Settings.model_construct(
        **{"index_dir": folder / "index", "reader": "none", "answerer": "reader", **chosen}
    )
    original = rag.build.build_encoder
    rag.build.build_encoder = lambda _: WordsEncoder()
    try:
        engine = rag.build.build_engine(settings)
    finally:
        rag.build.build_encoder = original
    engine.ingest(read_sources(articles))
    with serving(engine, settings) as site:
        yield site


Script = Callable[[str], Iterator[Event]]


class ScriptedEngine:
    """Answers with the events of a script, as slowly as the script likes."""

    def __init__(self, script: Script, documents: Sequence[Document] = ()) -> None:
        self.script = script
        self.histories: list[Sequence[Message]] = []
        self._documents = {document.id: document for document in documents}

    def stream(
        self, question: str, history: Sequence[Message] = (), **_: object
    ) -> Iterator[Event]:
        self.histories.append(history)
        yield from self.script(question)

    def status(self) -> Status:
        return Status(len(self._documents), 1, "words", "reader", "no language model is set up")

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    def document(self, document_id: str) -> Document:
        return self._documents[document_id]

    def content_hashes(self) -> dict[str, str]:
        return {}

    def search(self, *_: object) -> list[object]:
        return []

    def ingest(self, *_: object) -> IngestReport:
        return IngestReport()

    def close(self) -> None:
        """Nothing is held."""


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that happens outside the browser."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
