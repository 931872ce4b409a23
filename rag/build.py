"""The only place that chooses classes from settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rag.answer.answerer import Answerer
from rag.answer.check import Checker
from rag.answer.choosing import AutoAnswerer
from rag.answer.followups import needs_context, standalone_by_rules
from rag.answer.language_model import LanguageModel, ReplyLimits
from rag.answer.prompt import LEAST_PROMPT_TOKENS
from rag.answer.quoting import QuotingAnswerer
from rag.answer.relevance import Relevance
from rag.answer.rephrasing import Rephraser
from rag.answer.writing import WritingAnswerer
from rag.engine import Engine, EngineLimits, Standalone
from rag.errors import SettingsError
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
from rag.text.lexicon import Lexicon, bundled_lexicon
from rag.text.terms import ANALYSER_VERSION, analyse
from rag.types import IngestReport, Language, Message


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
    # Before the index is opened: bad settings must not leave it locked.
    model = build_model(settings)
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
    answerer, standalone = build_answering(settings, model, lexicon, encoder, reader)
    return Engine(store, encoder, retriever, answerer, limits, standalone)


def build_model(settings: Settings) -> LanguageModel | None:
    """Return the language model that the settings name, or none. Raises SettingsError."""
    if settings.llm_answer_tokens + LEAST_PROMPT_TOKENS > settings.llm_context_tokens:
        raise SettingsError(
            f"RAG_LLM_CONTEXT_TOKENS must exceed RAG_LLM_ANSWER_TOKENS by {LEAST_PROMPT_TOKENS}, "
            "or no passage fits into the prompt"
        )
    limits = ReplyLimits(
        tokens=settings.llm_answer_tokens,
        first_token_seconds=settings.llm_first_token_seconds,
        between_tokens_seconds=settings.llm_between_tokens_seconds,
        total_seconds=settings.llm_total_seconds,
    )
    match settings.answerer:
        case "reader":
            return None
        case "openai":
            return _openai_model(settings, limits)
        case "auto" if settings.openai_base_url is not None:
            return _openai_model(settings, limits)
        case "auto" | "ollama":
            from rag.answer.ollama_model import OllamaModel

            return OllamaModel(
                settings.ollama_host,
                settings.ollama_model,
                context_tokens=settings.llm_context_tokens,
                keep_alive_minutes=settings.ollama_keep_alive_minutes,
                connect_seconds=settings.llm_connect_seconds,
                limits=limits,
            )


def _openai_model(settings: Settings, limits: ReplyLimits) -> LanguageModel:
    from rag.answer.openai_model import OpenAIModel

    if settings.openai_base_url is None or not settings.openai_model:
        raise SettingsError(
            "an OpenAI-compatible server needs RAG_OPENAI_BASE_URL (it ends in /v1) and "
            "RAG_OPENAI_MODEL; set both"
        )
    key = settings.openai_api_key
    return OpenAIModel(
        settings.openai_base_url,
        settings.openai_model,
        api_key=key.get_secret_value() if key else None,
        connect_seconds=settings.llm_connect_seconds,
        limits=limits,
    )


def build_answering(
    settings: Settings,
    model: LanguageModel | None,
    lexicon: Lexicon,
    encoder: Encoder,
    reader: Reader | None,
) -> tuple[Answerer, Standalone]:
    """Return who answers, and what makes follow-ups standalone."""
    quoting = QuotingAnswerer(lexicon)

    def by_rules(question: str, history: Sequence[Message], language: Language) -> str:
        return standalone_by_rules(question, history, language, lexicon)

    if model is None:
        return quoting, by_rules
    # Its thresholds are those of the bundled encoder; another one's similarities mean other things.
    judge = encoder if settings.encoder == "bundled" else None
    writing = WritingAnswerer(
        model,
        Checker(lexicon, judge, reader, unsupported=settings.unsupported),
        prompt_tokens=settings.llm_context_tokens - settings.llm_answer_tokens,
        may_answer=Relevance(lexicon),
    )
    answerer: WritingAnswerer | AutoAnswerer = writing
    if settings.answerer == "auto":
        answerer = AutoAnswerer(model, writing, quoting, probe_seconds=settings.llm_probe_seconds)
    rephraser = Rephraser(
        needs_context,
        by_rules,
        answerer.model_in_use,
        answerer.failed,
        seconds=settings.llm_rewrite_seconds,
    )
    return answerer, rephraser.standalone


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
