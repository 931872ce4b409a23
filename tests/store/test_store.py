from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from store_samples import DIMENSIONS, FINGERPRINT, encode, entry, numbered, open_at, words

from rag.errors import DocumentNotFoundError, IndexMismatchError, StoreError
from rag.store.protocol import Entry, IndexFingerprint, PassageStore
from rag.types import Filters, QueryTerm

NO_FILTER = Filters()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    opened = open_at(tmp_path)
    yield opened
    opened.close()


def put_all(store: PassageStore, *entries: Entry) -> None:
    store.put_many(entries)
    store.flush()


def ids(hits: list[tuple[str, float]]) -> list[str]:
    return [id_ for id_, _ in hits]


def test_what_is_put_comes_back_unchanged(store: PassageStore) -> None:
    made = entry("a/b@c#1", ["Satu kalimat.", "Dua “kalimat”."], published=date(2024, 1, 19))
    bare = entry("tanpa-url", ["Tanpa tanggal."])
    put_all(store, made, bare)
    document, passages, _, vector = made
    assert store.document("a/b@c#1") == document.__class__(
        **{name: getattr(document, name) for name in document.__slots__} | {"passage_count": 2}
    )
    assert store.passages_by_id([passage.id for passage in passages]) == {
        passage.id: passage for passage in passages
    }
    assert store.document("tanpa-url").url is None
    assert store.document("tanpa-url").published is None
    np.testing.assert_allclose(store.document_vectors(["a/b@c#1"])["a/b@c#1"], vector, atol=1e-6)
    assert store.count() == (2, 3)
    assert store.content_hashes() == {made[0].id: made[0].content_hash} | {
        "tanpa-url": bare[0].content_hash
    }
    assert store.origins()["tanpa-url"] == "/articles/tanpa-url.txt"
    assert store.check() == []


def test_listing_is_sorted_and_leaves_the_text_out(store: PassageStore) -> None:
    put_all(store, entry("b", ["Dua."]), entry("a", ["Satu."]))
    listed = store.list_documents()
    assert [(document.id, document.text) for document in listed] == [("a", ""), ("b", "")]


def test_unknown_ids_are_left_out_or_named(store: PassageStore) -> None:
    put_all(store, entry("berita/banjir", ["Banjir."]))
    assert store.documents_by_id(["berita/banjir", "x"]).keys() == {"berita/banjir"}
    assert store.documents_by_id([]) == {}
    assert store.passages_by_id(["x@12345678#0", "no id at all"]) == {}
    assert store.document_vectors(["x"]) == {}
    with pytest.raises(DocumentNotFoundError, match="did you mean berita/banjir"):
        store.document("berita/banjr")
    with pytest.raises(DocumentNotFoundError, match="x"):
        store.delete(["berita/banjir", "x"])
    assert store.count() == (1, 1)


def test_a_new_revision_replaces_the_old_in_both_searches(store: PassageStore) -> None:
    old = entry("a", ["Banjir melanda kota.", "Warga mengungsi.", "Sungai meluap."])
    new = entry("a", ["Banjir surut.", "Warga pulang."])
    put_all(store, old)
    put_all(store, new)
    expected = [passage.id for passage in new[1]]
    assert sorted(ids(store.search_vectors(encode("banjir kota"), 10, NO_FILTER))) == expected
    assert store.search_words(words("mengungsi"), 10, NO_FILTER) == []
    assert ids(store.search_words(words("pulang"), 10, NO_FILTER)) == [expected[1]]
    assert store.passages_by_id([old[1][0].id]) == {}
    assert store.count() == (1, 2)
    assert store.check() == []


def test_the_same_revision_with_fewer_passages_drops_the_rest(store: PassageStore) -> None:
    document, passages, vectors, whole = entry("a", ["Satu.", "Dua.", "Tiga."])
    put_all(store, (document, passages, vectors, whole))
    put_all(store, (document, passages[:2], vectors[:2], whole))
    assert store.count() == (1, 2)
    assert store.check() == []


def test_a_document_without_passages_is_kept(store: PassageStore) -> None:
    put_all(store, entry("kosong", []))
    assert store.count() == (1, 0)
    assert store.check() == []


def test_deleted_documents_are_gone_from_everything(store: PassageStore) -> None:
    put_all(store, *(numbered(number) for number in range(5)))
    store.delete(["berita/3"])
    store.flush()
    assert "berita/3" not in store.content_hashes()
    found = ids(store.search_vectors(encode("berita"), 50, NO_FILTER))
    assert not [id_ for id_ in found if id_.startswith("berita/3@")]
    assert store.search_words([QueryTerm((("nomor", "3"),))], 10, NO_FILTER) == []
    store.delete([])
    assert store.check() == []


def test_vector_search_returns_cosine_similarity_best_first(store: PassageStore) -> None:
    put_all(store, *(numbered(number) for number in range(30)))
    wanted = numbered(7)[1][1]
    hits = store.search_vectors(encode(wanted.text) * 3, 5, NO_FILTER)
    assert hits[0][0] == wanted.id
    assert hits[0][1] == pytest.approx(1.0, abs=1e-5)
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert len(hits) == 5


def test_searching_an_empty_index_finds_nothing(store: PassageStore) -> None:
    assert store.search_vectors(encode("apa"), 5, NO_FILTER) == []
    assert store.search_words(words("apa"), 5, NO_FILTER) == []
    assert store.search_words([], 5, NO_FILTER) == []
    assert store.search_words([QueryTerm(((),))], 5, NO_FILTER) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(published_after=date(2024, 1, 2)), {"b", "c"}),
        (Filters(published_before=date(2024, 1, 2)), {"a", "b"}),
        (Filters(published_after=date(2024, 1, 2), published_before=date(2024, 1, 2)), {"b"}),
        (Filters(source="lain.id"), {"c", "d"}),
        (Filters(source="lain.id", published_after=date(2020, 1, 1)), {"c"}),
        (Filters(document_ids=("a", "d", "unknown")), {"a", "d"}),
        (Filters(document_ids=("a", "d"), source="lain.id"), {"d"}),
        (Filters(document_ids=("unknown",)), set()),
        (Filters(source="tak.ada"), set()),
    ],
)
def test_both_searches_obey_filters(
    store: PassageStore, filters: Filters, expected: set[str]
) -> None:
    put_all(
        store,
        entry("a", ["Berita banjir."], published=date(2024, 1, 1)),
        entry("b", ["Berita banjir."], published=date(2024, 1, 2)),
        entry("c", ["Berita banjir."], published=date(2024, 1, 3), source="lain.id"),
        entry("d", ["Berita banjir."], source="lain.id"),
    )
    by_vector = ids(store.search_vectors(encode("banjir"), 10, filters))
    by_words = ids(store.search_words(words("banjir"), 10, filters))
    assert {id_.rpartition("@")[0] for id_ in by_vector} == expected
    assert {id_.rpartition("@")[0] for id_ in by_words} == expected
    assert len(by_vector) == len(by_words) == len(expected)


def test_filters_leave_scores_as_they_are(store: PassageStore) -> None:
    put_all(store, *(numbered(number) for number in range(20)))
    free = dict(store.search_words(words("banjir", "kota5"), 50, NO_FILTER))
    bound = Filters(
        document_ids=("berita/5",), source="contoh.id", published_after=date(2020, 1, 1)
    )
    for id_, score in store.search_words(words("banjir", "kota5"), 50, bound):
        assert score == pytest.approx(free[id_], rel=1e-5)


def test_a_narrow_filter_is_exact_among_many(store: PassageStore) -> None:
    put_all(store, *(numbered(number) for number in range(60)))
    put_all(store, entry("langka", ["Sangat berbeda sekali."], source="langka.id"))
    hits = store.search_vectors(encode("berita banjir"), 5, Filters(source="langka.id"))
    assert [id_.rpartition("@")[0] for id_ in ids(hits)] == ["langka"]


def test_only_the_best_alternative_of_a_term_counts(store: PassageStore) -> None:
    put_all(
        store,
        entry("a", ["Mobil melaju kencang."], title="x"),
        entry("b", ["Mobil kendaraan melaju."], title="x"),
        entry("c", ["Kapal berlayar jauh."], title="x"),
    )
    one = dict(store.search_words([QueryTerm((("kendaraan",),))], 5, NO_FILTER))
    both = dict(store.search_words([QueryTerm((("mobil",), ("kendaraan",)))], 5, NO_FILTER))
    (best,) = one
    assert both[best] == pytest.approx(one[best])
    doubled = dict(store.search_words([QueryTerm((("kendaraan",),), 2.0)], 5, NO_FILTER))
    assert doubled[best] == pytest.approx(2 * one[best])


def test_phrases_match_in_order_only(store: PassageStore) -> None:
    put_all(store, entry("a", ["Harga beras naik."]), entry("b", ["Beras mahal karena harga."]))
    assert [id_[0] for id_ in ids(store.search_words(words("harga beras"), 5, NO_FILTER))] == ["a"]


def test_title_words_count_less_than_the_same_in_the_text(store: PassageStore) -> None:
    put_all(
        store,
        entry("judul", ["Kalimat lain saja."], title="gempa"),
        entry("isi", ["Ada gempa di sana."], title="lain"),
    )
    found = ids(store.search_words(words("gempa"), 5, NO_FILTER))
    assert [id_.partition("@")[0] for id_ in found] == ["isi", "judul"]


def test_what_was_put_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, *(numbered(number) for number in range(10)))
    store.put(*numbered(10))  # not flushed: closing does it
    before = store.search_vectors(encode("banjir"), 50, NO_FILTER)
    store.close()
    store.close()
    store = open_at(tmp_path)
    after = store.search_vectors(encode("banjir"), 50, NO_FILTER)
    assert dict(after) == pytest.approx(dict(before), abs=1e-5)
    assert ids(store.search_words([QueryTerm((("nomor", "10"),))], 5, NO_FILTER))
    store.close()


def test_a_deleted_word_index_is_rebuilt_equal(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, *(numbered(number) for number in range(40)))
    before = store.search_words(words("banjir", "kota3", "harga beras"), 100, NO_FILTER)
    store.close()
    shutil.rmtree(tmp_path / "words")
    store = open_at(tmp_path)
    assert store.search_words(words("banjir", "kota3", "harga beras"), 100, NO_FILTER) == before
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("damage", ["meta.json", "state.json"])
def test_a_damaged_word_index_is_rebuilt(tmp_path: Path, damage: str) -> None:
    store = open_at(tmp_path)
    put_all(store, numbered(1))
    store.close()
    (tmp_path / "words" / damage).write_text("{broken")
    store = open_at(tmp_path)
    assert store.search_words(words("berita"), 5, NO_FILTER)
    assert store.check() == []
    store.close()


def test_a_word_index_that_lost_a_segment_is_rebuilt(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, numbered(1))
    store.close()
    for file in (tmp_path / "words").glob("*.store"):
        file.unlink()
    store = open_at(tmp_path)
    assert store.search_words(words("berita"), 5, NO_FILTER)
    store.close()


def test_another_analyser_rebuilds_the_word_index(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, numbered(1))
    store.close()
    store = open_at(tmp_path, version="2")
    assert '"2"' in (tmp_path / "words" / "state.json").read_text()
    assert store.search_words(words("berita"), 5, NO_FILTER)
    store.close()


def test_an_index_of_another_configuration_is_refused_with_the_remedy(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, numbered(1))
    store.close()
    other = IndexFingerprint("new-encoder", DIMENSIONS, "sentences-1", "cleaning-1")
    with pytest.raises(
        IndexMismatchError, match=r"encoder was hashing, is now new-encoder.*reindex"
    ):
        open_at(tmp_path, fingerprint=other)
    store = open_at(tmp_path)  # the refusal freed the lock and changed nothing
    assert store.count() == (1, 2)
    store.close()


def test_an_empty_index_takes_any_configuration(tmp_path: Path) -> None:
    open_at(tmp_path).close()
    other = IndexFingerprint("new-encoder", 8, "sentences-1", "cleaning-1")
    open_at(tmp_path, fingerprint=other).close()
    with pytest.raises(StoreError, match=r"shape \(16,\)"):
        open_at(tmp_path, fingerprint=other).search_vectors(encode("a"), 3, NO_FILTER)


def test_replace_all_swaps_in_the_new_index(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, *(numbered(number) for number in range(6)))
    store.close()
    other = IndexFingerprint("new-encoder", DIMENSIONS, "one-passage", "cleaning-1")
    store = open_at(tmp_path, fingerprint=other, keep=True)

    def merged() -> Iterator[Entry]:
        for document in store.list_documents():
            full = store.document(document.id)
            text, name = full.text, full.id
            made = entry(name, [text], title=full.title, published=full.published)
            passages = [made[1][0].__class__(name, full.content_hash, 0, text, 0, len(text), "id")]
            yield full, passages, made[2], made[3]

    store.replace_all(other, merged())
    assert store.count() == (6, 6)
    assert store.check() == []
    assert len(store.search_words(words("berita"), 50, NO_FILTER)) == 6
    store.close()
    store = open_at(tmp_path, fingerprint=other)
    assert store.count() == (6, 6)
    assert store.check() == []
    store.close()


def test_rebuilding_often_does_not_fill_the_disk(tmp_path: Path) -> None:
    for _ in range(3):
        store = open_at(tmp_path)
        store.replace_all(FINGERPRINT, [numbered(number) for number in range(4)])
        store.close()
    open_at(tmp_path).close()
    folders = [path for path in (tmp_path / "chroma").iterdir() if path.is_dir()]
    assert len(folders) <= 2
    store = open_at(tmp_path)
    assert len(store.search_vectors(encode("berita"), 50, NO_FILTER)) == 10
    store.close()


def test_replace_all_that_fails_leaves_the_old_index(store: PassageStore) -> None:
    put_all(store, *(numbered(number) for number in range(4)))

    def broken() -> Iterator[Entry]:
        yield numbered(9)
        raise StoreError("the encoder went away")

    with pytest.raises(StoreError, match="went away"):
        store.replace_all(FINGERPRINT, broken())
    assert store.count() == (4, 10)
    assert store.search_words(words("berita"), 50, NO_FILTER)
    assert store.check() == []


def test_the_same_document_twice_at_once_is_refused(store: PassageStore) -> None:
    with pytest.raises(StoreError, match="twice"):
        store.put_many([entry("a", ["Satu."]), entry("a", ["Dua."])])
    store.put_many([])
    assert store.count() == (0, 0)


def test_passages_of_another_document_are_refused(store: PassageStore) -> None:
    document, _, vectors, whole = entry("a", ["Satu."])
    with pytest.raises(StoreError, match="not number 0 of a"):
        store.put(document, entry("b", ["Satu."])[1], vectors, whole)
    with pytest.raises(StoreError, match="shape"):
        store.put(document, entry("a", ["Satu."])[1], vectors[:, :3], whole)
    assert store.count() == (0, 0)


def test_check_names_leftovers_and_repair_removes_them(tmp_path: Path) -> None:
    store = open_at(tmp_path)
    put_all(store, numbered(1))
    store.close()
    import chromadb

    client = chromadb.PersistentClient(tmp_path / "chroma")
    passages = client.get_collection("passages", embedding_function=None)
    passages.add(
        ids=["berita/1@00000000#0"],
        embeddings=encode("Berita pemilu")[None, :],
        documents=["Berita pemilu"],
    )
    client.close()
    store = open_at(tmp_path)
    assert store.check() == ["1 leftover passages of an interrupted run"]
    hits = ids(store.search_vectors(encode("Berita pemilu"), 10, NO_FILTER))
    assert "berita/1@00000000#0" not in hits
    assert len(hits) == 2
    assert store.repair() == ["removed 1 leftover passages of an interrupted run"]
    assert store.check() == []
    assert store.repair() == []
    store.close()


def test_a_file_that_is_no_index_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(StoreError, match="damaged or of an unknown format"):
        open_at(tmp_path)
