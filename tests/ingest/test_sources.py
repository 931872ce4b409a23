"""Reading files, folders, JSON lines and uploads; what cannot be read is told, not fatal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date
from operator import length_hint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InvalidDocumentError
from rag.ingest.sources import raw_document_from_json, read_sources, read_upload
from rag.types import Failure, RawDocument


def documents(results: Iterable[RawDocument | Failure]) -> list[RawDocument]:
    found = list(results)
    assert not [result for result in found if isinstance(result, Failure)]
    return [result for result in found if isinstance(result, RawDocument)]


def only_failure(results: Iterable[RawDocument | Failure]) -> Failure:
    (failure,) = results
    assert isinstance(failure, Failure)
    return failure


def test_a_folder_is_read_recursively_sorted_and_without_hidden_or_other_files(
    tmp_path: Path,
) -> None:
    for name in ("b.txt", "a/z.md", "a/B.TXT", ".hidden.txt", ".git/x.txt", "a/photo.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Isi berita.")
    assert [document.id for document in documents(read_sources([tmp_path]))] == ["b", "a/B", "a/z"]


def test_a_file_given_directly_has_its_stem_as_id_and_its_absolute_path_as_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "berita.satu.txt").write_text("Isi.")
    monkeypatch.chdir(tmp_path)
    (document,) = documents(read_sources([Path("docs/../docs/berita.satu.txt")]))
    assert document.id == "berita.satu"
    assert document.origin == str(tmp_path / "docs" / "berita.satu.txt")


def test_signs_that_ids_may_not_hold_become_hyphens(tmp_path: Path) -> None:
    (tmp_path / "berita #1 @kota.txt").write_text("Isi.")
    assert [document.id for document in documents(read_sources([tmp_path]))] == ["berita -1 -kota"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_clear_mark_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("“Café” di Jakarta.", encoding=encoding)
    line = json.dumps({"id": "j", "text": "“Café”"}, ensure_ascii=False)
    (tmp_path / "b.jsonl").write_text(line + "\n", encoding=encoding)
    assert [d.text for d in documents(read_sources([tmp_path]))] == ["“Café” di Jakarta.", "“Café”"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"abc\0\0def", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        ("Café".encode("latin-1"), "not UTF-8 text (byte 0xe9 at offset 3)"),
        (b"\xff\xfea", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_fails_alone(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    (tmp_path / "good.txt").write_text("Isi.")
    bad, good = read_sources([tmp_path])
    assert isinstance(bad, Failure)
    assert bad.name == str(tmp_path / "bad.txt")
    assert reason in bad.reason
    assert isinstance(good, RawDocument)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "x", "text": ', "broken JSON"),
        (b"[" * 100_000, "broken JSON"),
        (b'["x"]', "not a JSON object"),
        (b'{"text": "Isi."}', '"id" is missing'),
        (b'{"id": "x"}', '"text" is missing'),
        (b'{"id": "x", "text": "  "}', '"text" is missing or empty'),
        (b'{"id": "x", "text": 5}', '"text" is not a string'),
        (b'{"id": "", "text": "Isi."}', "0 characters"),
        (b'{"id": "a@b", "text": "Isi."}', "holds @, #"),
        (b'{"id": "a\\u0000b", "text": "Isi."}', "control character"),
        (b'{"id": "x", "text": "Isi.", "title": ["a"]}', '"title" is not a string'),
        (b'{"id": "x", "text": "Isi.", "published": "kemarin"}', '"published" is not a date'),
        (b'{"id": "x", "text": "Isi.", "url": "javascript:alert(1)"}', "http"),
        (b'{"id": "x", "text": "\\ud800"}', "no text"),
        (b'{"id": "x", "text": "\xff"}', "not UTF-8"),
    ],
)
def test_a_bad_json_line_fails_alone_and_is_named_by_its_number(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    path = tmp_path / "berita.jsonl"
    path.write_bytes(b'{"id": "a", "text": "Isi."}\n\n' + line + b'\n{"id": "b", "text": "Isi."}')
    first, bad, last = read_sources([path])
    assert isinstance(first, RawDocument)
    assert isinstance(bad, Failure)
    assert bad.name == f"{path}:3"
    assert reason in bad.reason
    assert isinstance(last, RawDocument)


def test_all_fields_of_a_json_document_are_read() -> None:
    record = {
        "id": "kota/jembatan",
        "title": " Jembatan  Baru ",
        "text": "Isi.\nLagi.",
        "url": "https://berita.example/a",
        "published": "2024-01-19T10:20:00+07:00",
        "source": "Berita Contoh",
        "extra": {"ignored": True},
    }
    document = raw_document_from_json(record, name="x:1", origin="/x")
    assert (document.id, document.title, document.text) == (
        "kota/jembatan",
        "Jembatan Baru",
        "Isi.\nLagi.",
    )
    assert (document.url, document.published) == ("https://berita.example/a", date(2024, 1, 19))
    assert (document.source, document.origin) == ("Berita Contoh", "/x")


def test_the_hash_of_a_json_document_ignores_key_order_but_not_content() -> None:
    def hash_of(record: dict[str, object]) -> str:
        return raw_document_from_json(record, name="x", origin="x").content_hash

    assert hash_of({"id": "a", "text": "b"}) == hash_of({"text": "b", "id": "a"})
    assert hash_of({"id": "a", "text": "b"}) != hash_of({"id": "a", "text": "b", "title": "c"})


def test_a_missing_path_and_an_unsupported_file_are_failures(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert "no such file" in only_failure(read_sources([tmp_path / "x"])).reason
    assert "not a .txt" in only_failure(read_sources([tmp_path / "a.pdf"])).reason


def test_a_folder_without_documents_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(InvalidDocumentError, match=r"no \.txt, \.md or \.jsonl files under"):
        read_sources([tmp_path])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Isi.")
    (tmp_path / "a.txt").chmod(0)
    assert "cannot be read" in only_failure(read_sources([tmp_path])).reason


def test_a_broken_link_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    assert "cannot be read" in only_failure(read_sources([tmp_path])).reason


def test_the_expected_number_of_documents_is_known_for_progress(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Isi.")
    (tmp_path / "b.jsonl").write_text('{"id": "b", "text": "x"}\n{"id": "c", "text": "x"}')
    sources = read_sources([tmp_path])
    assert length_hint(sources) == 3
    next(sources)
    assert length_hint(sources) == 2


def test_uploads_are_read_like_files() -> None:
    (document,) = documents(read_upload("C:\\docs\\berita.txt", "Café.".encode()))
    assert (document.id, document.origin, document.text) == ("berita", "upload", "Café.")
    lines = b'{"id": "a", "text": "x"}\n{"id": "b"}'
    first, second = read_upload("b.jsonl", lines)
    assert isinstance(first, RawDocument)
    assert isinstance(second, Failure)
    assert second.name == "b.jsonl:2"
    assert "not a .txt" in only_failure(read_upload("a.exe", b"MZ")).reason
    assert "binary" in only_failure(read_upload("a.txt", b"M\0Z")).reason
    assert "document id" in only_failure(read_upload("x" * 201 + ".txt", b"Isi.")).reason


def test_markdown_loses_its_marks_and_gives_its_title() -> None:
    text = (
        "# Jembatan *Baru*\n\n## Kota\n\n**Wali kota** membuka [jembatan](https://a.example/x_(1)) "
        "dan _pasar_.\n\n![foto](a.jpg)\n\n> Kutipan\n\n- satu\n- dua_tiga_empat\n\n***\n"
    )
    (document,) = documents(read_upload("a.md", text.encode()))
    assert document.title == "Jembatan Baru"
    assert document.text.split("\n\n") == [
        "Jembatan Baru",
        "Kota",
        "Wali kota membuka jembatan dan pasar.",
        "",
        "Kutipan",
        "- satu\n- dua_tiga_empat",
        "\n",
    ]


@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.md", "a.jsonl"]))
def test_no_bytes_whatever_break_reading(content: bytes, name: str) -> None:
    assert read_upload(name, content)
