"""The library: upload, ask about it, delete; search; read-only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from page.conftest import OpenPage, ask
from page.servers import SEEDS, Site, real_site

ARTICLE = """Jembatan Musi Baru Diresmikan

Kamis, 6 Maret 2025

PALEMBANG - Gubernur Sumatera Selatan Hendra Wijaya meresmikan Jembatan Musi Baru pada Kamis.
Jembatan itu menelan biaya 450 miliar rupiah.
"""


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    with real_site(tmp_path) as site:
        yield site


def test_an_uploaded_article_answers_until_it_is_deleted(
    own_site: Site, open_page: OpenPage
) -> None:
    page = open_page(f"{own_site.url}#library")
    page.locator("table").wait_for()
    assert page.locator("tbody tr").count() == 5
    page.set_input_files(
        "#files",
        [
            {"name": "jembatan.txt", "mimeType": "text/plain", "buffer": ARTICLE.encode()},
            {"name": "gambar.txt", "mimeType": "text/plain", "buffer": b"\x00\x01\x02\xff" * 50},
        ],
    )
    page.locator(".counts .added", has_text="1 ditambahkan").wait_for()
    assert page.locator(".counts .failed").inner_text() == "1 gagal"
    assert "gambar" in page.locator(".failures").inner_text()
    row = page.locator("tbody tr", has_text="Jembatan Musi Baru Diresmikan")
    assert "6 Mar 2025" in row.inner_text()
    assert "Indonesia" in row.inner_text()
    page.click("#to-chat")
    ask(page, "Siapa yang meresmikan Jembatan Musi Baru?")
    assert "Hendra Wijaya" in page.locator(".answer").inner_text()
    page.click("#to-library")
    page.get_by_role("button", name="Hapus Jembatan Musi Baru Diresmikan").click()
    page.locator("dialog").get_by_role("button", name="Batal").click()
    assert page.locator("tbody tr").count() == 6
    page.get_by_role("button", name="Hapus Jembatan Musi Baru Diresmikan").click()
    page.locator("dialog").get_by_role("button", name="Hapus").click()
    row.wait_for(state="detached")
    page.click("#to-chat")
    ask(page, "Siapa yang meresmikan Jembatan Musi Baru tahun itu?")
    assert "Hendra Wijaya" not in page.locator(".turn").last.inner_text()


def test_dropped_files_are_uploaded(own_site: Site, open_page: OpenPage) -> None:
    page = open_page(f"{own_site.url}#library")
    page.locator("table").wait_for()
    transfer = page.evaluate_handle(
        """text => { const data = new DataTransfer();
        data.items.add(new File([text], "jembatan.txt", { type: "text/plain" })); return data; }""",
        ARTICLE,
    )
    page.dispatch_event(".upload", "drop", {"dataTransfer": transfer})
    page.locator("tbody tr", has_text="Jembatan Musi Baru Diresmikan").wait_for()


def test_search_finds_titles_at_once_and_passages_in_the_text(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(f"{site.url}#library")
    page.locator("table").wait_for()
    page.fill("#filter", "larijani")
    assert page.locator("tbody th").all_inner_texts() == [
        "Larijani Kunjungi Pakistan, Temui Presiden hingga Ketua Majelis Nasional"
    ]
    page.fill("#filter", "stabilitas perbatasan")
    page.locator(".hits .card").first.click()
    page.locator("#article mark.current").first.wait_for()
    page.keyboard.press("Escape")
    assert page.url.endswith("#library")


def test_a_read_only_server_offers_no_changes(tmp_path: Path, open_page: OpenPage) -> None:
    with real_site(tmp_path, articles=(SEEDS,), read_only=True) as site:
        page = open_page(f"{site.url}#library")
        page.locator(".read-only").wait_for()
        page.locator("table").wait_for()
        assert page.locator(".upload").count() == 0
        assert page.get_by_role("button", name="Hapus").count() == 0
