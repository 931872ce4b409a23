from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.client import RemoteEngine
from rag.errors import DocumentNotFoundError, InvalidQuestionError, ServerError
from rag.ingest.run import Progress
from rag.ingest.sources import read_sources
from rag.types import AnswerReady, Filters, SourcesFound
from tests.conftest import RunningServer, free_port


@pytest.fixture
def remote(running_server: RunningServer) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(running_server.address)
    yield engine
    engine.close()


@pytest.fixture
def articles(tmp_path: Path, remote: RemoteEngine) -> Iterator[Path]:
    folder = tmp_path / "articles"
    (folder / "sub").mkdir(parents=True)
    (folder / "satu.txt").write_text("Harga cabai naik di Pasar Senen pada Senin. Pedagang resah.")
    (folder / "sub" / "dua.txt").write_text("Kapal feri karam di Selat Bali. Semua orang selamat.")
    yield folder
    for document in remote.documents():
        if document.id in {"satu", "sub/dua"}:
            remote.delete([document.id])


def test_events_of_an_answer_arrive_in_order(remote: RemoteEngine) -> None:
    events = list(remote.stream("Siapa yang ditemui Larijani?"))

    assert isinstance(events[0], SourcesFound)
    assert isinstance(events[-1], AnswerReady)
    assert events[-1].answer.citations


def test_search_gives_hits_with_their_documents(remote: RemoteEngine) -> None:
    hit = remote.search("Larijani", 1, Filters(document_ids=("larijani-kunjungi-pakistan",)))[0]
    document = remote.document(hit.document.id)

    assert document.text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert hit.passage.id.startswith(f"{document.id}@{document.content_hash[:8]}#")


def test_ingest_sends_only_what_changed(remote: RemoteEngine, articles: Path) -> None:
    seen: list[Progress] = []
    first = remote.ingest(read_sources([articles]), on_progress=seen.append)
    (articles / "satu.txt").write_text("Harga cabai turun di Pasar Senen pada Rabu. Ibu lega.")
    second = remote.ingest(read_sources([articles]))

    assert (first.added, seen[-1].done, seen[-1].total) == (("satu", "sub/dua"), 2, 2)
    assert (second.updated, second.unchanged) == (("satu",), ("sub/dua",))


def test_pruning_removes_what_is_gone_under_the_folder_only(
    remote: RemoteEngine, articles: Path
) -> None:
    before = len(remote.documents())
    remote.ingest(read_sources([articles]))
    (articles / "sub" / "dua.txt").unlink()
    report = remote.ingest(read_sources([articles]), prune_roots=[articles])

    assert (report.removed, report.unchanged) == (("sub/dua",), ("satu",))
    assert len(remote.documents()) == before + 1


def test_pruning_keeps_what_could_not_be_read(remote: RemoteEngine, articles: Path) -> None:
    remote.ingest(read_sources([articles]))
    (articles / "satu.txt").write_bytes(b"\x00")
    report = remote.ingest(read_sources([articles]), prune_roots=[articles])

    assert [failure.name for failure in report.failed] == [str(articles / "satu.txt")]
    assert report.removed == ()


def test_same_id_twice_is_a_failure_of_the_second(remote: RemoteEngine, articles: Path) -> None:
    other = articles.parent / "other"
    other.mkdir()
    (other / "satu.txt").write_text("Sesuatu yang lain sama sekali terjadi di Medan.")
    report = remote.ingest(read_sources([articles, other]))

    assert report.added == ("satu", "sub/dua")
    assert "already taken" in report.failed[0].reason


def test_errors_of_the_server_are_the_engine_s_errors(remote: RemoteEngine) -> None:
    with pytest.raises(DocumentNotFoundError):
        remote.document("no/such")
    with pytest.raises(DocumentNotFoundError):
        remote.delete(["no/such"])
    with pytest.raises(InvalidQuestionError):
        remote.ask(" ")


def test_healthy_index_has_no_problems(remote: RemoteEngine) -> None:
    assert remote.check() == []
    assert remote.status().answerer == "reader"


def test_absent_server_is_named() -> None:
    engine = RemoteEngine(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(ServerError, match=r"127\.0\.0\.1"):
        engine.documents()
    engine.close()
