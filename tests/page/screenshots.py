"""Take pictures of the page in five states: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from page.conftest import CHROMIUM, DESKTOP, FLAGS, ask
from page.servers import Site, real_site

PHONE = {"width": 390, "height": 844}
MEETINGS = "Siapa yang ditemui Larijani?"


def empty(page: Page, site: Site) -> None:
    page.locator(".questions button").first.wait_for()


def answer(page: Page, site: Site) -> None:
    ask(page, MEETINGS)
    page.locator(".chip").nth(1).click()
    page.locator("#article mark.current").first.wait_for()


def abstention(page: Page, site: Site) -> None:
    ask(page, "Siapa istri Lavrov?")


def library(page: Page, site: Site) -> None:
    page.goto(f"{site.url}#library")
    page.locator("table").wait_for()
    page.set_input_files(
        "#files",
        [
            {"name": "catatan.txt", "mimeType": "text/plain", "buffer": b"\x00\xff" * 99},
            {
                "name": "pasar-buku.txt",
                "mimeType": "text/plain",
                "buffer": b"Pasar Buku Bekas Kembali Ramai\n\nMinggu, 9 Maret 2025\n\n"
                b"BANDUNG - Pasar buku bekas di Bandung kembali ramai pada Minggu (9/3/2025).\n",
            },
        ],
    )
    page.locator(".counts").wait_for()
    page.locator("tbody tr", has_text="Pasar Buku").wait_for()


def phone_dark(page: Page, site: Site) -> None:
    ask(page, MEETINGS)


def main(folder: Path) -> None:
    """Write one PNG for each state."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        real_site(Path(place)) as site,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        for state in (empty, answer, abstention, library):
            page = browser.new_page(viewport=DESKTOP, locale="id-ID")
            page.goto(site.url)
            state(page, site)
            page.wait_for_timeout(300)
            page.screenshot(path=folder / f"{state.__name__}.png")
            page.close()
        page = browser.new_page(
            viewport=PHONE,
            locale="id-ID",
            color_scheme="dark",
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
        )
        page.goto(site.url)
        phone_dark(page, site)
        page.wait_for_timeout(300)
        page.screenshot(path=folder / "phone_dark.png")
        page.locator(".chip").nth(1).tap()
        page.locator("#article mark.current").first.wait_for()
        page.screenshot(path=folder / "phone_dark_article.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
