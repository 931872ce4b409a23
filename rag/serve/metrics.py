"""Counts and durations for Prometheus; never a question, an answer or an article's words."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Outcome = Literal["answered", "abstained", "failed", "cancelled"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_SECONDS = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """One server's metrics, in a registry of their own so that tests can have several."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "rag_questions", "Questions by outcome", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "rag_question_seconds",
            "From a question to the end of its answer",
            buckets=_BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._documents = Gauge("rag_documents", "Documents in the index", registry=self._registry)
        self._passages = Gauge("rag_passages", "Passages in the index", registry=self._registry)
        for outcome in ("answered", "abstained", "failed", "cancelled"):
            self._questions.labels(outcome)

    def count_question(self, outcome: Outcome, seconds: float) -> None:
        """Count one question and how long it took."""
        self._questions.labels(outcome).inc()
        self._seconds.observe(seconds)

    def render(self, documents: int, passages: int) -> bytes:
        """Return all metrics in Prometheus's text format, with the index's size as given."""
        self._documents.set(documents)
        self._passages.set(passages)
        return generate_latest(self._registry)
