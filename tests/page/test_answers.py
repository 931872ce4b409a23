"""Asking: answers stream, cite, show their verdicts, and say so when there is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from page.conftest import OpenPage, ask
from page.servers import ScriptedEngine, Site, serving
from rag.settings import Settings
from rag.types import (
    Answer,
    AnswerReady,
    Citation,
    Document,
    Event,
    Sentence,
    ShownPassage,
    SourcesFound,
    TokenWritten,
)

LARIJANI = "Siapa yang ditemui Larijani?"

TEXT = "Judul\n\nKopi ditanam di Gayo. Panen tiba bulan Mei. Harganya naik."
ARTICLE = Document("kopi", "Judul", TEXT, "id", "Contoh", "upload", "0" * 64, passage_count=1)


def cited(number: int, quote: str, *highlight: str) -> Citation:
    start = TEXT.index(quote)
    highlights = tuple((TEXT.index(word), TEXT.index(word) + len(word)) for word in highlight)
    return Citation(
        number, "kopi", "Judul", "Contoh", None, None, quote, start, start + len(quote), highlights
    )


MIXED = Answer(
    answer="Tentang **kopi**:\n- Kopi ditanam di Gayo. [1]\n- Panennya bulan Mei atau Juni. [2]\n"
    "- Petaninya kaya. [3]",
    language="id",
    abstained=False,
    answerer="ollama:gemma3:4b",
    sentences=(
        Sentence("Kopi ditanam di Gayo.", (1,), "supported"),
        Sentence("Panennya bulan Mei atau Juni.", (2,), "partial"),
        Sentence("Petaninya kaya.", (3,), "unsupported"),
    ),
    citations=(
        cited(1, "Kopi ditanam di Gayo.", "Gayo"),
        cited(2, "Panen tiba bulan Mei."),
        cited(3, "Harganya naik."),
    ),
    warnings=("Satu bagian tidak muat.",),
    timings_ms={"total": 1234.0},
)


class SlowScript:
    """Writes a first piece and then waits until the test lets it go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, question: str) -> Iterator[Event]:
        yield SourcesFound((ShownPassage("kopi", "kopi@0#0", TEXT, 0, len(TEXT), 1.0, "Judul"),))
        yield TokenWritten("Tentang **kopi**:\n- Kopi ditanam")
        self.go_on.wait(30)
        yield AnswerReady(MIXED)


@pytest.fixture
def slow() -> Iterator[tuple[Site, SlowScript]]:
    script = SlowScript()
    with serving(ScriptedEngine(script, [ARTICLE]), Settings.model_construct()) as site:
        yield site, script
        script.go_on.set()


def test_an_answer_streams_then_shows_verdicts_chips_and_sources(
    slow: tuple[Site, SlowScript], open_page: OpenPage
) -> None:
    site, script = slow
    page = open_page(site.url)
    page.fill("#question", "Apa kabar kopi?")
    page.keyboard.press("Control+Enter")
    page.locator(".answer.draft li", has_text="Kopi ditanam").wait_for()
    assert page.locator(".answer.draft strong").inner_text() == "kopi"
    assert page.locator(".turn").get_attribute("aria-busy") == "true"
    assert page.locator(".progress").inner_text() == "Membaca 1 bagian dari 1 artikel…"
    script.go_on.set()
    page.locator(".answer:not(.draft)").wait_for()
    assert page.locator(".turn").get_attribute("aria-busy") == "false"
    assert page.locator(".answer li").count() == 3
    assert page.locator(".verdict").all_inner_texts() == [
        "✓",
        "didukung sebagian",
        "tidak didukung",
    ]
    assert page.locator(".answer .chip").all_inner_texts() == ["1", "2", "3"]
    assert page.locator(".sources .quote").all_inner_texts() == [
        "Kopi ditanam di Gayo.",
        "Panen tiba bulan Mei.",
        "Harganya naik.",
    ]
    assert page.locator(".sources .quote strong").all_inner_texts() == ["Gayo"]
    assert page.locator(".sources .card-title").all_inner_texts() == ["Judul"]
    assert page.locator(".answer-warning").inner_text() == "Satu bagian tidak muat."
    assert "1,23 dtk · gemma3:4b" in page.locator(".took").inner_text()
    assert "Kopi ditanam di Gayo." in page.locator("#announcer").inner_text()


def test_escape_stops_the_stream_and_ask_again_answers(
    slow: tuple[Site, SlowScript], open_page: OpenPage
) -> None:
    site, script = slow
    page = open_page(site.url)
    page.fill("#question", "Apa kabar kopi?")
    page.keyboard.press("Enter")
    page.locator(".answer.draft").wait_for()
    page.keyboard.press("Escape")
    page.locator(".interrupted").wait_for()
    assert "belum diperiksa" in page.locator(".interrupted").inner_text()
    assert "Kopi ditanam" in page.locator(".answer.draft").inner_text()
    script.go_on.set()
    page.click(".again")
    page.locator(".answer:not(.draft) .chip").first.wait_for()
    assert page.locator(".turn").count() == 1


def test_an_answer_that_a_reload_cuts_off_is_asked_for_again(
    slow: tuple[Site, SlowScript], open_page: OpenPage
) -> None:
    site, script = slow
    page = open_page(site.url)
    page.fill("#question", "Apa kabar kopi?")
    page.keyboard.press("Enter")
    page.locator(".answer.draft").wait_for()
    script.go_on.set()
    page.reload()
    page.locator(".answer:not(.draft) .chip").first.wait_for()
    assert page.locator(".turn").count() == 1


def test_arrow_up_edits_the_last_question_and_replaces_its_answer(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url)
    ask(page, LARIJANI)
    page.focus("#question")
    page.keyboard.press("ArrowUp")
    assert page.input_value("#question") == LARIJANI
    page.fill("#question", "Kapan Lavrov dan Qureshi berunding?")
    page.keyboard.press("Enter")
    page.locator(".turn .actions").wait_for()
    (asked,) = page.locator(".asked").all_inner_texts()
    assert asked.endswith("Kapan Lavrov dan Qureshi berunding?")


def test_later_questions_carry_the_conversation(
    slow: tuple[Site, SlowScript], open_page: OpenPage
) -> None:
    site, script = slow
    script.go_on.set()
    page = open_page(site.url)
    ask(page, "Apa kabar kopi?")
    ask(page, "Dan harganya?")
    engine = site.service.loader.engine
    assert isinstance(engine, ScriptedEngine)
    assert [message.content for message in engine.histories[-1]] == [
        "Apa kabar kopi?",
        MIXED.answer,
    ]


def test_an_abstention_looks_different_and_shows_the_nearest_passages(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page(site.url)
    ask(page, "Siapa istri Lavrov?")
    assert page.locator(".abstained-label").inner_text().lower() == "tidak ada di artikel"
    assert page.locator(".chip").count() == 0
    assert page.locator(".sources").count() == 0
    page.locator(".nearest .card").first.click()
    page.locator("#article mark.current").first.wait_for()


def test_copies_with_and_without_sources(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url, permissions=["clipboard-read", "clipboard-write"])
    ask(page, LARIJANI)
    quote = page.locator(".sources .quote").first.inner_text()
    page.get_by_role("button", name="Salin", exact=True).click()
    page.get_by_role("button", name="Tersalin").wait_for()
    plain = page.evaluate("navigator.clipboard.readText()")
    assert quote in plain
    assert "[1]" not in plain
    page.get_by_role("button", name="Salin dengan sumber").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('[1]'))")
    assert f"“{quote}”" in page.evaluate("navigator.clipboard.readText()")


def test_a_thumb_and_its_note_are_kept_beside_the_index(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    ask(page, LARIJANI)
    page.get_by_role("button", name="Jawaban ini tidak membantu").click()
    page.fill(".note textarea", "Tanggalnya kurang.")
    page.get_by_role("button", name="Kirim catatan").click()
    page.locator(".feedback", has_text="Catatan terkirim").wait_for()
    file = site.service.settings.index_dir / "feedback.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()][-2:]
    assert [(line["verdict"], line["note"]) for line in lines] == [
        ("down", ""),
        ("down", "Tanggalnya kurang."),
    ]
    assert lines[0]["answer_id"] == lines[1]["answer_id"]
    assert LARIJANI not in file.read_text()
    page.reload()
    pressed = page.get_by_role("button", name="Jawaban ini tidak membantu")
    assert pressed.get_attribute("aria-pressed") == "true"


def test_the_first_questions_are_answered_by_the_articles(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    page.locator(".questions button").first.wait_for()
    questions = page.locator(".questions button").all_inner_texts()
    assert len(questions) == len(set(questions)) == 4
    assert "7 artikel, dari 8 April 2021 sampai 26 November 2025." in page.inner_text(
        ".welcome .holdings"
    )
    page.locator(".questions button").first.click()
    page.locator(".chip").first.wait_for()
