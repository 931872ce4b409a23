"""Conversations are kept in the browser: listed, renamed, deleted, exported, and reloaded."""

from __future__ import annotations

from pathlib import Path

from page.conftest import OpenPage, ask
from page.servers import Site

MEETINGS = "Siapa yang ditemui Larijani?"
TALKS = "Kapan Lavrov dan Qureshi berunding?"


def test_a_reload_keeps_the_answer_and_its_citations(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    answer = page.locator(".answer").inner_html()
    sources = page.locator(".sources").inner_html()
    page.reload()
    page.locator(".chip").first.wait_for()
    assert page.locator(".answer").inner_html() == answer
    assert page.locator(".sources").inner_html() == sources


def test_conversations_are_listed_renamed_and_deleted(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    page.get_by_role("button", name="Percakapan baru").click()
    ask(page, TALKS)
    names = page.locator(".conversation")
    assert names.all_inner_texts() == [TALKS, MEETINGS]
    page.locator(".conversations li").nth(1).hover()
    page.get_by_role("button", name=f"Ganti nama: {MEETINGS}").click()
    page.get_by_label("Nama percakapan").fill("Lawatan")
    page.keyboard.press("Enter")
    assert sorted(names.all_inner_texts()) == sorted([TALKS, "Lawatan"])
    page.get_by_role("button", name="Lawatan", exact=True).click()
    page.locator(".asked", has_text=MEETINGS).wait_for()
    page.get_by_role("button", name="Hapus: Lawatan").click()
    page.locator("dialog").get_by_role("button", name="Hapus").click()
    page.locator(".welcome").wait_for()
    assert names.all_inner_texts() == [TALKS]
    page.reload()
    names.first.wait_for()
    assert names.all_inner_texts() == [TALKS]


def test_a_conversation_is_exported_as_markdown_with_its_citations(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    quotes = page.locator(".sources .quote").all_inner_texts()
    page.locator(".conversations li").hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh sebagai Markdown").click()
    assert download.value.suggested_filename == "Siapa-yang-ditemui-Larijani.md"
    markdown = Path(download.value.path()).read_text()
    assert f"## {MEETINGS}" in markdown
    for number, quote in enumerate(quotes, start=1):
        assert f"**[{number}]**" in markdown
        assert f"> {quote}" in markdown


def test_an_exported_article_cannot_become_html_or_a_link(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, "Siapa yang menemui para petani di Bandung?")
    page.locator(".conversations li").hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh sebagai Markdown").click()
    markdown = Path(download.value.path()).read_text()
    assert "<img" not in markdown.replace("\\<img", "")
    assert "<script" not in markdown.replace("\\<script", "")


def test_what_is_typed_survives_a_reload(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    page.fill("#question", "Setengah pertanyaan")
    page.reload()
    page.wait_for_function("document.getElementById('question')?.value === 'Setengah pertanyaan'")
