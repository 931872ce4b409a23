"""Everybody can use the page: by keyboard, with large text, in two languages, read aloud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from page.conftest import OpenPage, ask
from page.servers import Site

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
MEETINGS = "Siapa yang ditemui Larijani?"
PHONE = {"width": 390, "height": 844}


def tab_to(page: object, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):  # type: ignore[attr-defined]
            return
        page.keyboard.press("Tab")  # type: ignore[attr-defined]
    raise AssertionError(f"Tab never reaches {selector}")


def test_all_of_it_works_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    page.locator(".questions button").first.wait_for()
    page.keyboard.type(MEETINGS)
    page.keyboard.press("Enter")
    page.locator(".chip").first.wait_for()
    page.locator(".brand").focus()
    tab_to(page, ".chip")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.locator("#article mark.current").first.wait_for()
    assert page.evaluate("document.activeElement.closest('#article') !== null")
    tab_to_next = '[data-step="next"]'
    page.keyboard.press("Shift+Tab")
    tab_to(page, tab_to_next)
    page.keyboard.press("Enter")
    page.locator(".position", has_text="2 dari").wait_for()
    assert page.evaluate("s => document.activeElement.matches(s)", tab_to_next)
    page.keyboard.press("Escape")
    page.locator("#article").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('.chip')")


def test_double_size_text_fits_and_stays_reachable(site: Site, open_page: OpenPage) -> None:
    # 200 % zoom of a window of 1280 by 800 pixels leaves half of them.
    page = open_page(site.url, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    ask(page, MEETINGS)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#question").is_visible()
    page.click("#drawer-button")
    page.get_by_role("button", name="Percakapan baru").wait_for()
    page.keyboard.press("Escape")
    page.click("#to-library")
    page.locator("table").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("locale", "heading"), [("id-ID", "Tanyakan pada artikel"), ("en-US", "Ask the articles")]
)
def test_the_browser_chooses_the_language(
    site: Site, open_page: OpenPage, locale: str, heading: str
) -> None:
    page = open_page(site.url, locale=locale)
    assert page.locator(".welcome h1").inner_text() == heading
    assert page.evaluate("document.documentElement.lang") == locale[:2]


def test_the_language_is_switched_everywhere_and_stays_so(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, MEETINGS)
    page.click("#language")
    assert page.locator(".sources summary").inner_text().startswith("Sources (")
    page.get_by_role("button", name="Ask again").wait_for()
    page.reload()
    page.locator(".sources summary", has_text="Sources (").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".questions button").first.wait_for()
    assert "?" in page.locator(".questions button").first.inner_text()


def test_nothing_moves_for_those_who_want_less_motion(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url, reduced_motion="reduce")
    page.evaluate(
        "document.body.insertAdjacentElement('beforeend', Object.assign("
        "document.createElement('span'), { className: 'dots' }))"
    )
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.dots')).animationName") == "none"
    )


def show_welcome(page: object, site: Site) -> None:
    page.locator(".questions button").first.wait_for()  # type: ignore[attr-defined]


def show_article(page: object, site: Site) -> None:
    ask(page, MEETINGS)
    page.locator(".chip").first.click()  # type: ignore[attr-defined]
    page.locator("#article mark.current").first.wait_for()  # type: ignore[attr-defined]


def show_abstention(page: object, site: Site) -> None:
    ask(page, "Siapa istri Lavrov?")


def show_library(page: object, site: Site) -> None:
    page.goto(f"{site.url}#library")  # type: ignore[attr-defined]
    page.locator("table").wait_for()  # type: ignore[attr-defined]


def show_drawer(page: object, site: Site) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[attr-defined]
    ask(page, MEETINGS)
    page.click("#drawer-button")  # type: ignore[attr-defined]


@pytest.mark.skipif(not AXE.exists(), reason="npm install in tests/page, to test with axe-core")
@pytest.mark.parametrize(
    ("show", "scheme"),
    [
        (show_welcome, "light"),
        (show_article, "light"),
        (show_article, "dark"),
        (show_abstention, "dark"),
        (show_library, "light"),
        (show_drawer, "dark"),
    ],
)
def test_axe_finds_no_serious_violation(
    site: Site, open_page: OpenPage, show: Callable[[object, Site], None], scheme: str
) -> None:
    page = open_page(site.url, color_scheme=scheme)
    show(page, site)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    told = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]]) for one in found
    ]
    assert [one for one in told if one[1] in ("serious", "critical")] == []
