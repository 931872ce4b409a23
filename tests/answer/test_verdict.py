from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.answer.claims import Evidence, read_claim
from rag.answer.verdict import Verdict, judge
from rag.models.bundled_encoder import BundledEncoder
from rag.models.encoder import FloatArray
from rag.text.clean import clean_text
from rag.text.dates import find_publication_date
from rag.text.lexicon import bundled_lexicon
from rag.types import Document, Language

ROOT = Path(__file__).parents[2]
LEXICON = bundled_lexicon()


def document(text: str, language: Language = "id", title: str = "") -> Document:
    return Document(
        "d", title, text, language, "", "", "0" * 64, published=date(2024, 1, 20), passage_count=1
    )


def verdict(claim: str, text: str, language: Language = "en", written: Language = "id") -> Verdict:
    evidence = Evidence(document(text, written), 0, len(text), LEXICON)
    return judge(read_claim(claim, language, LEXICON), evidence)


def test_the_aims_of_the_check_are_met_on_the_judged_rows() -> None:
    rows = (ROOT / "tests/data/verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    documents: dict[str, Document] = {}
    read: dict[tuple[str, int], Evidence] = {}
    unsupported: dict[str, list[bool]] = {}
    encoder = BundledEncoder()
    for row in map(json.loads, rows):
        name = row["document"]
        if name not in documents:
            raw = (ROOT / "seeds" / f"{name}.txt").read_text(encoding="utf-8")
            text = clean_text(raw)
            published = find_publication_date(raw, None)
            documents[name] = Document(
                name, text.split("\n")[0], text, "id", "", "", "0" * 64, published=published
            )
        found = documents[name]
        at = found.text.index(row["evidence"])
        start, end = found.text.rfind("\n\n", 0, at) + 2, found.text.find("\n\n", at)
        if (name, start) not in read:
            end = end if end > 0 else len(found.text)
            read[name, start] = Evidence(found, start, end, LEXICON)
        evidence = read[name, start]
        claim = read_claim(row["sentence"], row["language"], LEXICON)
        judged = judge(claim, evidence, encoder=encoder)
        unsupported.setdefault(row["kind"], []).append(judged.support == "unsupported")

    def share(*kinds: str) -> float:
        flags = [flag for kind in kinds for flag in unsupported[kind]]
        return sum(flags) / len(flags)

    assert share("number", "date", "name") >= 0.95
    assert share("number", "date", "name", "negation", "role", "wrong_passage") >= 0.85
    assert share("true") <= 0.05


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Amir Abdollahian visited Doha.", "Amirabdollahian mengunjungi Doha."),
        ("Amirabdollahian visited Doha.", "Amir Abdollahian mengunjungi Doha."),
        ("The minister visited Tehran.", "Menteri itu mengunjungi Teheran."),
        ("Turkish soldiers left Russia.", "Tentara Turki meninggalkan Rusia."),
        ("The US minister visited Doha.", "Menteri AS mengunjungi Doha."),
        ("Russia offered weapons to India.", "Moskow menawarkan senjata kepada India."),
        ("Half a million dollars were paid.", "Setengah juta dolar telah dibayar."),
    ],
)
def test_names_agree_in_any_spelling(claim: str, text: str) -> None:
    assert verdict(claim, text).support in ("supported", "quoted")


@pytest.mark.parametrize(
    ("claim", "text", "problem"),
    [
        ("Dewi Sartika visited Doha.", "Dewi Lestari mengunjungi Doha.", "name"),
        ("The minister visited Doha.", "Menteri itu mengunjungi Kairo.", "name"),
        ("The minister paid 5 million.", "Menteri itu membayar 5 miliar.", "number"),
        ("The minister came on Monday.", "Menteri itu datang pada Jumat (19/1).", "date"),
        ("India attacked Nepal.", "Nepal menyerang India.", "role"),
        ("Nepal diserang India.", "India tidak menyerang Nepal.", "negation"),
        ("The minister did not visit Doha.", "Menteri itu mengunjungi Doha.", "negation"),
        ("The minister visited Doha.", "Menteri itu tidak mengunjungi Doha.", "negation"),
        (
            "Indian Foreign Minister Budi Santoso visited Doha.",
            "Menteri Luar Negeri Nepal Budi Santoso mengunjungi Doha. India diam.",
            "role",
        ),
    ],
)
def test_what_is_wrong_is_named(claim: str, text: str, problem: str) -> None:
    language: Language = "id" if "diserang" in claim else "en"
    judged = verdict(claim, text, language)
    assert judged.support == "unsupported"
    assert judged.problem == problem


def test_an_indonesian_sentence_rests_on_an_english_article() -> None:
    text = "The mayor opened a new hospital on Friday. It cost 3.5 million dollars."
    claim = "Wali kota membuka rumah sakit baru pada Jumat."
    judged = verdict(claim, text, "id", "en")
    assert judged.support == "supported"
    assert text[judged.start : judged.end] == "The mayor opened a new hospital on Friday."
    assert verdict("Biayanya 35 juta dolar.", text, "id", "en").support == "unsupported"


def test_a_sentence_with_an_untold_part_is_partial() -> None:
    judged = verdict(
        "The mayor opened a new hospital and promised cheap gasoline for farmers.",
        "Wali kota membuka rumah sakit baru. Warga menyambut gembira.",
    )
    assert judged.support == "partial"


class OneWayEncoder:
    """Takes all texts for the same."""

    name = "one way"
    dimensions = 2

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(texts), 1))

    encode_passages = encode_queries


def test_an_encoder_helps_doubtful_meaning_but_no_wrong_fact() -> None:
    text = "Pejabat itu menyambut ajakan tetangganya dengan gembira."
    evidence = Evidence(document(text), 0, len(text), LEXICON)
    doubtful = read_claim("The official cheerfully accepted.", "en", LEXICON)
    wrong = read_claim("The official accepted 5 invitations.", "en", LEXICON)
    rank = ["unsupported", "partial", "supported", "quoted"]
    alone = rank.index(judge(doubtful, evidence).support)
    helped = rank.index(judge(doubtful, evidence, encoder=OneWayEncoder()).support)
    assert helped in (alone, alone + 1)
    assert judge(wrong, evidence, encoder=OneWayEncoder()).support == "unsupported"
