"""What the bot does beside answering: notes to one person, verdicts, passages, suggestions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import RagError
from rag.serve.feedback import Feedback, keep_feedback
from rag.serve.slack import blocks
from rag.serve.slack.blocks import Pressable, Rendered, render_note, render_passages
from rag.serve.slack.events import PaneOpened, Pressed
from rag.serve.slack.markup import escape
from rag.serve.slack.port import Asked, Json, Slack, SlackError
from rag.serve.slack.prompts import Prompts
from rag.serve.slack.state import Place, State
from rag.serve.slack.wording import failure, say
from rag.text.language import detect_language

logger = logging.getLogger(__name__)

MORE_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Asides:
    """Small things done over the network, so never while Slack waits for an acknowledgement.

    `feedback` is the file of verdicts; `engine` waits until there is one.
    """

    slack: Slack
    engine: Callable[[], Asked]
    state: State
    feedback: Path
    public_url: str | None
    prompts: Prompts = field(default_factory=Prompts)

    def show_more(self, pressed: Pressed, carried: Pressable) -> None:
        """Show the passages nearest to a question to the person who asked for them."""
        language = detect_language(carried.question)
        try:
            hits = self.engine().search(carried.question, MORE_PASSAGES)
            parts = render_passages(hits, self.public_url, language)
        except RagError as error:
            parts = [render_note(escape(failure(error, language)))]
        for part in parts:
            self.tell(pressed.channel, pressed.thread, pressed.user, part)

    def keep_verdict(self, pressed: Pressed, carried: Pressable) -> None:
        """Keep a verdict where the page's are kept, and say thanks."""
        verdict = Feedback(
            answer_id=f"slack:{pressed.channel}:{pressed.message}:{pressed.user}"[:100],
            verdict="up" if pressed.action == blocks.FEEDBACK_UP else "down",
            note="",
            document_ids=list(carried.document_ids)[:100],
        )
        language = detect_language(carried.question)
        try:
            keep_feedback(self.feedback, verdict, datetime.now(UTC))
            text = say("thanks", language)
        except RagError as error:
            logger.warning("a verdict was not kept: %s", error.code)
            text = say("no_thanks", language)
        self.tell(pressed.channel, pressed.thread, pressed.user, render_note(text))

    def suggest(self, opened: PaneOpened) -> None:
        """Offer questions to try in the assistant pane. Raises RagError."""
        prompts = self.prompts.of(self.engine())
        if not prompts:
            return
        arguments: Json = {
            "channel_id": opened.channel,
            "title": say("pane_title", detect_language(prompts[0].message)),
            "prompts": [{"title": each.title, "message": each.message} for each in prompts],
        }
        if opened.thread:
            arguments["thread_ts"] = opened.thread
        self.slack.attempt("assistant.threads.setSuggestedPrompts", arguments)

    def remove_answer(self, place: Place) -> None:
        """Delete the messages that answer a question."""
        for ts in self.state.answers(place.key):
            with suppress(SlackError):
                self.slack.call("chat.delete", {"channel": place.channel, "ts": ts})
        self.state.set_answers(place.key, ())

    def tell(self, channel: str, thread: str, user: str, part: Rendered) -> None:
        """Show a message to one person only; among two, that is an ordinary message."""
        arguments: Json = {"channel": channel, "text": part.text, "blocks": list(part.blocks)}
        if thread:
            arguments["thread_ts"] = thread
        try:
            if channel.startswith("D"):
                arguments |= {"unfurl_links": False, "unfurl_media": False}
                self.slack.call("chat.postMessage", arguments)
            else:
                self.slack.call("chat.postEphemeral", arguments | {"user": user})
        except SlackError as error:
            logger.info("a note was not shown: %s", error.reason)
