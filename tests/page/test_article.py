"""One click to the sentence: the article beside the chat, open at exactly the quoted words."""

from __future__ import annotations

from urllib.parse import unquote

from page.conftest import OpenPage, ask
from page.servers import Site

MEETINGS = "Siapa yang ditemui Larijani?"
PHONE = {"width": 390, "height": 844}


def highlighted(page: object) -> str:
    return "".join(page.locator("#article mark.current").all_inner_texts())  # type: ignore[attr-defined]


def test_a_chip_opens_the_article_with_exactly_the_quoted_words_highlighted(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    quotes = page.locator(".sources .quote").all_inner_texts()
    assert len(quotes) > 1
    page.locator(".chip", has_text="2").click()
    page.locator("#article mark.current").first.wait_for()
    assert highlighted(page) == quotes[1]
    assert page.locator("#article mark.current").first.is_visible()
    page.get_by_role("link", name="Kutipan sebelumnya").click()
    page.wait_for_function(
        "quote => document.querySelector('#article mark.current')?.textContent === quote",
        arg=quotes[0],
    )
    assert page.locator(".position").inner_text() == f"1 dari {len(quotes)}"
    page.keyboard.press("Escape")
    page.locator("#article").wait_for(state="hidden")
    assert "doc=" not in page.url


def test_the_address_of_a_quote_can_be_shared_and_reloaded(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    quote = page.locator(".sources .quote").first.inner_text()
    page.locator(".chip").first.click()
    page.locator("#article mark.current").first.wait_for()
    page.reload()
    page.locator("#article mark.current").first.wait_for()
    assert highlighted(page) == quote
    assert page.locator(".position").count() == 1
    elsewhere = open_page(page.url)
    elsewhere.locator("#article mark.current").first.wait_for()
    assert highlighted(elsewhere) == quote
    page.go_back()
    page.locator("#article").wait_for(state="hidden")


def test_offsets_hold_behind_characters_that_javascript_counts_twice(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url)
    ask(page, "Siapa yang membuka festival kopi di Takengon?")
    quote = page.locator(".sources .quote").first.inner_text()
    assert max(map(ord, quote)) > 0xFFFF
    page.locator(".chip").first.click()
    page.locator("#article mark.current").first.wait_for()
    assert highlighted(page).split() == quote.split()


def test_an_article_full_of_html_and_script_shows_as_text(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, "Siapa yang menemui para petani di Bandung?")
    assert "<img src=x" in page.locator(".answer, .nearest").first.inner_text()
    page.goto(f"{site.url}#doc=hostile")
    page.locator("#article .text").wait_for()
    text = page.locator("#article .text").inner_text()
    assert '<img src=x onerror="window.stolen = 1">' in text
    assert "[tautan](javascript:window.stolen=1) **tebal**" in text
    assert page.locator("main img, #article img, main script, #article script").count() == 0
    assert page.evaluate("window.stolen") is None
    page.click("#to-library")
    page.locator("table").wait_for()
    assert page.evaluate("window.stolen") is None


def test_the_original_page_is_linked_at_the_quoted_words(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    script = "(given) => import('/page/text.js').then((text) => text.addressOfQuote(...given))"
    address = page.evaluate(
        script, ["https://berita.example/a", "Harga naik 3,5 persen - kata dia"]
    )
    assert address == (
        "https://berita.example/a#:~:text=Harga%20naik%203%2C5%20persen%20%2D%20kata%20dia"
    )
    long = "Satu dua tiga empat lima enam tujuh delapan. " * 5
    start, end = (
        page.evaluate(script, ["https://berita.example/a", long]).split("text=")[1].split(",")
    )
    assert unquote(start) == "Satu dua tiga empat lima enam"
    assert unquote(end) == "tiga empat lima enam tujuh delapan."
    assert page.evaluate(script, ["javascript:alert(1)", "Harga"]) is None


def test_a_phone_shows_the_article_alone_and_nothing_sticks_out(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url, viewport=PHONE, has_touch=True, color_scheme="dark")
    ask(page, MEETINGS)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    page.locator(".chip").first.tap()
    page.locator("#article mark.current").first.wait_for()
    box = page.locator("#article").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert page.evaluate(fits)
    page.get_by_role("button", name="Tutup artikel").tap()
    page.locator("#question").wait_for()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(21, 23, 25)"


def test_a_missing_article_says_so(site: Site, open_page: OpenPage) -> None:
    page = open_page(f"{site.url}#doc=tidak-ada&at=1-5")
    assert "tidak-ada" in page.locator("#article .error").inner_text()
