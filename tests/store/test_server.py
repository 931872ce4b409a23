"""The same store behind a real `chroma run` server, which several processes share."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import FINGERPRINT, analyse, encode, entry, numbered, words

from rag.errors import StoreError
from rag.store.open import open_store
from rag.store.protocol import PassageStore
from rag.types import Filters


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    if not program.exists():
        pytest.skip("the chroma program is not installed beside this Python")
    folder = tmp_path_factory.mktemp("server")
    server = subprocess.Popen(
        [program, "run", "--host", "127.0.0.1", "--port", str(port), "--path", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(200):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


def open_shared(folder: Path, url: str) -> PassageStore:
    return open_store(
        folder, fingerprint=FINGERPRINT, analyse=analyse, analyser_version="1", chroma_url=url
    )


def test_two_stores_see_each_others_changes(tmp_path: Path, url: str) -> None:
    one, two = open_shared(tmp_path, url), open_shared(tmp_path, url)
    one.put_many([numbered(number) for number in range(5)])
    assert len(two.search_words(words("berita"), 50, Filters())) == 5
    two.put(*entry("berita/3", ["Kabar terbaru saja."]))
    assert one.search_words(words("terbaru"), 5, Filters())
    assert len(one.search_words(words("berita"), 50, Filters())) == 4
    assert one.search_vectors(encode("kabar terbaru saja"), 1, Filters())[0][1] > 0.99
    one.delete(["berita/3"])
    assert two.search_words(words("terbaru"), 5, Filters()) == []
    two.flush()
    assert two.check() == []
    one.replace_all(FINGERPRINT, [numbered(8)])
    assert len(two.search_words(words("berita"), 50, Filters())) == 1
    assert two.count() == (1, 2)
    one.close()
    two.close()


def test_a_server_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StoreError, match=r"does not answer.*chroma run"):
        open_shared(tmp_path, address)
