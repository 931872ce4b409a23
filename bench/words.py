"""Time the word index at 100,000 passages, beside SQLite FTS5 on the same text.

The text is made up: words of a Zipf-distributed vocabulary, about 100 a passage. Run with
`python -m bench.words [passages]`; it prints one line a measure, times in milliseconds.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from rag.store.words import WordIndex
from rag.types import Filters, Language, Passage, QueryTerm

VOCABULARY = 120_000
WORDS = 100
PASSAGES_PER_DOCUMENT = 8
QUERIES = 200
LIMIT = 50


def split(text: str, language: Language) -> list[str]:
    assert language == "id"
    return text.split()


def pseudo_words(dice: np.random.Generator) -> list[str]:
    syllables = [first + vowel for first in "bdghjklmnprstw" for vowel in "aiueo"]
    picks = dice.integers(0, len(syllables), size=(VOCABULARY, 4))
    return ["".join(syllables[pick] for pick in row) for row in picks]


def texts(count: int, vocabulary: list[str], dice: np.random.Generator) -> list[str]:
    chances = 1 / np.arange(1, len(vocabulary) + 1)
    ranks = dice.choice(len(vocabulary), size=(count, WORDS), p=chances / chances.sum())
    return [" ".join(vocabulary[rank] for rank in row) for row in ranks]


def passages(made: list[str]) -> Iterator[list[Passage]]:
    for first in range(0, len(made), PASSAGES_PER_DOCUMENT):
        number = first // PASSAGES_PER_DOCUMENT
        day = date(2020, 1, 1) + timedelta(days=number % 1500)
        yield [
            Passage(f"d{number}", f"{number:064x}", index, text, 0, len(text), "id", day, "s")
            for index, text in enumerate(made[first : first + PASSAGES_PER_DOCUMENT])
        ]


def questions(vocabulary: list[str], dice: np.random.Generator) -> list[list[str]]:
    """Six words each: two frequent, two middling, two rare, as questions have them."""
    ranges = [(10, 300)] * 2 + [(300, 5000)] * 2 + [(5000, VOCABULARY)] * 2
    return [[vocabulary[dice.integers(low, high)] for low, high in ranges] for _ in range(QUERIES)]


def report(name: str, search: Callable[[list[str]], object], asked: list[list[str]]) -> None:
    times = []
    for words in asked:
        start = time.perf_counter()
        search(words)
        times.append((time.perf_counter() - start) * 1000)
    middle, high = np.percentile(times, [50, 95])
    print(f"{name}: {middle:.2f} ms at the 50th percentile, {high:.2f} ms at the 95th")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    dice = np.random.default_rng(7)
    vocabulary = pseudo_words(dice)
    made, asked = texts(count, vocabulary, dice), questions(vocabulary, dice)
    with tempfile.TemporaryDirectory() as folder:
        time_tantivy(Path(folder) / "words", made, asked)
        time_sqlite(Path(folder) / "words.sqlite3", made, asked)


def time_tantivy(folder: Path, made: list[str], asked: list[list[str]]) -> None:
    index = WordIndex(folder, split, "bench")
    start = time.perf_counter()
    for part in passages(made):
        index.put("", part)
    index.commit("bench:")
    print(f"tantivy: {len(made)} passages in {time.perf_counter() - start:.1f} s")

    def search(words: list[str], filters: Filters) -> object:
        return index.search([QueryTerm(((word,),)) for word in words], LIMIT, filters)

    dated = Filters(published_after=date(2021, 1, 1), published_before=date(2021, 12, 31))
    few = Filters(document_ids=("d3", "d77", "d400"))
    report("tantivy", lambda words: search(words, Filters()), asked)
    report("tantivy, one year of four", lambda words: search(words, dated), asked)
    report("tantivy, three documents", lambda words: search(words, few), asked)
    start = time.perf_counter()
    index.revisions()
    print(f"tantivy: revisions listed in {(time.perf_counter() - start) * 1000:.0f} ms")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"tantivy: {size / 2**20:.0f} MB on disk")


def time_sqlite(path: Path, made: list[str], asked: list[list[str]]) -> None:
    base = sqlite3.connect(path)
    base.execute("CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='ascii')")
    start = time.perf_counter()
    base.executemany("INSERT INTO words(rowid, body) VALUES (?, ?)", enumerate(made))
    base.commit()
    print(f"FTS5: {len(made)} passages in {time.perf_counter() - start:.1f} s")
    query = "SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"

    def search(words: list[str]) -> object:
        return base.execute(query, (" OR ".join(words), LIMIT)).fetchall()

    report("FTS5", search, asked)
    print(f"FTS5: {path.stat().st_size / 2**20:.0f} MB on disk")
    base.close()


if __name__ == "__main__":
    main()
