"""One question from start to end, over a real index with the bundled encoder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag.build import build_engine, reindex
from rag.engine import Engine
from rag.errors import DocumentNotFoundError, IndexMismatchError, InvalidQuestionError
from rag.ingest.sources import read_sources
from rag.settings import Settings
from rag.types import AnswerReady, Filters, Message, SourcesFound, TokenWritten

ARTICLES = {
    "jembatan": """Gubernur Resmikan Jembatan Kalong

Senin, 4 Maret 2024

Gubernur Ratna Wijaya meresmikan Jembatan Kalong di Kabupaten Wanareja. Jembatan sepanjang 320 \
meter itu menelan biaya Rp 12,5 miliar.

Ratna bertemu Bupati Bima Santoso sebelum acara dimulai. Ia juga menemui pengusaha Siti Aminah.
""",
    "banjir": """Banjir Rendam Tiga Desa

Rabu, 10 Januari 2024

Banjir merendam tiga desa setelah hujan lebat sepanjang malam. Sebanyak 214 warga mengungsi ke \
gedung sekolah, kata Kepala Desa Joko Prasetyo.
""",
}


def _settings(folder: Path, **values: object) -> Settings:
    given = {"index_dir": folder / "index", "answerer": "reader", "reader": "none"}
    return Settings.model_validate(given | values)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def engine(tmp_path: Path, articles: Path) -> Iterator[Engine]:
    engine = build_engine(_settings(tmp_path))
    engine.ingest(read_sources([articles]))
    yield engine
    engine.close()


def test_a_stream_gives_sources_then_text_then_the_answer(engine: Engine) -> None:
    first, *pieces, last = engine.stream("Who did Ratna Wijaya meet?")
    assert isinstance(first, SourcesFound)
    assert isinstance(last, AnswerReady)
    text = "".join(piece.text for piece in pieces if isinstance(piece, TokenWritten))
    assert text == last.answer.answer
    assert "Bima Santoso" in text
    assert "Siti Aminah" in text


def test_every_citation_is_the_exact_words_of_its_document(engine: Engine) -> None:
    for question in ("Berapa biaya Jembatan Kalong?", "How many villages were flooded?"):
        answer = engine.ask(question)
        assert answer.citations
        for citation in answer.citations:
            text = engine.document(citation.document_id).text
            assert text[citation.start : citation.end] == citation.quote


def test_the_question_decides_the_language_unless_one_is_asked_for(engine: Engine) -> None:
    assert engine.ask("Berapa biaya Jembatan Kalong?").language == "id"
    assert engine.ask("How much did the bridge cost?").language == "en"
    assert engine.ask("Berapa biaya Jembatan Kalong?", language="en").language == "en"


def test_filters_decide_which_documents_may_answer(engine: Engine) -> None:
    question = "Berapa warga yang mengungsi?"
    assert "214" in engine.ask(question).answer
    later = Filters(published_after=date(2024, 2, 1))
    answer = engine.ask(question, filters=later)
    assert answer.abstained
    assert {passage.document_id for passage in answer.passages} <= {"jembatan"}


def test_an_answer_that_is_not_there_is_refused_with_the_nearest_passages(engine: Engine) -> None:
    answer = engine.ask("Who did Ratna Wijaya meet in Tokyo?")
    assert answer.abstained
    assert answer.sentences == ()
    assert answer.passages


def test_history_tells_what_a_follow_up_means_but_is_no_evidence(engine: Engine) -> None:
    history = [
        Message("user", "Berapa biaya Jembatan Kalong?"),
        Message("assistant", "Jembatan Kalong menelan biaya Rp 99 triliun. [1]"),
    ]
    answer = engine.ask("Siapa yang meresmikannya?", history)
    assert "Kalong" in answer.standalone_question
    assert "Ratna Wijaya" in answer.answer
    assert "99 triliun" not in answer.answer


def test_an_empty_index_says_how_to_fill_it(tmp_path: Path) -> None:
    engine = build_engine(_settings(tmp_path))
    answer = engine.ask("Siapa gubernur?")
    engine.close()
    assert answer.abstained
    assert "rag ingest" in answer.warnings[0]


@pytest.mark.parametrize("question", ["", " \n", "x" * 2001])
def test_empty_and_huge_questions_are_refused(engine: Engine, question: str) -> None:
    with pytest.raises(InvalidQuestionError):
        engine.ask(question)


def test_deleting_an_unknown_document_changes_nothing(engine: Engine) -> None:
    with pytest.raises(DocumentNotFoundError):
        engine.delete(["jembatan", "tidak-ada"])
    assert [document.id for document in engine.documents()] == ["banjir", "jembatan"]


def test_another_configuration_is_refused_until_the_index_is_made_anew(
    tmp_path: Path, engine: Engine
) -> None:
    before = engine.document("banjir").text
    engine.close()
    other = _settings(tmp_path, passage_words=30)
    with pytest.raises(IndexMismatchError, match="rag reindex"):
        build_engine(other)
    assert reindex(other).updated == ("banjir", "jembatan")
    again = build_engine(other)
    assert again.document("banjir").text == before
    assert "214" in again.ask("Berapa warga yang mengungsi?").answer
    again.close()
