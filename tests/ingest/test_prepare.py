"""What a document is said to be: title, date, url, language, source."""

from __future__ import annotations

from datetime import date

import pytest

from rag.errors import InvalidDocumentError
from rag.ingest.prepare import prepare_document
from rag.types import RawDocument

BODY = "Wali kota membuka jembatan baru pada Senin pagi dan warga menyambutnya dengan gembira."


def raw(text: str, origin: str = "/docs/kota/berita.txt") -> RawDocument:
    return RawDocument("kota/berita", text, "0" * 64, origin)


def test_the_headline_becomes_the_title_and_stays_in_the_text() -> None:
    document = prepare_document(raw(f"Iklan\n\nJembatan Dibuka\n\n{BODY}"))
    assert document.title == "Jembatan Dibuka"
    assert document.text == f"Jembatan Dibuka\n\n{BODY}"


def test_a_date_line_is_no_title() -> None:
    document = prepare_document(raw(f"Jumat, 19 Januari 2024\n\nJembatan Dibuka\n\n{BODY}"))
    assert document.title == "Jembatan Dibuka"
    assert document.published == date(2024, 1, 19)


def test_without_a_headline_the_first_sentence_is_shortened_at_a_word() -> None:
    long = "JAKARTA - " + "Wali kota membuka jembatan yang sangat panjang " * 4 + "itu. " + BODY
    title = prepare_document(raw(long)).title
    assert title.startswith("Wali kota membuka")
    assert title.endswith("…")
    assert len(title) <= 101
    assert title.rstrip("…") in long


def test_a_bare_address_leaves_the_text_and_becomes_url_source_and_date() -> None:
    url = "https://www.berita.example/2024/01/20/jembatan"
    document = prepare_document(raw(f"Jembatan Dibuka\n\n{BODY}\n\n{url}\n"))
    assert url not in document.text
    assert (document.url, document.source) == (url, "berita.example")
    assert document.published == date(2024, 1, 20)


def test_what_is_given_beats_what_is_found() -> None:
    given = RawDocument(
        "x",
        f"Judul Lain\n\n2 Maret 2020\n\n{BODY}\n\nhttps://lain.example/a",
        "0" * 64,
        "upload",
        title="Judul",
        url="https://berita.example/b",
        published=date(2024, 1, 19),
        source="Berita Contoh",
    )
    document = prepare_document(given)
    assert (document.title, document.url) == ("Judul", "https://berita.example/b")
    assert (document.published, document.source) == (date(2024, 1, 19), "Berita Contoh")


def test_the_source_is_the_file_or_the_upload_where_no_url_is_known() -> None:
    assert prepare_document(raw(BODY)).source == "berita.txt"
    assert prepare_document(raw(BODY, origin="upload")).source == "kota/berita"


def test_language_is_detected() -> None:
    assert prepare_document(raw(BODY)).language == "id"
    assert prepare_document(raw("The mayor opened the bridge and people came.")).language == "en"


@pytest.mark.parametrize("text", ["Bagikan\nFacebook\n", "***", "\u200b", "https://a.example/x"])
def test_a_document_without_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocumentError, match="no text is left"):
        prepare_document(raw(text))


def test_a_broken_address_does_not_break_the_document() -> None:
    assert prepare_document(raw(f"{BODY}\n\nhttp://[broken/x")).source == "berita.txt"
