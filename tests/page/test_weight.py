"""What the page costs and what it may do: bytes, time, content policy."""

from __future__ import annotations

import os

import httpx
import pytest

from page.conftest import OpenPage, playwright
from page.servers import Site
from rag.serve.page import FILES

MOST_BYTES = 100_000
MOST_MS = 300
TRIES = 12


def test_the_first_paint_takes_less_than_100_kilobytes(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    page.locator(".welcome .holdings").wait_for()
    sizes = page.evaluate(
        "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
        ".map((entry) => [entry.name, entry.transferSize])"
    )
    assert sum(size for _, size in sizes) < MOST_BYTES
    loaded = {name.rsplit("/", 1)[-1] for name, _ in sizes}
    assert {path.name for path in FILES.glob("*.js")} <= loaded


def test_the_page_is_usable_within_300_ms(site: Site, chromium: playwright.Browser) -> None:
    page = chromium.new_page()
    page.goto(site.url)
    best = MOST_MS * 100.0
    for _ in range(TRIES):
        page.reload()
        page.locator("#composer .send").wait_for()
        # Modules run before this event, so what they build is there.
        entry = "performance.getEntriesByType('navigation')[0]"
        page.wait_for_function(f"{entry}.domContentLoadedEventEnd > 0")
        best = min(best, page.evaluate(f"{entry}.domContentLoadedEventEnd"))
        if best < MOST_MS:
            return
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip(f"the machine is busy with other work; the best load took {best:.0f} ms")
    assert best < MOST_MS


def test_the_content_policy_allows_the_pages_own_files_and_nothing_else(site: Site) -> None:
    response = httpx.get(site.url)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "set-cookie" not in response.headers
    assert "<script>" not in response.text
    assert " on" not in response.text.split("<body>")[1].replace(" once", "")
    assert "style=" not in response.text


def test_a_file_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    first = httpx.get(f"{site.url}page/page.css")
    again = httpx.get(f"{site.url}page/page.css", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert httpx.get(f"{site.url}page/..%2Fpage.py").status_code == 404
