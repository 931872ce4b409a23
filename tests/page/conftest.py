"""A browser, and servers for it to visit; without Chromium or Playwright they are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from page.servers import EMOJI, HOSTILE, SEEDS, Site, real_site

playwright = pytest.importorskip(
    "playwright.sync_api", reason="pip install playwright, to test the page in a browser"
)

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS = 30_000
DESKTOP = {"width": 1360, "height": 860}

OpenPage = Callable[..., "playwright.Page"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[playwright.Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: playwright.Browser) -> Iterator[OpenPage]:
    """Open pages in fresh browsers; a script error or a request to another host fails the test."""
    contexts: list[playwright.BrowserContext] = []
    problems: list[str] = []

    def open_page(url: str, **options: object) -> playwright.Page:
        context = chromium.new_context(**{"locale": "id-ID", "viewport": DESKTOP, **options})
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        own = urlsplit(url).netloc
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("console", lambda message: _note_refusal(message.text, problems))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _note_foreign(request.url, own, problems))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert problems == []


def _note_refusal(text: str, problems: list[str]) -> None:
    if "Content Security Policy" in text or "TrustedHTML" in text:
        problems.append(text)


def _note_foreign(url: str, own: str, problems: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("blob", "data") and parts.netloc != own:
        problems.append(f"request to another host: {url}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real program over the demonstration articles and two awkward ones."""
    folder = tmp_path_factory.mktemp("site")
    awkward = folder / "awkward"
    awkward.mkdir()
    (awkward / "hostile.txt").write_text(HOSTILE)
    (awkward / "emoji.txt").write_text(EMOJI)
    with real_site(folder, articles=(SEEDS, awkward)) as served:
        yield served


def ask(page: playwright.Page, question: str) -> None:
    """Type a question and wait for the checked answer."""
    before = page.locator(".turn .actions").count()
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.locator(".turn .actions").nth(before).wait_for()
