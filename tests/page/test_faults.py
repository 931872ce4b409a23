"""When something fails: one line says so, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stand_ins.ollama_server import OllamaServer, Reply

from page.conftest import OpenPage, ask
from page.servers import ScriptedEngine, Site, real_site, serving, wait_until
from rag.errors import StoreError
from rag.settings import Settings
from rag.types import Event, SourcesFound

MEETINGS = "Siapa yang ditemui Larijani?"


def test_a_language_model_that_goes_down_in_mid_answer_is_replaced_by_quotes(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with OllamaServer() as ollama:
        chosen = {
            "answerer": "auto",
            "ollama_host": ollama.host,
            "ollama_model": "gemma3:4b",
            "llm_probe_seconds": 0.3,
        }
        with real_site(tmp_path, **chosen) as site:
            engine = site.service.loader.engine
            assert engine is not None
            wait_until(lambda: engine.status().answerer == "ollama:gemma3:4b")
            ollama.script(Reply(["Larijani bertemu ", "Sardar Ayaz Sadiq"], ending="stall"))
            page = open_page(site.url)
            page.locator("#answerer", has_text="gemma3:4b").wait_for()
            page.fill("#question", MEETINGS)
            page.keyboard.press("Enter")
            page.locator(".answer.draft", has_text="Larijani bertemu").wait_for()
            ollama.stop()
            page.locator(".chip").first.wait_for()
            warning = page.locator(".turn .answer-warning").inner_text()
            assert "gemma3:4b sedang tidak dapat dipakai" in warning
            page.locator("#notice", has_text="dilanjutkan dengan mengutip").wait_for()
            page.locator("#answerer", has_text="Kutipan saja").wait_for()
            ask(page, "Kapan Lavrov dan Qureshi berunding?")
            assert page.locator(".turn").last.locator(".chip").count() > 0


def test_a_lost_connection_sends_the_question_again_when_the_server_is_back(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with real_site(tmp_path) as site:
        page = open_page(site.url)
        page.locator(".questions button").first.wait_for()
        site.stop()
        page.fill("#question", MEETINGS)
        page.keyboard.press("Enter")
        page.locator(".interrupted", has_text="Pertanyaan Anda aman").wait_for()
        assert "tidak dapat dihubungi" in page.locator("#notice").inner_text()
        site.start()
        page.locator(".chip").first.wait_for()
        assert MEETINGS in page.locator(".asked").inner_text()
        assert page.locator(".turn").count() == 1


def test_an_error_of_the_server_is_shown_in_its_words(open_page: OpenPage) -> None:
    def broken(question: str) -> Iterator[Event]:
        yield SourcesFound(())
        raise StoreError("the index cannot be read; run `rag doctor`")

    with serving(ScriptedEngine(broken), Settings.model_construct()) as site:
        page = open_page(site.url)
        page.fill("#question", MEETINGS)
        page.keyboard.press("Enter")
        page.locator(".turn .error").wait_for()
        assert page.locator(".turn .error").inner_text() == (
            "the index cannot be read; run `rag doctor`"
        )
        page.locator(".again").wait_for()


def test_questions_wait_while_models_load(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.url)
    loading = {"status": 503, "json": {"status": "loading"}}
    page.route("**/readyz", lambda route: route.fulfill(**loading))
    page.reload()
    page.locator("#notice", has_text="masih memuat model").wait_for()
    page.unroute("**/readyz")
    page.locator("#notice").wait_for(state="hidden")
