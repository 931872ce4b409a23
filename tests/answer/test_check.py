from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.answerer import Draft
from rag.answer.check import Checker
from rag.answer.wording import nothing_found
from rag.models.reader import Reading
from rag.text.lexicon import bundled_lexicon
from rag.types import Document, Hit, Passage, Support

ROWS = Path(__file__).parents[1] / "data" / "verdicts.jsonl"
SEEDS = Path(__file__).parents[2] / "seeds"

HARBOUR = Document(
    id="pelabuhan",
    title="Wali Kota Sari Dewi Resmikan Pelabuhan Baru di Tanjung Rawa",
    text=(
        "Wali Kota Sari Dewi meresmikan pelabuhan baru di Tanjung Rawa pada Senin (4/3). "
        "Pembangunan pelabuhan itu menelan biaya 3,5 miliar rupiah.\n\n"
        "Menurut Bambang Wirawan, kepala dinas perhubungan, pelabuhan itu dapat menampung lima "
        "puluh kapal. Ia mengatakan para nelayan belum pernah memiliki dermaga sendiri.\n\n"
        "Nelayan menyambut pelabuhan itu dengan gembira. Mereka membagikan ikan kepada warga."
    ),
    language="id",
    source="contoh",
    origin="",
    content_hash="a" * 64,
    published=date(2024, 3, 5),
)
SCHOOL = Document(
    id="sekolah",
    title="Sekolah di Lembah Hijau Menerima Buku",
    text="Perpustakaan Nasional mengirim dua ratus buku ke sekolah di Lembah Hijau pada 12 Maret.",
    language="id",
    source="contoh",
    origin="",
    content_hash="b" * 64,
    published=date(2024, 3, 13),
)


def hit(document: Document, index: int = 0) -> Hit:
    """Return the hit of a document's paragraph."""
    start = 0
    for _ in range(index):
        start = document.text.index("\n\n", start) + 2
    end = document.text.find("\n\n", start)
    end = len(document.text) if end < 0 else end
    passage = Passage(
        document.id, document.content_hash, index, document.text[start:end], start, end, "id"
    )
    return Hit(passage, document, 1.0)


HITS = [hit(HARBOUR, 0), hit(HARBOUR, 1), hit(HARBOUR, 2), hit(SCHOOL)]
CHECKER = Checker(bundled_lexicon(), None, None)


def check(text: str) -> Draft:
    return CHECKER.check(text, "en", HITS)


def supports(draft: Draft) -> list[Support]:
    return [sentence.support for sentence in draft.sentences]


def assert_invariants(draft: Draft) -> None:
    """Hold a draft to the invariants of citations."""
    documents = {h.document.id: h.document for h in HITS}
    numbers = [c.number for c in draft.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    used = list(dict.fromkeys(n for s in draft.sentences for n in s.citations))
    assert used == numbers
    for citation in draft.citations:
        text = documents[citation.document_id].text
        assert text[citation.start : citation.end] == citation.quote != ""
    for sentence in draft.sentences:
        assert sentence.citations or sentence.support == "unsupported"
    if draft.sentences:
        assert any(s.support != "unsupported" for s in draft.sentences)


def test_a_true_sentence_is_supported_by_the_words_it_rests_on() -> None:
    draft = check("Mayor Sari Dewi opened a new port in Tanjung Rawa on Monday, 4 March [1].")
    assert supports(draft) == ["supported"]
    assert draft.citations[0].quote.startswith("Wali Kota Sari Dewi meresmikan")
    assert draft.text.endswith("4 March. [1]")


def test_a_verbatim_sentence_is_quoted() -> None:
    draft = CHECKER.check("Mereka membagikan ikan kepada warga [3].", "id", HITS)
    assert supports(draft) == ["quoted"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The port cost 5.3 billion rupiah [1].",
        "Mayor Sari Dewi opened the port on Monday, 11 March [1].",
        "Mayor Rina Hartati opened a new port in Tanjung Rawa [1].",
        "Mayor Sari Dewi did not open a new port in Tanjung Rawa [1].",
        "The residents shared fish with Bambang Wirawan in Paris [3].",
        "The port can hold fifteen ships [2].",
    ],
)
def test_a_false_sentence_alone_is_an_abstention(sentence: str) -> None:
    draft = check(sentence)
    assert draft.abstained
    assert draft.text == nothing_found("en")
    assert draft.citations == ()


def test_a_false_sentence_beside_a_true_one_is_flagged() -> None:
    draft = check("The port can hold fifty ships [2]. The port cost 9 billion rupiah [1].")
    assert supports(draft) == ["supported", "unsupported"]


def test_unsupported_sentences_can_be_dropped_with_a_warning() -> None:
    checker = Checker(bundled_lexicon(), None, None, unsupported="drop")
    draft = checker.check(
        "- The port can hold fifty ships [2].\n- The port cost 9 billion rupiah [1].\n"
        "- The library sent 200 books [4].",
        "en",
        HITS,
    )
    assert [s.text for s in draft.sentences] == [
        "The port can hold fifty ships.",
        "The library sent 200 books.",
    ]
    assert len(draft.warnings) == 1
    assert "1 sentence" in draft.warnings[0]


def test_a_sentence_without_a_marker_is_given_one() -> None:
    draft = check("The National Library sent two hundred books to the school in Lembah Hijau.")
    assert supports(draft) == ["supported"]
    assert draft.citations[0].document_id == "sekolah"


def test_a_wrongly_cited_sentence_is_cited_rightly() -> None:
    draft = check("The National Library sent 200 books to the school [1].")
    assert supports(draft) == ["supported"]
    assert [c.document_id for c in draft.citations] == ["sekolah"]


def test_numbers_follow_first_use_and_the_same_words_share_one() -> None:
    draft = check(
        "The library sent 200 books [4]. The port can hold fifty ships [2]. "
        "Two hundred books were sent by the library [4]."
    )
    assert [s.citations for s in draft.sentences] == [(1,), (2,), (1,)]
    assert draft.citations[0].document_id == "sekolah"


def test_facts_of_one_sentence_may_lie_in_several_cited_passages() -> None:
    draft = check("The port can hold fifty ships and cost 3.5 billion rupiah [1][2].")
    assert supports(draft) == ["supported"]
    assert draft.sentences[0].citations == (1, 2)


def test_paragraphs_and_lists_keep_their_shape() -> None:
    draft = check(
        "The port:\n\n- can hold fifty ships [2]\n- cost 3.5 billion rupiah [1]\n\n"
        "The library sent 200 books [4]."
    )
    plain = re.sub(r" ?\[\d\]", "", draft.text)
    assert plain == (
        "The port:\n\n- can hold fifty ships\n- cost 3.5 billion rupiah\n\n"
        "The library sent 200 books."
    )


def test_lead_ins_and_pleasantries_are_left_out() -> None:
    draft = check(
        "Sure! Here is the answer:\n\nThe port can hold fifty ships [2]. I hope it helps!"
    )
    assert draft.text == "The port can hold fifty ships. [1]"


@pytest.mark.parametrize(
    "text",
    [
        "The articles do not say who built it.",
        "The provided passages do not mention this [1].",
        "There is no information about the winner in the articles.",
        "I cannot answer this from the given sources.",
        "Unfortunately, none of the passages mentions it.",
        "Artikel-artikel tersebut tidak menyebutkan hal itu.",
        "Tidak ada informasi tentang pemenang dalam artikel.",
        "Maaf, saya tidak dapat menjawab pertanyaan itu.",
        "Berdasarkan kutipan yang diberikan, tidak disebutkan siapa pemenangnya dalam artikel.",
        "",
        "Here is the answer:",
    ],
)
def test_an_answer_that_says_nothing_is_an_abstention(text: str) -> None:
    assert check(text).abstained


def test_what_the_articles_do_not_say_is_told_beside_what_they_say() -> None:
    draft = check("The port can hold fifty ships [2]. The articles do not say who built it.")
    assert [s.text for s in draft.sentences] == ["The port can hold fifty ships."]
    assert draft.warnings == ("The articles do not say who built it.",)


def test_denials_that_an_article_reports_are_claims() -> None:
    draft = check("Fishermen have never had a dock, according to Bambang Wirawan [2].")
    assert supports(draft) == ["supported"]


class FirstWordReader:
    """Takes the first word of every passage for the answer."""

    name = "first word"

    def read(self, question: str, passages: list[str]) -> list[Reading]:
        return [Reading(0, len(p.split()[0]), 0.9, 0.9) for p in passages]


def test_the_words_that_answer_are_highlighted_in_the_quote() -> None:
    checker = Checker(bundled_lexicon(), None, FirstWordReader())
    draft = checker.check("The library sent 200 books [4].", "en", HITS, "Who sent books?")
    (citation,) = draft.citations
    ((start, end),) = citation.highlights
    assert SCHOOL.text[start:end] == "Perpustakaan"


WRITTEN = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "The port can hold fifty ships",
                "The library sent 200 books",
                "Sari Dewi opened the port",
                "It rained in Paris",
                "Yes.",
                "Here is the answer:",
                "The articles do not say.",
                " [1]",
                "[2]. ",
                "[1, 4]",
                "【3】",
                " (sumber 2)",
                "[99]",
                "\n- ",
                "\n\n",
                ". ",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(pieces=WRITTEN, drop=st.booleans())
def test_any_text_gives_citations_that_hold(pieces: list[str], drop: bool) -> None:
    checker = Checker(bundled_lexicon(), None, None, unsupported="drop" if drop else "flag")
    draft = checker.check("".join(pieces), "en", HITS, "Who opened the port?")
    assert_invariants(draft)
    if drop:
        assert "unsupported" not in supports(draft)


def test_no_hits_give_an_abstention() -> None:
    assert CHECKER.check("The port is new [1].", "en", []).abstained


def test_the_rows_to_measure_by_point_into_the_articles() -> None:
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 150
    for row in rows:
        assert row["evidence"] in (SEEDS / f"{row['document']}.txt").read_text(encoding="utf-8")
        expected = {"true": True, "half": "half"}.get(row["kind"], False)
        assert row["verdict"] == expected
