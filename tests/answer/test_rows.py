"""The judged rows that bench/checking.py and the tests of the check stand on."""

import json
from collections import Counter
from pathlib import Path

import pytest

from rag.text.clean import clean_text

ROOT = Path(__file__).parents[2]
KINDS = {"true", "half", "number", "date", "name", "negation", "role", "wrong_passage"}


@pytest.mark.parametrize("name", ["verdicts.jsonl", "verdicts_held_back.jsonl"])
def test_every_row_names_a_place_in_an_article_and_a_verdict(name: str) -> None:
    lines = (ROOT / "tests/data" / name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    articles = {
        path.stem: clean_text(path.read_text(encoding="utf-8"))
        for path in (ROOT / "seeds").glob("*.txt")
    }
    for row in rows:
        assert articles[row["document"]].count(row["evidence"]) == 1, row
        assert row["kind"] in KINDS, row
        assert row["verdict"] == {"true": True, "half": "half"}.get(row["kind"], False), row
    assert Counter(row["language"] for row in rows).keys() == {"id", "en"}


def test_what_is_held_back_was_not_made_with() -> None:
    made, held = (
        {json.loads(line)["sentence"] for line in path.read_text(encoding="utf-8").splitlines()}
        for path in (ROOT / "tests/data").glob("verdicts*.jsonl")
    )
    assert not made & held
