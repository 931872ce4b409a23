"""How things look on a terminal, piped, and as JSON (the same shapes as over HTTP)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date

from pydantic import TypeAdapter
from rich.console import Console
from rich.live import Live
from rich.text import Text

from rag.engine import Status
from rag.errors import InputError, ServerError
from rag.evaluate import QuestionScore, measures_json, measures_table
from rag.serve.schemas import DocumentList, DocumentSummary, SearchHit, SearchResponse
from rag.types import (
    Answer,
    AnswerReady,
    Citation,
    Document,
    Event,
    Hit,
    IngestReport,
    Support,
    TokenWritten,
)

SHOWN_REASONS = 20
_VERDICTS: dict[Support, tuple[str, str, str]] = {
    "quoted": ("✓", "green", "quoted word for word"),
    "supported": ("✓", "green", "supported by what it cites"),
    "partial": ("~", "yellow", "only partly supported by what it cites"),
    "unsupported": ("✗", "red", "not supported by what it cites"),
}


def line(text: str | Text) -> None:
    """Print a line: coloured on a terminal; exactly as it is when another program reads it."""
    console = Console()
    if console.is_terminal:
        console.print(text, markup=False, highlight=False)
    else:
        sys.stdout.write(f"{text}\n")


def read_question() -> str | None:
    """Return the next question, or None at the end of the input."""
    try:
        return input("\n? " if sys.stdin.isatty() else "")
    except EOFError:
        return None


def written_live(events: Iterable[Event], *, quiet: bool = False) -> Answer:
    """Return the checked answer, showing on a terminal what is written until then."""
    console = Console()
    text = Text(style="dim")
    live = None if quiet or not console.is_terminal else Live(console=console, transient=True)
    with live or nullcontext():
        for event in events:
            match event:
                case TokenWritten():
                    text.append(event.text)
                    if live is not None:
                        live.update(text)
                case AnswerReady():
                    return event.answer
                case _:
                    pass
    raise ServerError("the answer broke off; ask again")


def or_complaint(events: Iterator[Event]) -> Answer | None:
    """Return the answer, or say what is wrong with the question and return None."""
    try:
        return written_live(events)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return None


def answer(found: Answer, *, as_json: bool) -> None:
    """Print an answer, the verdict on each sentence, and what it cites."""
    if as_json:
        _print_json(TypeAdapter(Answer).dump_json(found))
        return
    if found.sentences and not found.abstained:
        for sentence in found.sentences:
            mark, colour, _ = _VERDICTS[sentence.support]
            numbers = "".join(f"[{number}]" for number in sentence.citations)
            line(Text.assemble((f"{mark} ", colour), sentence.text, (f" {numbers}", "cyan")))
    else:
        line(found.answer)
    for support in ("partial", "unsupported"):
        if any(sentence.support == support for sentence in found.sentences):
            mark, colour, meaning = _VERDICTS[support]
            line(Text(f"{mark} {meaning}", style=colour))
    for warning in found.warnings:
        line(Text(f"! {warning}", style="yellow"))
    for citation in found.citations:
        _print_citation(citation)
    if found.abstained and found.passages:
        line("")
        line(Text("The nearest passages:", style="dim"))
        for passage in found.passages[:3]:
            line(Text(f"  {_heading(passage.title, passage.published)}", style="dim"))


def hits(found: Sequence[Hit], *, as_json: bool) -> None:
    """Print the passages that a search found."""
    if as_json:
        response = SearchResponse([SearchHit.of(hit) for hit in found])
        _print_json(TypeAdapter(SearchResponse).dump_json(response))
        return
    for number, hit in enumerate(found, start=1):
        if number > 1:
            line("")
        heading = _heading(hit.document.title, hit.document.published)
        line(Text.assemble((f"{number}. ", "cyan"), (heading, "bold"), f"  {hit.score:.3f}"))
        line(Text(f"{hit.document.id} {hit.passage.start}-{hit.passage.end}", style="dim"))
        line(hit.passage.text)
        if hit.also_in:
            line(Text(f"also in {', '.join(hit.also_in)}", style="dim"))
    if not found:
        line("nothing found")


def documents(listed: Sequence[Document], *, as_json: bool) -> None:
    """Print a line for each document, tab-separated when it goes to another program."""
    if as_json:
        response = DocumentList([DocumentSummary.of(document) for document in listed])
        _print_json(TypeAdapter(DocumentList).dump_json(response))
        return
    separator = "  " if Console().is_terminal else "\t"
    for document in listed:
        published = document.published.isoformat() if document.published else "-"
        passages = f"{document.passage_count} passages"
        line(separator.join((document.id, published, passages, document.title)))
    if not listed:
        say_index_is_empty()


def say_index_is_empty() -> None:
    """Say on stderr that there are no documents, and how to add some."""
    sys.stderr.write("the index is empty; add articles with: rag ingest PATH\n")


def ingest_report(report: IngestReport, *, as_json: bool) -> None:
    """Print what an ingest run did; reasons of failures go to stderr."""
    if as_json:
        _print_json(TypeAdapter(IngestReport).dump_json(report))
        return
    counts = ", ".join(
        f"{len(ids)} {name}"
        for name, ids in (
            ("added", report.added),
            ("updated", report.updated),
            ("unchanged", report.unchanged),
            ("removed", report.removed),
        )
    )
    line(f"{counts}, {len(report.failed)} failed in {report.seconds:.1f} s")
    for warning in report.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    for failure in report.failed[:SHOWN_REASONS]:
        sys.stderr.write(f"failed: {failure.name}: {failure.reason}\n")
    if len(report.failed) > SHOWN_REASONS:
        sys.stderr.write(f"and {len(report.failed) - SHOWN_REASONS} more; --json lists all\n")


def health(
    problems: Sequence[str], repaired: Sequence[str], status: Status, *, as_json: bool
) -> None:
    """Print who answers, what is wrong with the index and what was put right."""
    if as_json:
        found: dict[str, object] = {
            "problems": list(problems),
            "repaired": list(repaired),
            "answerer": status.answerer,
            "answerer_reason": status.answerer_reason,
        }
        line(json.dumps(found))
        return
    line(f"answers by {status.answerer}: {status.answerer_reason}")
    for done in repaired:
        line(f"repaired: {done}")
    for problem in problems:
        line(f"problem: {problem}")
    if not problems:
        line("the index is healthy")


def scores(found: Sequence[QuestionScore], *, as_json: bool) -> None:
    """Print the measures of an evaluation."""
    if as_json:
        _print_json(measures_json(found).encode())
    else:
        Console().print(measures_table(found))


def _print_citation(citation: Citation) -> None:
    line("")
    heading = _heading(citation.title, citation.published)
    line(Text.assemble((f"[{citation.number}] ", "cyan"), (heading, "bold")))
    line(f"    “{' '.join(citation.quote.split())}”")
    line(Text(f"    {citation.url or citation.source}", style="dim"))


def _heading(title: str, published: date | None) -> str:
    return f"{title}, {published.isoformat()}" if published else title


def _print_json(encoded: bytes) -> None:
    """Print JSON on one line, exactly: rich could wrap or colour it."""
    sys.stdout.write(encoded.decode() + "\n")
