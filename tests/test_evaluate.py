from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rag.errors import InvalidDocumentError
from rag.evaluate import (
    NEAR_CHARACTERS,
    KnownQuestion,
    by_language,
    citation_violations,
    measures_json,
    measures_table,
    missing_keys,
    near_evidence,
    percentile,
    quote_holds,
    read_questions,
    score_answer,
    score_questions,
    summarize,
)
from rag.types import Answer, Citation, Document, Sentence

SEED_QUESTIONS = Path(__file__).parent / "data" / "seed_questions.jsonl"
SEEDS = Path(__file__).resolve().parent.parent / "seeds"

TEXT = "Wali kota meresmikan jembatan. Biayanya 10 miliar rupiah. Warga senang."
TEXTS = {"jembatan": TEXT}
COST = KnownQuestion(
    "q1",
    "Berapa biayanya?",
    True,
    "id",
    keys=(("10 miliar", "10 billion"),),
    evidence=("10 miliar",),
)
ABSENT = KnownQuestion("q2", "Who built the tower?", False, "en", kind="absent")


def cite(quote: str, number: int = 1, text: str = TEXT) -> Citation:
    start = text.index(quote)
    return Citation(number, "jembatan", "", "", None, None, quote, start, start + len(quote))


def answer_of(*quotes: str) -> Answer:
    citations = tuple(cite(quote, number) for number, quote in enumerate(quotes, start=1))
    return Answer(
        answer="\n".join(f"{c.quote} [{c.number}]" for c in citations),
        language="id",
        abstained=False,
        answerer="reader",
        sentences=tuple(Sentence(c.quote, (c.number,), "quoted") for c in citations),
        citations=citations,
    )


ABSTAINED = Answer("The articles do not say.", "en", True, "reader")
GOOD = answer_of("Biayanya 10 miliar rupiah.")


def document(document_id: str) -> Document:
    return Document(document_id, "Jembatan", TEXTS[document_id], "id", "", "", "")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Zardari", "Ia menemui PRESIDEN ZARDARI."),
        ("Türkiye", "menteri luar negeri Turkiye"),
        ("Shi'a", "mostly Shi’a Muslims"),
        ("10 miliar", "senilai 10\nmiliar dolar"),
        ("7/4/2021", "pada Rabu (7/4/2021)"),
    ],
)
def test_key_is_found_whatever_its_case_accents_and_white_space(key: str, text: str) -> None:
    assert missing_keys([(key,)], text) == ()


@pytest.mark.parametrize(
    ("key", "text"),
    [("50", "150 orang"), ("7/4", "17/4"), ("Ya", "Saya datang"), ("10", "Banyak orang. [10]")],
)
def test_key_is_not_found_inside_another_word_number_or_citation_mark(key: str, text: str) -> None:
    assert missing_keys([(key,)], text) == ((key,),)


def test_one_alternative_of_a_group_is_enough() -> None:
    groups = [("10 miliar", "10 billion"), ("Doha",)]
    assert missing_keys(groups, "It cost 10 billion.") == (("Doha",),)


@given(st.text(min_size=1), st.data())
def test_quote_holds_for_every_slice_and_only_at_its_own_offsets(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation = Citation(1, "a", "", "", None, None, text[start:end], start, end)
    assert quote_holds(citation, text)
    assert not quote_holds(replace(citation, end=end + 1), text)
    assert not quote_holds(replace(citation, quote=citation.quote + "x"), text)


@pytest.mark.parametrize(("start", "end"), [(-3, -1), (5, 5), (9, 4), (0, 10_000)])
def test_quote_with_impossible_offsets_does_not_hold(start: int, end: int) -> None:
    assert not quote_holds(Citation(1, "a", "", "", None, None, TEXT[start:end], start, end), TEXT)


@pytest.mark.parametrize("gap", [0, NEAR_CHARACTERS - 2, NEAR_CHARACTERS + 1])
@pytest.mark.parametrize("quote_first", [True, False])
def test_quote_stands_next_to_evidence_up_to_the_limit(gap: int, quote_first: bool) -> None:
    parts = (
        ("KUTIPAN", " " * gap, "bukti kuat")
        if quote_first
        else ("bukti kuat", " " * gap, "KUTIPAN")
    )
    text = "".join(parts)
    assert near_evidence(cite("KUTIPAN", text=text), text, ["bukti kuat"]) == (
        gap < NEAR_CHARACTERS
    )


def test_evidence_is_found_although_cleaning_joined_its_lines() -> None:
    assert near_evidence(cite("10 miliar"), TEXT, ["meresmikan\njembatan"])


def test_quote_is_not_near_evidence_that_its_document_does_not_hold() -> None:
    assert not near_evidence(cite("10 miliar"), TEXT, ["20 miliar"])


def test_sound_answers_break_no_rule() -> None:
    assert citation_violations(GOOD, TEXTS) == ()
    assert citation_violations(answer_of("Warga senang.", "Wali kota"), TEXTS) == ()
    assert citation_violations(ABSTAINED, {}) == ()


def test_every_broken_citation_rule_is_named() -> None:
    two = answer_of("Warga senang.", "Wali kota")
    first, second = two.citations
    moved = replace(two, citations=(replace(first, start=first.start - 1), second))
    assert citation_violations(moved, TEXTS) == ("citation 1: the quote is not at its offsets",)
    unused = replace(two, sentences=two.sentences[:1])
    assert (
        "the sentences first use citations in the order [1]"
        in citation_violations(unused, TEXTS)[0]
    )
    unlisted = replace(two, answer=two.answer + " [3]")
    assert (
        "the text first use citations in the order [1, 2, 3]"
        in citation_violations(unlisted, TEXTS)[0]
    )
    renumbered = replace(two, citations=(second, first))
    assert citation_violations(renumbered, TEXTS)[0] == "citations are numbered [2, 1]"
    bare = replace(GOOD, sentences=(*GOOD.sentences, Sentence("Ya.", (), "supported")))
    assert citation_violations(bare, TEXTS) == ("sentence 2 is supported but cites nothing",)


def test_marks_inside_a_quote_are_not_the_marks_of_the_answer() -> None:
    text = "Menurut catatan [7] itu benar."
    citation = cite(text, text=text)
    sentence = Sentence(text, (1,), "quoted")
    answer = Answer(f"{text} [1]", "id", False, "reader", (sentence,), (citation,))
    assert citation_violations(answer, {"jembatan": text}) == ()


def test_measures_count_keys_citations_and_abstentions() -> None:
    wrong = answer_of("Warga senang.", "Biayanya 10 miliar rupiah.")
    wrong = replace(wrong, citations=(wrong.citations[0], replace(wrong.citations[1], start=0)))
    scores = [
        score_answer(COST, GOOD, TEXTS, 10),
        score_answer(COST, wrong, TEXTS, 20),
        score_answer(COST, ABSTAINED, TEXTS, 30),
        score_answer(ABSENT, ABSTAINED, TEXTS, 40),
        score_answer(ABSENT, GOOD, TEXTS, 50),
    ]
    measures = summarize(scores)
    assert (measures.keys.right, measures.keys.of) == (2, 3)
    assert (measures.citations.right, measures.citations.of) == (2, 3)
    assert (measures.quotes.right, measures.quotes.of) == (3, 4)
    assert measures.right_abstentions.value == 0.5
    assert (measures.false_abstentions.right, measures.false_abstentions.of) == (1, 3)
    assert measures.violations == 1
    assert measures.sentences_per_answer == pytest.approx(4 / 3)
    assert (measures.milliseconds_p50, measures.milliseconds_p95) == (30, 50)


def test_measures_of_nothing_are_no_numbers() -> None:
    measures = summarize([])
    assert measures.keys.value is None
    assert measures.sentences_per_answer is None
    assert measures.milliseconds_p50 is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_percentile_is_a_value_that_so_many_do_not_exceed(
    values: list[float], percent: int
) -> None:
    found = percentile(sorted(values), percent)
    assert found is not None
    assert sum(value <= found for value in values) >= len(values) * percent / 100


def test_questions_are_asked_in_order_and_timed() -> None:
    asked: list[str] = []
    ticks = iter([0.0, 0.25, 1.0, 1.5])

    def ask(question: str) -> Answer:
        asked.append(question)
        return GOOD if question == COST.question else ABSTAINED

    scores = list(score_questions([COST, ABSENT], ask, document, lambda: next(ticks)))
    assert asked == [COST.question, ABSENT.question]
    assert [score.milliseconds for score in scores] == [250, 500]
    assert scores[0].keys_found == 1
    assert scores[0].citations[0].right


def test_table_and_json_show_all_questions_and_each_language() -> None:
    scores = [score_answer(COST, GOOD, TEXTS, 10), score_answer(ABSENT, ABSTAINED, {}, 30)]
    assert list(by_language(scores)) == ["all", "en", "id"]
    console = Console(width=100)
    with console.capture() as capture:
        console.print(measures_table(scores))
    assert "1.00 (1/1)" in capture.get()
    report = json.loads(measures_json(scores))
    assert report["measures"]["id"]["keys"] == {"right": 1, "of": 1, "share": 1.0}
    assert report["questions"][0]["citations"][0]["near_evidence"] is True
    assert COST.question not in measures_json(scores)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Invalid JSON"),
        ("[]", "object"),
        ('{"id": "a", "question": "Siapa?"}', "answerable"),
        ('{"id": "a", "question": " ", "answerable": false}', "question: it is empty"),
        ('{"id": "a", "question": "Siapa?", "answerable": true}', "keys: an answerable question"),
        ('{"id": "a", "question": "Siapa?", "answerable": true, "keys": [[]]}', "keys: a group"),
        ('{"id": "a", "question": "Siapa?", "answerable": true, "keys": ["x"]}', "keys.0"),
        ('{"id": "a", "question": "?", "answerable": false, "evidence": [""]}', "evidence"),
        ('{"id": "ok", "question": "Siapa?", "answerable": false}', "a second question 'ok'"),
    ],
)
def test_bad_line_is_named_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "ok", "question": "Ada?", "answerable": false}\n\n' + line + "\n")
    with pytest.raises(InvalidDocumentError) as raised:
        read_questions(file)
    assert str(raised.value).startswith(f"{file}:3: ")
    assert reason in str(raised.value)


def test_file_that_holds_no_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocumentError, match="cannot read"):
        read_questions(tmp_path / "nowhere.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InvalidDocumentError, match="no questions"):
        read_questions(tmp_path / "empty.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InvalidDocumentError, match="UTF-8"):
        read_questions(tmp_path / "latin.jsonl")


def test_seed_questions_rest_on_words_of_the_seed_articles() -> None:
    for question in read_questions(SEED_QUESTIONS):
        texts = [(SEEDS / f"{name}.txt").read_text(encoding="utf-8") for name in question.documents]
        assert bool(texts) == bool(question.evidence) == question.answerable
        assert all(any(part in text for text in texts) for part in question.evidence), question.id
        assert missing_keys(question.keys, "\n".join(texts)) == (), question.id


def test_seed_questions_are_half_english_and_a_third_without_an_answer() -> None:
    questions = read_questions(SEED_QUESTIONS)
    assert len(questions) == 2 * sum(question.language == "en" for question in questions)
    assert len(questions) == 3 * sum(not question.answerable for question in questions)
    assert {question.kind for question in questions} == {"fact", "list", "yesno", "absent"}
