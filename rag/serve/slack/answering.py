"""One question from Slack, from its turn in the queue to its last block."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.errors import RagError
from rag.serve.errors import unexpected_error_body
from rag.serve.slack import markup
from rag.serve.slack.blocks import Rendered, render_answer, render_note
from rag.serve.slack.desk import Job, Stopped
from rag.serve.slack.port import Asked, Json, Slack, SlackError
from rag.serve.slack.state import Place, State
from rag.serve.slack.threads import (
    QUESTION_EVENT,
    Posted,
    answers_to,
    history_of,
    metadata,
    read_thread,
)
from rag.serve.slack.wording import asked_by, failure
from rag.serve.slack.writer import Streaming, Writer
from rag.text.language import detect_language
from rag.types import AnswerReady, Message, TokenWritten

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
TITLE_CHARACTERS = 60

_NOT_HERE = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "no_permission"}
)

"""Slack's reasons why the bot may not write somewhere."""
_PASSING = frozenset({"unreachable", "ratelimited"})


class Interrupted(Exception):  # noqa: N818 - not an error: the question changed
    """The answer is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers the questions of a workspace; `engine` waits until there is one.

    `bot_user` is the bot's own user id; `again` puts a question into the queue once more.
    """

    slack: Slack
    state: State
    engine: Callable[[], Asked]
    bot_user: str
    public_url: str | None
    history_messages: int
    again: Callable[[Job], None]
    streaming: Streaming

    def answer(self, job: Job, stopped: Stopped) -> None:
        """Answer a question in its thread; whatever goes wrong, one honest sentence stands there.

        A question that is edited meanwhile is left to its next turn, one that is gone is cleared.
        """
        started = time.perf_counter()
        try:
            outcome = self._answer(job, stopped)
        except Interrupted:
            outcome = "interrupted"
        except SlackError as error:
            logger.warning("an answer did not reach Slack: %s", error.reason)
            outcome = "not delivered"
            if error.reason in _PASSING and job.attempt < MOST_ATTEMPTS:
                self.again(replace(job, attempt=job.attempt + 1))
            elif error.reason in _NOT_HERE:
                self.state.set_progress(job.place.key, "withdrawn")
        milliseconds = (time.perf_counter() - started) * 1000
        logger.info("question %s %s in %.0f ms", job.place.key, outcome, milliseconds)

    def _answer(self, job: Job, stopped: Stopped) -> str:
        place = job.place
        if not place.ts:
            posted = self._post_question(job)
            if posted is None:
                return self._answer_privately(job, stopped)
            place = posted
        # A first question has no history, and nothing was answered before its first attempt.
        alone = place.thread == place.ts and job.text is not None and job.attempt == 1
        thread, readable = ([], True) if alone else self._thread(place)
        text = job.text
        if text is None:
            message = next((each for each in thread if each.ts == place.ts), None)
            if message is None and readable:
                self.state.set_progress(place.key, "withdrawn")
                return "gone"
            text = message.text if message is not None else ""
        messages = self.state.answers(place.key) or answers_to(thread, place.key)
        language = detect_language(text)
        writer = Writer(self.slack, self.state, self.streaming, place, language, messages)
        history = history_of(thread, place.channel, place.ts, self.history_messages)
        try:
            writer.begin()
            if place.direct and not history:
                self._set_title(place, text)
            parts = self._ask(text, history, writer.write, stopped)
            writer.finish(parts)
        except Interrupted:
            if self.state.is_withdrawn(place.key):
                writer.remove()
            else:
                writer.leave()
            raise
        if self.state.is_withdrawn(place.key):
            writer.remove()  # deleted in the very last moment
        self.state.set_progress(place.key, "answered")
        return "answered"

    def _ask(
        self, text: str, history: Sequence[Message], write: Callable[[str], None], stopped: Stopped
    ) -> Sequence[Rendered]:
        """Return the checked answer, or the sentence that says why there is none.

        Raises Interrupted, and SlackError if `write` does.
        """
        language = detect_language(text)
        try:
            for event in self.engine().stream(text, history):
                if stopped():
                    raise Interrupted  # noqa: TRY301 - it passes the handlers below untouched
                match event:
                    case TokenWritten():
                        write(event.text)
                    case AnswerReady():
                        return render_answer(event.answer, self.public_url)
                    case _:
                        pass
        except (Interrupted, SlackError):
            raise
        except RagError as error:
            logger.warning("no answer: %s", error.code)
            return [render_note(markup.escape(failure(error, language)))]
        except Exception as error:  # noqa: BLE001 - an edge: nothing may stay unanswered
            unexpected_error_body(error)
        return [render_note(failure(None, language))]

    def _thread(self, place: Place) -> tuple[list[Posted], bool]:
        """Return the thread, and whether it could be read."""
        try:
            return read_thread(self.slack, place.channel, place.thread, self.bot_user), True
        except SlackError as error:
            if error.reason == "thread_not_found":
                return [], True
            logger.info("a thread could not be read: %s", error.reason)
            return [], False

    def _post_question(self, job: Job) -> Place | None:
        """Show a command's question in its channel; None if the bot may not post there."""
        text = job.text or ""
        shown = asked_by(job.place.user, markup.escape(text), detect_language(text))
        arguments: Json = {
            "channel": job.place.channel,
            "text": shown,
            "metadata": metadata(QUESTION_EVENT, job.place.key),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            ts = str(self.slack.call("chat.postMessage", arguments)["ts"])
        except SlackError as error:
            if error.reason in _NOT_HERE:
                return None
            raise
        self.state.place(job.place.key, ts, ts)
        return replace(job.place, ts=ts, thread=ts)

    def _answer_privately(self, job: Job, stopped: Stopped) -> str:
        """Answer a command by its own address, to the person alone: the bot is not a member."""
        parts = self._ask(job.text or "", (), _unseen, stopped)
        for part in parts:
            blocks = [block for block in part.blocks if block["type"] != "actions"]
            message: Json = {
                "response_type": "ephemeral",
                "text": part.text,
                "blocks": blocks,
            }
            self.slack.respond(job.response_url, message)
        self.state.set_progress(job.place.key, "answered")
        return "answered privately"

    def _set_title(self, place: Place, text: str) -> None:
        title = " ".join(text.split())[:TITLE_CHARACTERS]
        arguments: Json = {
            "channel_id": place.channel,
            "thread_ts": place.thread,
            "title": title,
        }
        self.slack.attempt("assistant.threads.setTitle", arguments)


def _unseen(text: str) -> None:
    """Take a piece of a draft that nobody sees."""
