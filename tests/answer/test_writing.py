"""A scripted Ollama writes; what is shown is checked, cited, and never made up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date

import pytest
from stand_ins.ollama_server import OllamaServer, Reply

from rag.answer.answerer import Draft
from rag.answer.check import Checker
from rag.answer.ollama_model import OllamaModel
from rag.answer.relevance import Relevance
from rag.answer.wording import nothing_found
from rag.answer.writing import WritingAnswerer, says_nothing_found
from rag.errors import ModelReplyError
from rag.text.lexicon import bundled_lexicon
from rag.types import Document, Hit, Passage, TokenWritten

TEXTS = (
    "Lavrov bertemu Qureshi di Islamabad pada Rabu. Keduanya membahas Afghanistan.",
    "Larijani tiba di Pakistan membawa pesan pemimpin Iran.",
)
QUESTION = "Siapa yang ditemui Lavrov di Islamabad?"


def hit(number: int, text: str) -> Hit:
    document = Document(
        id=f"artikel-{number}",
        title=f"Artikel {number}",
        text=text,
        language="id",
        source="contoh.id",
        origin="upload",
        content_hash=f"{number}" * 64,
        published=date(2024, 1, number),
    )
    passage = Passage(document.id, document.content_hash, 0, text, 0, len(text), "id")
    return Hit(passage, document, 1.0 / number)


HITS = [hit(number, text) for number, text in enumerate(TEXTS, start=1)]


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


@pytest.fixture
def writing(server: OllamaServer) -> Iterator[WritingAnswerer]:
    with contextlib.closing(write(server, prompt_tokens=6000)) as made:
        yield made


def write(server: OllamaServer, prompt_tokens: int) -> WritingAnswerer:
    lexicon = bundled_lexicon()
    return WritingAnswerer(
        OllamaModel(server.host, "gemma3:4b"),
        Checker(lexicon, None, None),
        prompt_tokens=prompt_tokens,
        may_answer=Relevance(lexicon),
    )


def ask(writing: WritingAnswerer, question: str = QUESTION) -> tuple[str, Draft]:
    *pieces, draft = writing.answer(question, "id", HITS)
    assert isinstance(draft, Draft)
    return "".join(piece.text for piece in pieces if isinstance(piece, TokenWritten)), draft


def check_invariants(draft: Draft) -> None:
    texts = {hit.document.id: hit.document.text for hit in HITS}
    for number, citation in enumerate(draft.citations, start=1):
        assert citation.number == number
        assert texts[citation.document_id][citation.start : citation.end] == citation.quote
    used = {number for sentence in draft.sentences for number in sentence.citations}
    assert used == {citation.number for citation in draft.citations}


def test_written_answer_streams_and_ends_checked_and_cited(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    server.script(Reply(["Lavrov ", "bertemu Qureshi ", "di Islamabad 【", "1】", "."]))
    text, draft = ask(writing)
    assert text == "Lavrov bertemu Qureshi di Islamabad [1]."
    assert draft.answerer == "ollama:gemma3:4b"
    assert [sentence.support for sentence in draft.sentences] != ["unsupported"]
    assert "Qureshi" in draft.citations[0].quote
    check_invariants(draft)


def test_marker_of_an_unknown_passage_is_never_shown(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    server.script(Reply(["Lavrov bertemu Qureshi di Islamabad [1][7", "]. "]))
    text, draft = ask(writing)
    assert "7" not in text + draft.text
    check_invariants(draft)


def test_made_up_answer_becomes_an_abstention(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    server.script(Reply(["Lavrov bertemu Macron di Paris pada 3 Mei 2031 [1]."]))
    _, draft = ask(writing)
    assert draft.abstained
    assert draft.text == nothing_found("id")
    assert draft.citations == ()


def test_refusal_in_the_words_that_were_given_is_an_abstention(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    server.script(Reply(["The articles do not say."]))
    _, draft = ask(writing)
    assert draft.abstained
    assert draft.text == nothing_found("id")


def test_model_is_not_asked_about_what_no_article_mentions(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    for question in ("Berapa tinggi Gunung Rinjani?", "Siapa yang ditemui Lavrov di Beijing?"):
        text, draft = ask(writing, question)
        assert draft.abstained
        assert text == draft.text == nothing_found("id")
    assert server.requests == []


def test_without_hits_the_model_is_not_asked(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    *_, draft = writing.answer(QUESTION, "en", [])
    assert isinstance(draft, Draft)
    assert draft.text == nothing_found("en")
    assert server.requests == []


def test_passages_that_do_not_fit_are_left_out_with_a_warning(server: OllamaServer) -> None:
    with contextlib.closing(write(server, prompt_tokens=620)) as writing:
        server.script(Reply(["Lavrov bertemu Qureshi di Islamabad [1][2]."]))
        _, draft = ask(writing)
    assert "1 kutipan tidak muat" in draft.warnings[-1]
    assert {citation.document_id for citation in draft.citations} == {"artikel-1"}


def test_fault_in_the_middle_is_raised_after_what_was_written(
    server: OllamaServer, writing: WritingAnswerer
) -> None:
    server.script(Reply(["Lavrov bertemu "], ending="cut"))
    answer = writing.answer(QUESTION, "id", HITS)
    assert next(iter(answer)) == TokenWritten("Lavrov bertemu")
    with pytest.raises(ModelReplyError):
        list(answer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (nothing_found("id"), True),
        (f"{nothing_found('en')} [1]", True),
        ("**The articles do not say.**", True),
        ("The articles do not say when, but Lavrov met Qureshi [1].", False),
        ("", False),
    ],
)
def test_only_the_given_words_count_as_a_refusal(text: str, expected: bool) -> None:
    assert says_nothing_found(text) is expected
