"""Ingest into the real store on disk: what a later search and a second run then find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ingest_samples import HashEncoder

from rag.ingest.chunk import CHUNKING_VERSION
from rag.ingest.run import ingest
from rag.ingest.sources import read_sources
from rag.store.open import open_store
from rag.store.protocol import IndexFingerprint, PassageStore
from rag.text.clean import CLEANING_VERSION
from rag.text.terms import ANALYSER_VERSION, analyse
from rag.types import Filters, QueryTerm

BRIDGE = "Jembatan Dibuka\n\nBaca juga: Pasar Direnovasi\n\nWali kota membuka jembatan baru."
MARKET = "Pasar Direnovasi\n\nPedagang pindah ke pasar sementara selama renovasi."


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageStore]:
    opened = open_store(
        tmp_path / "index",
        fingerprint=IndexFingerprint(
            HashEncoder.name, HashEncoder.dimensions, str(CHUNKING_VERSION), str(CLEANING_VERSION)
        ),
        analyse=analyse,
        analyser_version=ANALYSER_VERSION,
    )
    yield opened
    opened.close()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "jembatan.txt").write_text(BRIDGE)
    (folder / "pasar.txt").write_text(MARKET)
    return folder


def found_by_word(index: PassageStore, word: str) -> list[str]:
    terms = [QueryTerm(alternatives=(tuple(analyse(word, "id")),))]
    return [passage_id.split("@")[0] for passage_id, _ in index.search_words(terms, 5, Filters())]


def test_ingested_passages_are_found_by_words_and_by_vectors(
    index: PassageStore, docs: Path
) -> None:
    encoder = HashEncoder()
    report = ingest(read_sources([docs]), index, encoder, passage_words=40)
    assert report.added == ("jembatan", "pasar")
    assert found_by_word(index, "jembatan") == ["jembatan"]
    (passage,) = [p for p in _passages(index, encoder, "jembatan baru") if "baru" in p]
    document = index.document("jembatan")
    assert passage in document.text
    assert "Baca juga" not in document.text
    assert document.passage_count == 1


def _passages(index: PassageStore, encoder: HashEncoder, text: str) -> list[str]:
    vector = encoder.encode_queries([text])[0]
    hits = index.search_vectors(vector, 5, Filters())
    return [p.text for p in index.passages_by_id([passage_id for passage_id, _ in hits]).values()]


def test_a_second_run_replaces_skips_and_prunes(index: PassageStore, docs: Path) -> None:
    ingest(read_sources([docs]), index, HashEncoder(), passage_words=40)
    (docs / "jembatan.txt").write_text("Terowongan Dibuka\n\nWali kota membuka terowongan.")
    (docs / "pasar.txt").unlink()
    (docs / "taman.txt").write_text("Taman Diresmikan\n\nTaman kota kini terbuka untuk umum.")
    report = ingest(
        read_sources([docs]), index, HashEncoder(), passage_words=40, prune_roots=[docs]
    )
    assert (report.added, report.updated, report.removed) == (("taman",), ("jembatan",), ("pasar",))
    assert found_by_word(index, "jembatan") == found_by_word(index, "pasar") == []
    assert found_by_word(index, "terowongan") == ["jembatan"]
    assert index.check() == []
    again = ingest(read_sources([docs]), index, HashEncoder(), passage_words=40)
    assert again.unchanged == ("jembatan", "taman")


def test_vectors_of_near_copies_lie_together(index: PassageStore, docs: Path) -> None:
    (docs / "salinan.txt").write_text(BRIDGE + " Warga senang.")
    ingest(read_sources([docs]), index, HashEncoder(), passage_words=40)
    own = index.document_vectors(["jembatan", "salinan", "pasar"])
    assert float(np.dot(own["jembatan"], own["salinan"])) > float(
        np.dot(own["jembatan"], own["pasar"])
    )
