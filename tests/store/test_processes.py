"""What other processes, kills and full disks do to an index."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from store_samples import BATCH, encode, numbered, open_at, put_many, words

from rag.errors import IndexLockedError, StorageFullError
from rag.store.protocol import Entry, IndexFingerprint, PassageStore
from rag.types import Filters

SAMPLES = Path(__file__).with_name("store_samples.py")
ROOT = Path(__file__).parents[2]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SAMPLES), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for got in process.stdout:
        if got.strip() == line:
            return
    raise AssertionError(f"the child ended without saying {line}")


def contents(store: PassageStore) -> dict[str, object]:
    """Return everything that a caller can see of an index, vectors rounded."""
    documents = store.list_documents()
    ids = [document.id for document in documents]
    full = store.documents_by_id(ids)
    passage_ids = [
        f"{document.id}@{document.content_hash[:8]}#{index}"
        for document in documents
        for index in range(document.passage_count)
    ]
    by_vector = [
        sorted(store.search_vectors(encode(query), 2000, Filters(document_ids=tuple(ids))))
        for query in ("banjir kota3", "pemilu hari")
    ]
    return {
        "documents": full,
        "passages": store.passages_by_id(passage_ids),
        "vectors": {
            id_: np.round(vector, 4).tolist() for id_, vector in store.document_vectors(ids).items()
        },
        "nearest": [[(id_, round(score, 4)) for id_, score in hits] for hits in by_vector],
        "words": [
            [(id_, round(score, 3)) for id_, score in store.search_words(terms, 2000, Filters())]
            for terms in (words("banjir", "kota3"), words("harga beras", "warga"), words("499"))
        ],
        "count": store.count(),
    }


def test_ten_kills_leave_the_same_index_as_none(tmp_path: Path) -> None:
    count, dice = 500, random.Random(20260101)
    kills = sorted(dice.sample(range(0, count, BATCH), 10))
    for point in kills:
        process = start(tmp_path / "killed", count, 50)
        wait_for(process, str(point))
        time.sleep(dice.random() * 0.1)  # anywhere within the next batches
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    last = start(tmp_path / "killed", count, 50)
    last.communicate()
    assert last.returncode == 0
    put_many(tmp_path / "plain", count, 50)
    killed, untouched = open_at(tmp_path / "killed"), open_at(tmp_path / "plain")
    assert killed.check() == []
    assert killed.count()[0] == count
    assert contents(killed) == contents(untouched)
    everywhere = Filters(document_ids=tuple(killed.content_hashes()))
    exact = dict(killed.search_vectors(encode("banjir kota3"), 50, everywhere))
    found = dict(killed.search_vectors(encode("banjir kota3"), 50, Filters()))
    assert len(exact.keys() & found.keys()) >= 45
    killed.close()
    untouched.close()


def test_a_second_process_learns_who_holds_the_index(tmp_path: Path) -> None:
    process = start(tmp_path, 1, 1, "hold")
    wait_for(process, "holding")
    with pytest.raises(IndexLockedError) as caught:
        open_at(tmp_path)
    message = str(caught.value)
    assert f"`rag serve` (process {process.pid}) at http://127.0.0.1:8123 since 20" in message
    assert "ask through it or stop it" in message
    assert caught.value.address == "http://127.0.0.1:8123"
    process.kill()
    process.communicate()
    open_at(tmp_path).close()


def test_the_lock_names_a_command_without_an_address(tmp_path: Path) -> None:
    store = open_at(tmp_path, command="rag ingest docs")
    with pytest.raises(
        IndexLockedError, match=r"`rag ingest docs` \(process \d+\) since"
    ) as caught:
        open_at(tmp_path)
    assert caught.value.address is None
    holder = json.loads((tmp_path / "lock").read_text())
    assert holder.keys() == {"pid", "command", "since", "address"}
    store.close()
    open_at(tmp_path).close()


def test_a_kill_between_record_and_word_index_is_made_good(tmp_path: Path) -> None:
    process = start(tmp_path, 12, 10, "hold")  # 10 flushed, 2 only in the record
    wait_for(process, "holding")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = open_at(tmp_path)
    assert store.count()[0] == 12
    assert store.search_words(words("nomor 11"), 5, Filters())
    assert store.check() == []
    store.close()


OTHER = IndexFingerprint("other", 16, "sentences-1", "cleaning-1")


def reindexed(store: PassageStore) -> Iterator[Entry]:
    for document in store.list_documents():
        yield numbered(int(document.id.rpartition("/")[2]))


def test_a_reindex_killed_at_any_change_of_collections_loses_nothing(tmp_path: Path) -> None:
    store = open_at(tmp_path / "index")
    store.put_many([numbered(number) for number in range(4)])
    store.close()
    changes = range(1, 8)  # two makes, the commit, two removals and two renamings; then the end
    children = []
    for change in changes:
        shutil.copytree(tmp_path / "index", tmp_path / str(change))
        children.append(start(tmp_path / str(change), 4, 1, "reindex", change))
    for child in children:
        child.communicate()
        assert child.returncode == -signal.SIGKILL
    for change in changes:
        store = open_at(tmp_path / str(change), fingerprint=OTHER, keep=True)
        assert store.count() == (4, 10)
        assert store.check() == []
        assert len(store.search_words(words("berita"), 50, Filters())) == 4
        store.close()
    store = open_at(tmp_path / "3", fingerprint=OTHER, keep=True)
    store.replace_all(OTHER, reindexed(store))
    store.close()
    store = open_at(tmp_path / "3", fingerprint=OTHER)
    assert store.count() == (4, 10)
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_writing_and_loses_nothing(small_disk: Path) -> None:
    store = open_at(small_disk)
    with pytest.raises(StorageFullError, match=r"Free at least 64 MB"):
        put_padded(store, range(5000))
    assert store.count()[0] > 5
    assert store.search_vectors(encode("banjir"), 5, Filters())
    store.flush()
    assert store.search_words(words("berita"), 5, Filters())
    assert store.check() == []
    store.close()


def test_a_disk_that_others_fill_loses_nothing_either(small_disk: Path) -> None:
    """Past the reserve: the write itself fails, and all is well once there is room again."""
    store = open_at(small_disk)
    store.put_many([numbered(number) for number in range(5)])
    store.flush()
    ballast = small_disk / "ballast"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.store.store.SPARE_BYTES", 0)
        fill(ballast)
        with pytest.raises(StorageFullError):
            put_padded(store, range(5, 500))
        ballast.unlink()
    store.flush()
    assert store.content_hashes().keys() >= {numbered(number)[0].id for number in range(5)}
    assert len(store.search_words(words("berita"), 500, Filters())) == store.count()[0]
    assert store.check() == []
    store.close()
    store = open_at(small_disk)
    assert store.check() == []
    store.close()


def put_padded(store: PassageStore, numbers: range) -> None:
    for number in numbers:
        store.put(*padded(number))


def padded(number: int) -> Entry:
    document, passages, vectors, whole = numbered(number)
    long = document.__class__(
        id=document.id,
        title=document.title,
        text=document.text + " " + "isi " * 20_000,
        language=document.language,
        source=document.source,
        origin=document.origin,
        content_hash=document.content_hash,
    )
    return long, passages, vectors, whole


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return
