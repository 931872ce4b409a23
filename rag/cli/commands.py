"""What each command takes and does; how things look is in `show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rag.cli.engines import expect_free_index, open_engine, prepare

app = typer.Typer(
    help="Ask questions about your own articles and get answers that you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for another program.")]
Paths = Annotated[list[Path], typer.Argument(help="Files, folders, or .jsonl files of documents.")]


@app.command()
def ingest(
    paths: Paths,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents of PATH whose files are gone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add articles to the index, or bring it up to date; what has not changed is skipped."""
    settings = prepare()
    from rag.cli import show
    from rag.cli.progress import progress_bar
    from rag.ingest.sources import read_sources

    sources = read_sources(paths)
    with open_engine(settings, "rag ingest") as engine, progress_bar("Ingesting") as on_progress:
        report = engine.ingest(sources, prune_roots=paths if prune else (), on_progress=on_progress)
    show.ingest_report(report, as_json=as_json)
    raise typer.Exit(1 if report.failed else 0)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    language: Annotated[
        Literal["auto", "id", "en"], typer.Option(help="The answer's language.")
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Answer one question, with the exact words that the answer rests on."""
    settings = prepare()
    from rag.cli import show

    with open_engine(settings, "rag ask") as engine:
        events = engine.stream(question, language=language)
        show.answer(show.written_live(events, quiet=as_json), as_json=as_json)


@app.command()
def chat(
    language: Annotated[
        Literal["auto", "id", "en"], typer.Option(help="The answers' language.")
    ] = "auto",
) -> None:
    """Ask one question after another; each may refer to those before it. Ctrl-D ends."""
    settings = prepare()
    from rag.cli import show
    from rag.types import Message

    history: list[Message] = []
    with open_engine(settings, "rag chat") as engine:
        while (question := show.read_question()) is not None:
            if not question.strip():
                continue
            events = engine.stream(question, tuple(history), language=language)
            answer = show.or_complaint(events)
            if answer is None:
                continue
            show.answer(answer, as_json=False)
            history += [Message("user", question), Message("assistant", answer.answer)]


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A question or words.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Passages at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the passages that come nearest to a question or some words."""
    settings = prepare()
    from rag.cli import show

    with open_engine(settings, "rag search") as engine:
        show.hits(engine.search(query, limit), as_json=as_json)


@app.command()
def documents(as_json: AsJson = False) -> None:
    """List the documents in the index."""
    settings = prepare()
    from rag.cli import show

    with open_engine(settings, "rag documents") as engine:
        show.documents(engine.documents(), as_json=as_json)


@app.command()
def delete(
    ids: Annotated[list[str], typer.Argument(help="Ids, as `rag documents` lists them.")],
) -> None:
    """Remove documents from the index; the files that they came from stay."""
    settings = prepare()
    from rag.cli import show

    with open_engine(settings, "rag delete") as engine:
        engine.delete(ids)
    show.line(f"deleted {', '.join(ids)}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; default RAG_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 is any free one.")
    ] = None,
    seed: Annotated[
        Path | None, typer.Option(help="Articles to begin with if the index is empty.")
    ] = None,
) -> None:
    """Serve the HTTP interface until Ctrl-C."""
    settings = prepare()
    from rag.serve.server import end_process, serve

    expect_free_index(settings, "rag serve")
    changes = {"host": host, "port": port}
    chosen = settings.model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )
    serve(chosen, seed=seed, say=lambda text: print(text, flush=True))
    end_process()


@app.command()
def slack() -> None:
    """Answer in Slack over Socket Mode until Ctrl-C; docs/slack.md tells how to set it up."""
    settings = prepare()
    import signal
    import threading

    from rag.serve.server import end_process
    from rag.serve.slack.hosting import run_slack

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_engine(settings, "rag slack") as engine:
        run_slack(settings, engine, lambda text: print(text, flush=True), stop)
    end_process()


@app.command()
def reindex() -> None:
    """Make the index anew from its own texts, after a change of encoder or passage size."""
    settings = prepare()
    from rag.build import reindex
    from rag.cli import show
    from rag.cli.progress import progress_bar

    with progress_bar("Indexing anew") as on_progress:
        report = reindex(settings, on_progress)
    show.line(f"{len(report.updated)} documents indexed anew in {report.seconds:.1f} s")


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what is found.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for problems in the index and Slack's tokens, and say who answers.

    The exit status is 1 if any problem is left.
    """
    settings = prepare()
    from rag.cli import show
    from rag.serve.slack.hosting import slack_problems

    with open_engine(settings, "rag doctor") as engine:
        repaired = engine.repair() if repair else []
        problems = [*engine.check(), *slack_problems(settings)]
        status = engine.status()
    show.health(problems, repaired, status, as_json=as_json)
    raise typer.Exit(1 if problems else 0)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions with known answers, JSON Lines.")],
    as_json: AsJson = False,
) -> None:
    """Ask questions whose answers are known, and measure how well the index answers them."""
    settings = prepare()
    from rag.cli import show
    from rag.cli.progress import progress_bar
    from rag.evaluate import read_questions, score_questions
    from rag.ingest.run import Progress

    questions = read_questions(file)
    scores = []
    with open_engine(settings, "rag evaluate") as engine, progress_bar("Asking") as on_progress:
        if not engine.documents():
            show.say_index_is_empty()
        for score in score_questions(questions, engine.ask, engine.document):
            scores.append(score)
            on_progress(Progress(len(scores), len(questions), score.id))
    show.scores(scores, as_json=as_json)


@app.command()
def version() -> None:
    """Print the version."""
    from rag import __version__

    print(__version__)
