"""Measure what a question costs before its first token: everything but the language model.

    python bench/llm_overhead.py [--index DIR] [--rounds N]

A stand-in for Ollama answers at once, so the time to the first token is retrieval, reading, the
prompt and the client. Without --index the demonstration articles are indexed in a folder that is
thrown away. The encoder and reader are those of the settings (RAG_ENCODER, RAG_READER).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from stand_ins.ollama_server import OllamaServer, Reply  # noqa: E402

from rag.build import build_engine  # noqa: E402
from rag.engine import Engine  # noqa: E402
from rag.ingest.sources import read_sources  # noqa: E402
from rag.settings import Settings  # noqa: E402
from rag.types import TokenWritten  # noqa: E402

QUESTIONS = ROOT / "tests" / "data" / "seed_questions.jsonl"
TARGET_MILLISECONDS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, help="an index to ask; default: the seeds")
    parser.add_argument("--rounds", type=int, default=3, help="times that every question is asked")
    asked = parser.parse_args()
    questions = [json.loads(line)["question"] for line in QUESTIONS.open(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as scratch, OllamaServer() as server:
        server.writer = lambda _: Reply(["Ya", " [1]."])
        settings = Settings.load().model_copy(
            update={
                "index_dir": asked.index or Path(scratch),
                "answerer": "ollama",
                "ollama_host": server.host,
                "ollama_model": server.models[0],
            }
        )
        engine = build_engine(settings)
        try:
            if asked.index is None:
                engine.ingest(read_sources([ROOT / "seeds"]))
            engine.warm_up()
            measure(engine, questions[:5])
            server.requests.clear()
            worked = time.process_time()
            times = [t for _ in range(asked.rounds) for t in measure(engine, questions)]
            worked = (time.process_time() - worked) * 1000 / len(times)
            prompts = len(server.requests)
        finally:
            engine.close()
    report(times, prompts, worked)


def measure(engine: Engine, questions: list[str]) -> list[float]:
    """Return the milliseconds to the first token of each question."""
    times = []
    for question in questions:
        started = time.perf_counter()
        for event in engine.stream(question):
            if isinstance(event, TokenWritten):
                times.append((time.perf_counter() - started) * 1000)
                break
    return times


def report(times: list[float], prompts: int, worked: float) -> None:
    """Print the times; on a busy machine the processor's time tells more than the clock's."""
    ordered = sorted(times)
    p50 = statistics.median(ordered)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{len(times)} questions, {prompts} of them put to the model")
    print(f"first token after: p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {ordered[-1]:.0f} ms")
    print(f"processor time of each, the stand-in's included: {worked:.0f} ms")
    verdict = "met" if p50 < TARGET_MILLISECONDS else "MISSED"
    print(f"target: p50 under {TARGET_MILLISECONDS} ms: {verdict}")


if __name__ == "__main__":
    main()
