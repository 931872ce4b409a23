"""The only place that chooses classes from settings."""

from __future__ import annotations

import time
from collections.abc import Callable

from rag.answer.quoting import QuotingAnswerer
from rag.engine import Engine, EngineLimits
from rag.ingest.chunk import CHUNKING_VERSION
from rag.ingest.reindex import reindex_entries
from rag.ingest.run import Progress
from rag.models.encoder import Encoder
from rag.models.reader import Reader
from rag.retrieve.retriever import Retriever
from rag.settings import Settings
from rag.store.open import open_store
from rag.store.protocol import IndexFingerprint
from rag.text.clean import CLEANING_VERSION
from rag.text.lexicon import bundled_lexicon
from rag.text.terms import ANALYSER_VERSION, analyse
from rag.types import IngestReport, Language


def build_encoder(settings: Settings) -> Encoder:
    """Return the encoder that the settings name; its weights are loaded at first use."""
    match settings.encoder:
        case "bundled":
            from rag.models.bundled_encoder import BundledEncoder

            return BundledEncoder()
        case name:
            from rag.models.sentence_transformers_encoder import SentenceTransformersEncoder

            return SentenceTransformersEncoder(name)


def build_reader(settings: Settings) -> Reader | None:
    """Return the reader that the settings name, or none."""
    match settings.reader:
        case "bundled":
            from rag.models.bundled_reader import BundledReader

            return BundledReader()
        case "none":
            return None


def fingerprint(settings: Settings, encoder: Encoder) -> IndexFingerprint:
    """Return what an index made with these settings is recognised by."""
    return IndexFingerprint(
        encoder=encoder.name,
        dimensions=encoder.dimensions,
        chunking=f"{CHUNKING_VERSION}:{settings.passage_words} words",
        cleaning=str(CLEANING_VERSION),
    )


def word_weights(settings: Settings) -> Callable[[Language, Language], float]:
    """Return the share of words in a score, by the languages of question and passage."""
    weights: dict[tuple[Language, Language], float] = {
        ("id", "id"): settings.word_weight_id_id,
        ("id", "en"): settings.word_weight_id_en,
        ("en", "id"): settings.word_weight_en_id,
        ("en", "en"): settings.word_weight_en_en,
    }
    return lambda question, passage: weights[question, passage]


def build_engine(settings: Settings, *, command: str = "") -> Engine:
    """Open the index and put the engine together; weights are loaded at first use.

    `command` names this process to others who find the index locked. Raises IndexLockedError,
    IndexMismatchError and other RagErrors.
    """
    encoder, reader, lexicon = build_encoder(settings), build_reader(settings), bundled_lexicon()
    store = open_store(
        settings.index_dir,
        fingerprint=fingerprint(settings, encoder),
        analyse=analyse,
        analyser_version=ANALYSER_VERSION,
        chroma_url=settings.chroma_url,
        command=command,
    )
    retriever = Retriever(
        store,
        encoder,
        reader,
        lexicon,
        word_weights(settings),
        candidates=settings.retrieve_candidates,
        read_passages=settings.read_passages,
    )
    limits = EngineLimits(
        question_characters=settings.max_question_characters,
        answer_passages=settings.answer_passages,
        passage_words=settings.passage_words,
    )
    return Engine(store, encoder, retriever, QuotingAnswerer(lexicon), limits)


def reindex(
    settings: Settings, on_progress: Callable[[Progress], None] | None = None
) -> IngestReport:
    """Make the index anew with the present settings, from the texts that it holds.

    Until the last document is written the old index stays as it is. Raises RagErrors as
    `build_engine` does, but takes an index that was made by another configuration.
    """
    started = time.monotonic()
    encoder = build_encoder(settings)
    made_by = fingerprint(settings, encoder)
    store = open_store(
        settings.index_dir,
        fingerprint=made_by,
        analyse=analyse,
        analyser_version=ANALYSER_VERSION,
        chroma_url=settings.chroma_url,
        command="rag reindex",
        on_mismatch="keep",
    )
    try:
        names = tuple(document.id for document in store.list_documents())
        store.replace_all(
            made_by,
            reindex_entries(
                store, encoder, passage_words=settings.passage_words, on_progress=on_progress
            ),
        )
        store.flush()
    finally:
        store.close()
    return IngestReport(updated=names, seconds=time.monotonic() - started)
