"""The command line: `rag --help` lists the commands."""

from __future__ import annotations

import sys

from rag.errors import RagError

INTERRUPTED = 130


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit status.

    Expected errors are one line on stderr. Commands import what they need when they run, so that
    `rag --help` is quick and `rag serve` listens at once.
    """
    try:
        from rag.cli.commands import app

        app(prog_name="rag")
    except RagError as error:
        sys.stderr.write(f"rag: {error}\n")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(1)
    except KeyboardInterrupt:
        _stopped()
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            _stopped()
        raise


def _stopped() -> None:
    sys.stderr.write("\nrag: stopped\n")
    sys.exit(INTERRUPTED)
