"""Questions to try first, made from what the index holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rag.serve.slack.port import Asked
from rag.serve.slack.wording import about

MOST_PROMPTS = 4
TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as the assistant pane offers it: a short title, and what is then asked."""

    title: str
    message: str


def suggested_prompts(engine: Asked) -> list[Prompt]:
    """Return at most four questions: the engine's own example, then the newest articles.

    Raises RagError.
    """
    messages: list[str] = []
    example = engine.status().example_question
    if example:
        messages.append(example)
    newest = sorted(
        engine.documents(), key=lambda document: document.published or date.min, reverse=True
    )
    messages += [about(f"“{document.title}”", document.language) for document in newest]
    return [Prompt(_short(text), text) for text in messages[:MOST_PROMPTS]]


def _short(text: str) -> str:
    return text if len(text) <= TITLE_CHARACTERS else text[: TITLE_CHARACTERS - 1] + "…"
