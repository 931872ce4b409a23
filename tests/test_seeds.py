"""The demonstration articles are ours: sized like news, noisy like scrapes, copied from nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
SOURCES = ROOT.parent / "shared" / "articles"
RUN_WORDS = 8
DATE_LINE = re.compile(
    r"\b(\d{1,2} (Januari|April|November) 20\d\d|\d{1,2}/\d{1,2}/20\d\d)\b",
)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> set[str]:
    found = words(text)
    return {
        " ".join(found[start : start + RUN_WORDS]) for start in range(len(found) - RUN_WORDS + 1)
    }


def test_there_are_five_seed_articles() -> None:
    assert len(SEEDS) == 5


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_seed_is_as_long_as_a_short_news_story(seed: Path) -> None:
    assert 250 <= len(seed.read_text(encoding="utf-8").split()) <= 600


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_seed_has_a_date_line_near_its_top(seed: Path) -> None:
    assert any(DATE_LINE.search(line) for line in seed.read_text(encoding="utf-8").splitlines()[:8])


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_seed_links_only_to_a_domain_reserved_for_examples(seed: Path) -> None:
    hosts = re.findall(r"https?://([^/\s]+)", seed.read_text(encoding="utf-8"))
    assert all(host.endswith(".example") for host in hosts)


def test_no_seed_shares_eight_words_in_a_row_with_a_source_article() -> None:
    sources = sorted(SOURCES.glob("*.txt"))
    if not sources:
        pytest.skip(f"the source articles are not at {SOURCES}")
    source_runs = {run for source in sources for run in runs(source.read_text(encoding="utf-8"))}
    copied = {
        seed.stem: shared
        for seed in SEEDS
        if (shared := runs(seed.read_text(encoding="utf-8")) & source_runs)
    }
    assert copied == {}
