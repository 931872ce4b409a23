"""Small documents with made-up vectors, and a child process that puts many of them."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from rag.store.open import open_store
from rag.store.protocol import Entry, FloatArray, IndexFingerprint, PassageStore
from rag.types import Document, Language, Passage, QueryTerm

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

DIMENSIONS = 16
BATCH = 5
FINGERPRINT = IndexFingerprint("hashing", DIMENSIONS, "sentences-1", "cleaning-1")
TOPICS = ("banjir", "pemilu", "harga beras", "sepak bola", "kereta cepat")


def analyse(text: str, language: Language) -> list[str]:
    return text.lower().replace(".", " ").split()


def encode(text: str) -> FloatArray:
    """Return the normalised sum of one pseudo-random vector a word."""
    total = np.zeros(DIMENSIONS, dtype=np.float32)
    for word in text.lower().replace(".", " ").split():
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")
        total += np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return total / max(float(np.linalg.norm(total)), 1e-9)


def entry(
    name: str,
    sentences: list[str],
    *,
    title: str = "",
    published: date | None = None,
    source: str = "contoh.id",
    language: Language = "id",
) -> Entry:
    """Return what `put` takes, one passage a sentence."""
    text = " ".join(sentences)
    digest = hashlib.sha256((title + text).encode()).hexdigest()
    document = Document(
        id=name,
        title=title or name,
        text=text,
        language=language,
        source=source,
        origin=f"/articles/{name}.txt",
        content_hash=digest,
        url=None if name == "tanpa-url" else f"https://contoh.id/{name}",
        published=published,
    )
    passages, start = [], 0
    for index, sentence in enumerate(sentences):
        end = start + len(sentence)
        passages.append(
            Passage(name, digest, index, sentence, start, end, language, published, source)
        )
        start = end + 1
    vectors = np.array([encode(sentence) for sentence in sentences], dtype=np.float32)
    return document, passages, vectors.reshape(len(sentences), DIMENSIONS), encode(text or name)


def numbered(number: int) -> Entry:
    """Return the number-th of an endless row of documents of two or three passages."""
    topic = TOPICS[number % len(TOPICS)]
    sentences = [
        f"Berita {topic} nomor {number} dari kota{number % 17}.",
        f"Warga kota{number % 17} membahas {topic} pada hari {number % 7}.",
    ] + ([f"Catatan tambahan {number}."] if number % 3 == 0 else [])
    day = date(2024, 1, 1) + timedelta(days=number % 300)
    return entry(f"berita/{number}", sentences, title=f"{topic} {number}", published=day)


def open_at(
    folder: Path,
    *,
    fingerprint: IndexFingerprint = FINGERPRINT,
    version: str = "1",
    command: str = "rag test",
    keep: bool = False,
) -> PassageStore:
    return open_store(
        folder,
        fingerprint=fingerprint,
        analyse=analyse,
        analyser_version=version,
        command=command,
        on_mismatch="keep" if keep else "raise",
    )


def words(*alternatives: str) -> list[QueryTerm]:
    """Return one query term a word or phrase."""
    return [QueryTerm((tuple(phrase.split()),)) for phrase in alternatives]


def put_many(folder: Path, count: int, flush_every: int) -> None:
    """Put what is missing of the first `count` documents, as an ingest run would."""
    store = open_at(folder)
    known = store.content_hashes()
    for first in range(0, count, BATCH):
        made = [numbered(number) for number in range(first, first + BATCH)]
        store.put_many([one for one in made if known.get(one[0].id) != one[0].content_hash])
        if first % flush_every == 0:
            store.flush()
        print(first, flush=True)
    store.close()


def hold(folder: Path, count: int, flush_every: int) -> None:
    """Put documents, leave the last ones unflushed, and keep the index until killed."""
    store = open_at(folder, command="rag serve")
    for number in range(count):
        store.put(*numbered(number))
        if (number + 1) % flush_every == 0:
            store.flush()
    store.announce("http://127.0.0.1:8123")
    print("holding", flush=True)
    time.sleep(60)


def reindex_and_die(folder: Path, call: int) -> None:
    """Rebuild the index under another fingerprint, and die before the call-th change."""
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

    calls = 0

    def counted(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            nonlocal calls
            if calls == call:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1
            return function(*args, **kwargs)

        return run

    other = IndexFingerprint("other", DIMENSIONS, "sentences-1", "cleaning-1")
    store = open_at(folder, fingerprint=other, keep=True)
    listed = [numbered(number) for number in range(len(store.list_documents()))]
    for owner, name in (
        (Client, "create_collection"),
        (Client, "delete_collection"),
        (Collection, "modify"),
    ):
        setattr(owner, name, counted(getattr(owner, name)))
    store.replace_all(other, listed)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, count, flush_every]:
            put_many(Path(folder), int(count), int(flush_every))
        case [folder, count, flush_every, "hold"]:
            hold(Path(folder), int(count), int(flush_every))
        case [folder, _, _, "reindex", call]:
            reindex_and_die(Path(folder), int(call))
