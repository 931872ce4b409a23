"""The ingest run: what it stores, skips, replaces, removes and reports."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from ingest_samples import DictStore, HashEncoder

from rag.errors import StorageFullError
from rag.ingest.run import BATCH_PASSAGES, IngestStoppedError, Progress, ingest
from rag.ingest.sources import read_sources, read_upload
from rag.types import IngestReport

BODY = "Wali kota membuka jembatan baru pada Senin pagi dan warga menyambutnya dengan gembira."


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for name in ("a", "b", "sub/c"):
        write(folder / f"{name}.txt", f"Berita {name}\n\n{BODY}")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(
    store: DictStore, *paths: Path, encoder: HashEncoder | None = None, prune: bool = False
) -> IngestReport:
    return ingest(
        read_sources(paths),
        store,  # type: ignore[arg-type]
        encoder or HashEncoder(),
        passage_words=40,
        prune_roots=paths if prune else (),
    )


def test_new_documents_are_added_with_their_passages_and_vectors(
    store: DictStore, docs: Path
) -> None:
    report = run(store, docs)
    assert report.added == ("a", "b", "sub/c")
    assert store.documents["sub/c"].title == "Berita sub/c"
    assert store.vectors["a"].shape == (len(store.passages["a"]), 16)
    assert np.linalg.norm(store.own_vectors["a"]) == pytest.approx(1)
    assert store.flushed


def test_unchanged_documents_are_skipped_and_not_encoded(store: DictStore, docs: Path) -> None:
    run(store, docs)
    encoder = HashEncoder()
    report = run(store, docs, encoder=encoder)
    assert report.unchanged == ("a", "b", "sub/c")
    assert report.added == report.updated == ()
    assert encoder.batches == []
    assert store.puts == 3


def test_an_edited_document_replaces_its_old_passages(store: DictStore, docs: Path) -> None:
    run(store, docs)
    write(docs / "a.txt", "Berita a\n\nJembatan itu ditutup lagi.")
    report = run(store, docs)
    assert (report.updated, report.unchanged) == (("a",), ("b", "sub/c"))
    assert [passage.text for passage in store.passages["a"]] == [
        "Berita a\n\nJembatan itu ditutup lagi."
    ]


def test_documents_whose_files_are_gone_stay_without_prune_and_go_with_it(
    store: DictStore, docs: Path
) -> None:
    run(store, docs)
    (docs / "sub" / "c.txt").unlink()
    assert run(store, docs).removed == ()
    assert run(store, docs, prune=True).removed == ("sub/c",)
    assert set(store.documents) == {"a", "b"}


def test_prune_spares_uploads_and_other_folders(
    store: DictStore, docs: Path, tmp_path: Path
) -> None:
    write(tmp_path / "docs-other" / "x.txt", BODY)
    run(store, docs, tmp_path / "docs-other")
    ingest(read_upload("u.txt", BODY.encode()), store, HashEncoder(), passage_words=40)  # type: ignore[arg-type]
    (docs / "a.txt").unlink()
    assert run(store, docs, prune=True).removed == ("a",)
    assert set(store.documents) == {"b", "sub/c", "x", "u"}


def test_prune_spares_what_could_not_be_read_this_time(
    store: DictStore, docs: Path, tmp_path: Path
) -> None:
    write(docs / "many.jsonl", '{"id": "m1", "text": "Isi satu."}\n{"id": "m2", "text": "Isi."}')
    run(store, docs)
    (docs / "a.txt").write_bytes(b"\0")
    write(docs / "many.jsonl", '{"id": "m1", "text": "Isi satu."}\n{"id": "m2", "te')
    report = run(store, docs, prune=True)
    assert report.removed == ()
    assert len(report.failed) == 2
    assert set(store.documents) == {"a", "b", "sub/c", "m1", "m2"}


def test_prune_spares_a_folder_that_is_missing_as_a_whole(store: DictStore, docs: Path) -> None:
    run(store, docs)
    docs.rename(docs.with_name("unmounted"))
    assert run(store, docs, prune=True).removed == ()
    assert len(store.documents) == 3


def test_one_bad_file_never_stops_the_rest(store: DictStore, docs: Path) -> None:
    (docs / "aa.txt").write_bytes(b"\0\0")
    write(docs / "ab.txt", "Bagikan\n\nFacebook")
    report = run(store, docs)
    assert report.added == ("a", "b", "sub/c")
    assert [(Path(failure.name).name, failure.reason) for failure in report.failed] == [
        ("aa.txt", "a binary file, not text"),
        ("ab.txt", "no text is left after cleaning"),
    ]


def test_a_second_source_with_the_same_id_fails_and_names_both(
    store: DictStore, docs: Path
) -> None:
    write(docs / "a.md", BODY)
    report = run(store, docs)
    (failure,) = report.failed
    assert failure.name == str(docs / "a.txt")
    assert str(docs / "a.md") in failure.reason
    assert "a" in report.added


def test_a_file_named_twice_is_taken_once(store: DictStore, docs: Path) -> None:
    report = run(store, docs, docs / "a.txt")
    assert report.added == ("a", "b", "sub/c")
    assert report.failed == ()


def test_two_json_lines_with_one_id_are_a_failure(store: DictStore, tmp_path: Path) -> None:
    write(tmp_path / "x.jsonl", '{"id": "a", "text": "Satu."}\n{"id": "a", "text": "Dua."}')
    report = run(store, tmp_path / "x.jsonl")
    assert report.added == ("a",)
    assert "already taken" in report.failed[0].reason


def test_a_document_from_another_origin_replaces_the_old_one_with_a_warning(
    store: DictStore, docs: Path
) -> None:
    run(store, docs)
    moved = docs.with_name("moved")
    docs.rename(moved)
    report = run(store, moved)
    assert report.updated == ("a", "b", "sub/c")
    assert "replaces the document of that id from a.txt" in report.warnings[0]
    assert str(docs) not in report.warnings[0]
    assert store.documents["a"].origin == str(moved / "a.txt")


def test_passages_of_several_documents_are_encoded_together_in_bounded_batches(
    store: DictStore, tmp_path: Path, encoder: HashEncoder
) -> None:
    for number in range(150):
        write(tmp_path / f"{number:03}.txt", f"Berita nomor {number}.")
    write(tmp_path / "long.txt", " ".join(f"Kalimat {n} {'kata ' * 30}." for n in range(200)))
    run(store, tmp_path, encoder=encoder)
    assert max(encoder.batches) <= BATCH_PASSAGES
    assert len(encoder.batches) < 20
    assert len(store.documents) == 151


def test_progress_counts_every_source_once_up_to_the_total(store: DictStore, docs: Path) -> None:
    (docs / "bad.txt").write_bytes(b"\0")
    steps: list[Progress] = []
    ingest(read_sources([docs]), store, HashEncoder(), passage_words=40, on_progress=steps.append)  # type: ignore[arg-type]
    assert [step.done for step in steps] == [1, 2, 3, 4]
    assert {step.total for step in steps} == {4}


def test_a_full_disk_stops_the_run_and_reports_what_is_safe(docs: Path) -> None:
    store = DictStore(capacity=2)
    with pytest.raises(IngestStoppedError, match="2 documents were stored") as caught:
        run(store, docs)
    assert isinstance(caught.value, StorageFullError)
    assert caught.value.report.added == ("a", "b")
    assert set(store.documents) == {"a", "b"}
    assert store.flushed
    store.capacity = None
    assert run(store, docs).added == ("sub/c",)


def test_relative_and_absolute_paths_name_the_same_documents(
    store: DictStore, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, docs)
    monkeypatch.chdir(docs.parent)
    (docs / "a.txt").unlink()
    report = run(store, Path("docs"), prune=True)
    assert (report.unchanged, report.removed) == (("b", "sub/c"), ("a",))
    assert os.path.isabs(store.documents["b"].origin)  # noqa: PTH117
