"""Measure the search that ships: nDCG@10 by language pair, speed, and what re-ranking adds.

    python -m bench.retrieval --data DIR [--reader] [--encoder minilm] [--tune] [--speed]

The data folder holds passages.jsonl, qa_dev.jsonl and, for English on English, qa_english.jsonl.
Every question has one right passage among all passages of the file; a near-duplicate of it that
the search folds into one hit counts as found. English on English asks the questions on the
Natural Questions passages that training holds out, among these and among all such passages.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.tables import print_table, read_rows
from rag.build import build_encoder, build_reader, word_weights
from rag.models.encoder import Encoder
from rag.models.reader import Reader
from rag.retrieve.fuse import fuse
from rag.retrieve.retriever import Retriever
from rag.settings import Settings
from rag.store.words import WordIndex
from rag.text.lexicon import Lexicon, bundled_lexicon
from rag.text.query import query_terms
from rag.text.terms import ANALYSER_VERSION, analyse
from rag.types import Document, Filters, Language, Passage, QueryTerm
from training.data import is_held_out

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEPTH = 10
RE_RANKED = 20
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its language, and the id of the passage that answers it."""

    question: str
    language: Language
    passage: str


class MemoryStore:
    """Passages searched exactly, each a document of its own; what a Retriever asks of a store."""

    def __init__(self, texts: Mapping[str, str], language: Language, encoder: Encoder) -> None:
        self.documents = {
            key: Document(key, "", text, language, "bench", "bench", "0" * 64)
            for key, text in texts.items()
        }
        self.passages = {
            p.id: p
            for p in (
                Passage(key, "0" * 64, 0, text, 0, len(text), language)
                for key, text in texts.items()
            )
        }
        self._ids = list(self.passages)
        self.vectors = encoder.encode_passages(list(texts.values()))
        self._words = WordIndex(None, analyse, ANALYSER_VERSION)
        for passage in self.passages.values():
            self._words.put("", [passage])
        self._words.commit("bench")

    def search_vectors(
        self, vector: FloatArray, limit: int, _filters: Filters
    ) -> list[tuple[str, float]]:
        scores = self.vectors @ vector
        return [(self._ids[i], float(scores[i])) for i in np.argsort(-scores)[:limit]]

    def search_words(
        self, terms: Sequence[QueryTerm], limit: int, filters: Filters
    ) -> list[tuple[str, float]]:
        return self._words.search(terms, limit, filters)

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        return {key: self.passages[key] for key in ids}

    def documents_by_id(self, ids: Sequence[str]) -> dict[str, Document]:
        return {key: self.documents[key] for key in ids}

    def document_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        places = {self.passages[key].document_id: i for i, key in enumerate(self._ids)}
        return {key: self.vectors[places[key]] for key in ids}


def gain(rank: int | None) -> float:
    """Return the nDCG@10 of a list in which the one right passage stands at this rank, from 0."""
    return 0.0 if rank is None or rank >= DEPTH else 1 / math.log2(rank + 2)


def rank_of(passage: str, found: Sequence[str]) -> int | None:
    return found.index(passage) if passage in found else None


def mean_gain(cases: Sequence[Case], search: Callable[[Case], Sequence[str]]) -> float:
    return statistics.fmean(gain(rank_of(case.passage, search(case))) for case in cases)


@dataclass(slots=True)
class Sides:
    """The two sides' results for each case, kept so that weights can be tried out."""

    cases: Sequence[Case]
    by_vector: list[dict[str, float]]
    by_words: list[dict[str, float]]

    def ndcg(self, weight: float) -> float:
        gains = [
            gain(rank_of(case.passage, [k.split("@")[0] for k, _ in fuse(v, w, lambda _: weight)]))
            for case, v, w in zip(self.cases, self.by_vector, self.by_words, strict=True)
        ]
        return statistics.fmean(gains)


def both_sides(
    store: MemoryStore, encoder: Encoder, lexicon: Lexicon, cases: Sequence[Case], depth: int
) -> Sides:
    vectors = encoder.encode_queries([case.question for case in cases])
    by_words = [
        dict(store.search_words(query_terms(c.question, c.language, lexicon), depth, Filters()))
        for c in cases
    ]
    by_vector = [dict(store.search_vectors(v, depth, Filters())) for v in vectors]
    return Sides(cases, by_vector, by_words)


def dev_cases(data: Path) -> tuple[dict[str, str], list[Case], list[Case]]:
    """Return (passages by id, Indonesian cases, English cases) of the dev questions."""
    texts = {str(row["id"]): str(row["text"]) for row in read_rows(data / "passages.jsonl")}
    rows = [row for row in read_rows(data / "qa_dev.jsonl") if row["answer"] is not None]
    indonesian = [Case(str(r["question_id"]), "id", str(r["passage"])) for r in rows]
    english = [Case(str(r["question_en"]), "en", str(r["passage"])) for r in rows]
    return texts, indonesian, english


def english_cases(data: Path) -> tuple[dict[str, str], list[Case]]:
    rows = [
        (str(row["question"]), str(row["passage"]))
        for row in read_rows(data / "qa_english.jsonl")
        if str(row["source"]).startswith("natural")
    ]
    keys = {text: f"nq-{i}" for i, text in enumerate(dict.fromkeys(text for _, text in rows))}
    cases = [Case(q, "en", keys[text]) for q, text in rows if is_held_out(text)]
    return {key: text for text, key in keys.items()}, cases


def product_retriever(
    store: MemoryStore,
    encoder: Encoder,
    reader: Reader | None,
    settings: Settings,
    read_passages: int = RE_RANKED,
) -> Retriever:
    return Retriever(
        store,  # type: ignore[arg-type]
        encoder,
        reader,
        bundled_lexicon(),
        word_weights(settings),
        candidates=settings.retrieve_candidates,
        read_passages=read_passages,
    )


def searcher(
    store: MemoryStore, encoder: Encoder, reader: Reader | None, settings: Settings
) -> Callable[[Case], list[str]]:
    """Return the product's own search, giving document ids, folded ones right after their twin."""
    retriever = product_retriever(store, encoder, reader, settings)

    def search(case: Case) -> list[str]:
        hits = retriever.retrieve(case.question, case.language, Filters(), RE_RANKED)
        found: list[str] = []
        for hit in hits:
            # A folded twin is the same hit: it takes its place, not the next one.
            twins = {hit.document.id, *hit.also_in}
            found.append(case.passage if case.passage in twins else hit.document.id)
        return found

    return search


def try_reader_weights(
    store: MemoryStore, encoder: Encoder, reader: Reader, settings: Settings, cases: Sequence[Case]
) -> list[tuple[float, float]]:
    """Return (share of the reader's relevance in the score, nDCG@10) for several shares."""
    retriever = Retriever(
        store,  # type: ignore[arg-type]
        encoder,
        None,
        bundled_lexicon(),
        word_weights(settings),
        candidates=settings.retrieve_candidates,
    )
    gains: dict[float, list[float]] = {share / 20: [] for share in range(21)}
    for case in cases:
        hits = retriever.retrieve(case.question, case.language, Filters(), RE_RANKED)
        readings = reader.read(case.question, [hit.passage.text for hit in hits])
        for share, found in gains.items():
            scores = [
                (1 - share) * hit.score + share * reading.relevance
                for hit, reading in zip(hits, readings, strict=True)
            ]
            ranked = [hits[i] for i in np.argsort([-score for score in scores], kind="stable")]
            right = [case.passage in {hit.document.id, *hit.also_in} for hit in ranked]
            found.append(gain(right.index(True) if True in right else None))
    return [(share, statistics.fmean(found)) for share, found in gains.items()]


def measure_speed(encoder: Encoder, texts: Sequence[str], questions: Sequence[str]) -> None:
    """Print passages a second against all-MiniLM-L6-v2 in fp32, and the time of one question."""
    from rag.models.sentence_transformers_encoder import SentenceTransformersEncoder

    minilm = SentenceTransformersEncoder("minilm")
    rows: list[tuple[str, ...]] = []
    rates: list[float] = []
    for one in (minilm, encoder):
        one.encode_passages(texts[:16])
        best = 0.0
        for _ in range(3):
            start = time.perf_counter()
            one.encode_passages(texts)
            best = max(best, len(texts) / (time.perf_counter() - start))
        spent: list[float] = []
        for question in questions[:100]:
            start = time.perf_counter()
            one.encode_queries([question])
            spent.append(1000 * (time.perf_counter() - start))
        rates.append(best)
        median = statistics.median(spent)
        rows.append((one.name, f"{best:.0f}", f"{best / rates[0]:.1f}", f"{median:.1f} ms"))
    print_table("speed", ("encoder", "passages/s", "times MiniLM", "a question, p50"), rows)
    code = (
        "import time; s = time.perf_counter(); "
        "from rag.models.bundled_encoder import BundledEncoder; "
        "BundledEncoder().encode_queries(['Siapa presiden Iran?']); "
        "print(time.perf_counter() - s)"
    )
    cold = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    print(f"import to first vector, cold, median of 3: {statistics.median(cold):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--encoder", default="bundled", help="as RAG_ENCODER")
    parser.add_argument("--folder", type=Path, help="a folder of bundled-encoder weights instead")
    parser.add_argument("--reader", action="store_true", help="also re-rank the first 20")
    parser.add_argument("--reader-folder", type=Path, help="re-rank with these reader weights")
    parser.add_argument("--tune", action="store_true", help="try weights")
    parser.add_argument("--speed", action="store_true", help="measure speed")
    parser.add_argument("--no-english", action="store_true", help="leave out English on English")
    arguments = parser.parse_args()
    if not (arguments.data / "passages.jsonl").exists():
        sys.exit(f"there is no data folder {arguments.data}; name one with --data")
    settings = replace_encoder(Settings.load(), arguments.encoder)
    encoder = build_encoder(settings)
    if arguments.folder:
        from rag.models.bundled_encoder import BundledEncoder

        encoder = BundledEncoder(arguments.folder)
    lexicon = bundled_lexicon()
    texts, indonesian, english = dev_cases(arguments.data)
    store = MemoryStore(texts, "id", encoder)
    groups = [("id on id", store, indonesian), ("en on id", store, english)]
    if not arguments.no_english and (arguments.data / "qa_english.jsonl").exists():
        english_texts, cases = english_cases(arguments.data)
        held_out = {case.passage: english_texts[case.passage] for case in cases}
        groups.append(("en on en, held out", MemoryStore(held_out, "en", encoder), cases))
        groups.append(("en on en, all", MemoryStore(english_texts, "en", encoder), cases))
    reader = build_reader(settings) if arguments.reader else None
    if arguments.reader_folder:
        from rag.models.bundled_reader import BundledReader

        reader = BundledReader(arguments.reader_folder)
    rows: list[tuple[str, ...]] = []
    for name, pool, cases in groups:
        sides = both_sides(pool, encoder, lexicon, cases, settings.retrieve_candidates)
        hybrid = mean_gain(cases, searcher(pool, encoder, None, settings))
        row = [name, str(len(cases)), f"{sides.ndcg(1.0):.3f}", f"{sides.ndcg(0.0):.3f}"]
        row.append(f"{hybrid:.3f}")
        if reader is not None:
            row.append(f"{mean_gain(cases, searcher(pool, encoder, reader, settings)):.3f}")
        rows.append(tuple(row))
        if arguments.tune:
            tried = [(w / 20, sides.ndcg(w / 20)) for w in range(0, 15)]
            print(name, "by word weight:", "  ".join(f"{w:.2f} {n:.3f}" for w, n in tried))
            if reader is not None:
                tried = try_reader_weights(pool, encoder, reader, settings, cases)
                print(name, "by reader's share:", "  ".join(f"{w:.2f} {n:.3f}" for w, n in tried))
    heads = ("nDCG@10", "questions", "words", "vectors", "hybrid")
    print_table("retrieval", (*heads, "with reader") if reader else heads, rows)
    if arguments.speed:
        dev = [text for key, text in texts.items() if key in {c.passage for c in indonesian}]
        measure_speed(encoder, dev, [case.question for case in indonesian])


def replace_encoder(settings: Settings, encoder: str) -> Settings:
    return settings.model_copy(update={"encoder": encoder})


if __name__ == "__main__":
    main()
