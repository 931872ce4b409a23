"""The answerer that quotes: which sentences it picks, and when it says that none answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.answerer import Draft
from rag.answer.question import understand_question
from rag.answer.quoting import QuotingAnswerer
from rag.ingest.chunk import chunk_document
from rag.text.lexicon import bundled_lexicon
from rag.types import Document, Hit, Language, TokenWritten

STORY = """Gubernur Ratna Wijaya Tinjau Tanggul Sungai Kalong

Gubernur Ratna Wijaya bertemu Wali Kota Bima Santoso di Balai Kota pada Senin (4/3/2024).

Dalam pertemuan terpisah, Ratna berbicara dengan Kepala Dinas Pengairan, Joko Prasetyo.

Ratna juga menemui Ketua Paguyuban Warga, Siti Aminah, di Desa Kalong.

Tanggul itu akan diperbaiki dengan anggaran Rp 12,5 miliar. Pekerjaan dimulai karena tanggul \
retak setelah banjir besar tahun lalu.

Rencana kerja mencakup:
• pengerukan dasar sungai
• penanaman pohon di tepi sungai
• pembangunan pintu air baru"""


def _hits(text: str = STORY, name: str = "tanggul") -> list[Hit]:
    title, _, _ = text.partition("\n")
    document = Document(
        name, title, text, "id", "koran.example", "upload", "a" * 64, None, date(2024, 3, 5)
    )
    passages = chunk_document(document, 60)
    return [Hit(passage, document, 1 - 0.1 * i) for i, passage in enumerate(passages)]


def _ask(question: str, language: Language, hits: list[Hit] | None = None) -> Draft:
    answerer = QuotingAnswerer(bundled_lexicon())
    *pieces, draft = answerer.answer(question, language, _hits() if hits is None else hits)
    assert isinstance(draft, Draft)
    assert "".join(p.text for p in pieces if isinstance(p, TokenWritten)) == draft.text
    return draft


def test_who_did_x_meet_gathers_every_meeting() -> None:
    draft = _ask("Who did Ratna Wijaya meet?", "en")
    assert [name in draft.text for name in ("Bima Santoso", "Joko Prasetyo", "Siti Aminah")] == [
        True,
        True,
        True,
    ]
    assert [citation.number for citation in draft.citations] == [1, 2, 3]


def test_a_question_for_one_thing_gets_one_quote() -> None:
    draft = _ask("Berapa anggaran perbaikan tanggul?", "id")
    assert len(draft.citations) == 1
    assert draft.citations[0].quote == "Tanggul itu akan diperbaiki dengan anggaran Rp 12,5 miliar."


def test_the_lead_phrase_is_in_the_questions_language() -> None:
    assert _ask("When did the governor meet the mayor?", "en").text.startswith("According to “")
    assert _ask("Kapan gubernur bertemu wali kota?", "id").text.startswith("Menurut “")


def test_a_list_is_quoted_with_the_sentence_that_introduces_it() -> None:
    draft = _ask("Apa saja yang dicakup rencana kerja?", "id")
    assert "pembangunan pintu air baru" in draft.citations[0].quote
    assert draft.citations[0].quote.startswith("Rencana kerja mencakup:")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who did Ratna Wijaya meet in Surabaya?", "en"),
        ("Siapa nama suami Ratna Wijaya?", "id"),
        ("What did Ratna Wijaya say about the price of wheat?", "en"),
        ("Siapa juara Piala Dunia 2022?", "id"),
        ("Siapa dia?", "id"),
    ],
)
def test_it_abstains_when_the_articles_do_not_say(question: str, language: Language) -> None:
    draft = _ask(question, language)
    assert draft.abstained
    assert draft.citations == ()
    assert draft.text == (
        "The articles do not say."
        if language == "en"
        else "Artikel-artikel yang ada tidak menyebutkannya."
    )


def _read(answer: str, certainty: float) -> list[Hit]:
    """Return the hits as a reader left them that found `answer`."""
    return [
        replace(hit, has_answer=0.01)
        if answer not in hit.passage.text
        else replace(
            hit,
            has_answer=certainty,
            answer_start=hit.document.text.index(answer),
            answer_end=hit.document.text.index(answer) + len(answer),
        )
        for hit in _hits()
    ]


def test_a_sure_reader_finds_what_the_words_of_the_question_do_not() -> None:
    question = "Which structure is to regulate the river?"
    assert not _ask(question, "en").citations
    draft = _ask(question, "en", _read("pintu air baru", 0.9))
    assert "pintu air baru" in draft.citations[0].quote
    assert draft.citations[0].highlights


def test_a_reader_in_doubt_of_every_passage_leaves_no_answer() -> None:
    question = "Berapa anggaran perbaikan tanggul?"
    assert _ask(question, "id", _read("Rp 12,5 miliar", 0.5)).citations
    assert not _ask(question, "id", _read("Rp 12,5 miliar", 0.1)).citations


def test_a_sure_reader_does_not_answer_of_a_name_that_no_article_has() -> None:
    question = "How large is the budget of Hendra Gunawan?"
    assert not _ask(question, "en", _read("Rp 12,5 miliar", 0.95)).citations


def test_most_of_a_long_name_is_enough() -> None:
    text = STORY.replace("Ratna Wijaya", "Ratna Ayu Wijaya")
    question = "Siapa yang ditemui Gubernur Ratna Ayu Kusuma Wijaya di Balai Kota?"
    assert "Bima Santoso" in _ask(question, "id", _hits(text)).text


def test_no_hits_give_an_abstention() -> None:
    assert _ask("Siapa gubernur?", "id", []).abstained


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                *STORY.split("\n"),
                "Iklan: beli 2 gratis 1!",
                "“Ia berkata: 'ya'”, kata Dr. H. Budi S.H.",
                "🙂 emoji 𝒳",
            ]
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["Who met whom?", "Siapa menemui siapa di Desa Kalong?", "Apa rencana kerja?"]),
)
def test_every_quote_is_the_exact_words_of_its_document(lines: list[str], question: str) -> None:
    text = "\n\n".join(line for line in lines if line.strip()) or "kosong"
    hits = _hits(text)
    documents = {hit.document.id: hit.document for hit in hits}
    draft = _ask(question, "en" if question[0] == "W" else "id", hits)
    used = [number for sentence in draft.sentences for number in sentence.citations]
    assert [c.number for c in draft.citations] == list(range(1, len(draft.citations) + 1))
    assert sorted(set(used)) == [c.number for c in draft.citations]
    for citation in draft.citations:
        whole = documents[citation.document_id].text
        assert whole[citation.start : citation.end] == citation.quote
        assert all(citation.start <= a < b <= citation.end for a, b in citation.highlights)
    for sentence in draft.sentences:
        assert sentence.citations
        assert any(c.quote in sentence.text for c in draft.citations)


@pytest.mark.parametrize(
    ("text", "kind", "several"),
    [
        ("Who did Larijani meet?", "who", True),
        ("Who is the Speaker of the Assembly?", "who", False),
        ("Siapa saja yang hadir?", "who", True),
        ("Siapa yang ditemui Lavrov?", "who", True),
        ("Siapa ketua majelis?", "who", False),
        ("In what year was it founded?", "when", False),
        ("Tahun berapa ia lahir?", "when", False),
        ("Kapan mereka bertemu?", "when", False),
        ("Berapa jumlah korban?", "number", False),
        ("How many people died?", "number", False),
        ("Di mana pembicaraan dimulai?", "where", False),
        ("Di provinsi mana saja mereka beroperasi?", "where", True),
        ("Why did they leave?", "reason", False),
        ("Mengapa harga naik?", "reason", False),
        ("Bagaimana cara kerjanya?", "manner", False),
        ("Did Iran attack Pakistan?", "yesno", False),
        ("Apakah Iran menyerang Pakistan?", "yesno", False),
        ("Apakah nama ibu kota Jepang?", "what", False),
        ("Which groups did it strike?", "what", True),
        ("What did they discuss?", "what", False),
    ],
)
def test_the_kind_of_a_question(text: str, kind: str, several: bool) -> None:
    language: Language = (
        "en" if text.split()[0] in {*"Who In How Why Did Which What".split()} else "id"
    )
    question = understand_question(text, language, bundled_lexicon())
    assert (question.kind, question.wants_several) == (kind, several)
