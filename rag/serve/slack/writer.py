"""How an answer appears: streamed into its message where Slack can, else by updates."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from rag.serve.slack import markup
from rag.serve.slack.blocks import Rendered, render_draft, render_note
from rag.serve.slack.port import Json, Slack, SlackError
from rag.serve.slack.state import Place, State
from rag.serve.slack.threads import ANSWER_EVENT, metadata
from rag.serve.slack.wording import say
from rag.types import Language

logger = logging.getLogger(__name__)

UPDATE_SECONDS = 1.0
QUICK_SECONDS = 0.5
"""An answer that is there so soon is posted whole: Slack allows few streams in a minute."""
STREAM_CHARACTERS = 11_000
"""Slack takes 12,000 characters at a time."""
LOOK_AGAIN_SECONDS = 3600.0

_NEVER_STREAMS = frozenset(
    {
        "unknown_method",
        "method_deprecated",
        "not_allowed_token_type",
        "missing_scope",
        "feature_not_enabled",
        "team_not_eligible",
        "paid_teams_only",
    }
)


class Streaming:
    """Remembers for a while that a workspace has no streaming calls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._missing_until = float("-inf")

    def may_work(self) -> bool:
        """Return whether it is worth a try."""
        return self._clock() >= self._missing_until

    def failed(self, reason: str) -> None:
        """Take note of why a stream could not be started."""
        if reason in _NEVER_STREAMS:
            self._missing_until = self._clock() + LOOK_AGAIN_SECONDS


class Writer:
    """Shows the answer to one question in its thread, from the first sign to the last word.

    `messages` that held an earlier answer are written over. Used by one thread.
    """

    def __init__(
        self,
        slack: Slack,
        state: State,
        streaming: Streaming,
        place: Place,
        language: Language,
        messages: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slack = slack
        self._state = state
        self._streaming = streaming
        self._place = place
        self._language = language
        self._messages = list(messages)
        self._clock = clock
        self._stream: str | None = None
        self._text = ""
        self._sent = 0
        self._shown_at = float("-inf")
        self._has_status = False

    def begin(self) -> None:
        """Show that the question is being worked on. Raises SlackError."""
        self._shown_at = self._clock() - UPDATE_SECONDS + QUICK_SECONDS
        if self._messages:
            self._replace(self._messages[0], render_note(say("searching_shown", self._language)))
            return
        status: Json = {
            "channel_id": self._place.channel,
            "thread_ts": self._place.thread,
            "status": say("searching", self._language),
        }
        self._has_status = self._slack.attempt("assistant.threads.setStatus", status) is not None
        if not self._has_status:
            self._post(render_note(say("searching_shown", self._language)))

    def write(self, text: str) -> None:
        """Take the next piece of the draft, and show it if it is time."""
        self._text += text
        now = self._clock()
        if now - self._shown_at < UPDATE_SECONDS:
            return
        self._shown_at = now
        if not self._messages and self._streaming.may_work():
            self._start_stream()
        elif self._stream:
            self._append()
        elif self._messages:
            self._update_draft()
        else:
            self._post(render_draft(self._text))

    def finish(self, parts: Sequence[Rendered]) -> None:
        """Put the checked answer in the place of the draft. Raises SlackError."""
        self._end_stream()
        old, self._messages = self._messages, []
        for number, part in enumerate(parts):
            if number < len(old) and self._replace(old[number], part, finished=True):
                self._messages.append(old[number])
            else:
                self._post(part, finished=True)
        for ts in old:
            if ts not in self._messages:
                self._delete(ts)
        self._state.set_answers(self._place.key, self._messages)

    def leave(self) -> None:
        """Stop in the middle, to let a new question be answered into the same message."""
        self._end_stream()

    def remove(self) -> None:
        """Take everything back: the question is gone."""
        self._end_stream()
        if self._has_status and not self._messages:
            self._clear_status()
        for ts in self._messages:
            self._delete(ts)
        self._messages = []
        self._state.set_answers(self._place.key, ())

    def _start_stream(self) -> None:
        piece = self._next_piece()
        if not piece:
            return
        arguments: Json = {
            "channel": self._place.channel,
            "thread_ts": self._place.thread,
            "markdown_text": piece,
        }
        if not self._place.direct:
            arguments["recipient_user_id"] = self._place.user
            arguments["recipient_team_id"] = self._place.team
        try:
            reply = self._slack.call("chat.startStream", arguments)
        except SlackError as error:
            logger.info("no streaming: %s", error.reason)
            self._streaming.failed(error.reason)
            self._post(render_draft(self._text))
            return
        self._stream = str(reply["ts"])
        self._remember(self._stream)
        self._sent += len(piece)

    def _append(self) -> None:
        piece = self._next_piece()
        if not piece or self._stream is None:
            return
        arguments: Json = {
            "channel": self._place.channel,
            "ts": self._stream,
            "markdown_text": piece,
        }
        if self._slack.attempt("chat.appendStream", arguments) is not None:
            self._sent += len(piece)

    def _next_piece(self) -> str:
        """Return what can be streamed next: whole words, so that markup is seen whole."""
        escaped = markup.escape(self._text)
        words = escaped[: max(escaped.rfind(" "), escaped.rfind("\n")) + 1]
        return markup.cut(words[self._sent :] + "|", STREAM_CHARACTERS)[0].removesuffix("|")

    def _end_stream(self) -> None:
        if self._stream is None:
            return
        arguments: Json = {"channel": self._place.channel, "ts": self._stream}
        self._stream = None
        try:
            self._slack.call("chat.stopStream", arguments)
        except SlackError as error:
            # It may have ended by itself; if it has not, the message is written anew below.
            logger.info("a stream could not be ended: %s", error.reason)

    def _update_draft(self) -> None:
        draft = render_draft(self._text)
        arguments = self._arguments(draft, finished=False) | {"ts": self._messages[0]}
        self._slack.attempt("chat.update", arguments)

    def _post(self, part: Rendered, *, finished: bool = False) -> None:
        arguments = self._arguments(part, finished=finished)
        arguments |= {
            "thread_ts": self._place.thread,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        self._remember(str(self._slack.call("chat.postMessage", arguments)["ts"]))

    def _replace(self, ts: str, part: Rendered, *, finished: bool = False) -> bool:
        """Write over a message; return False if that is not possible any more."""
        arguments = self._arguments(part, finished=finished) | {"ts": ts}
        try:
            self._slack.call("chat.update", arguments)
        except SlackError as error:
            if error.reason == "unreachable":
                raise
            logger.info("a message could not be updated: %s", error.reason)
            return False
        return True

    def _arguments(self, part: Rendered, *, finished: bool) -> Json:
        return {
            "channel": self._place.channel,
            "text": part.text,
            "blocks": list(part.blocks),
            "parse": "none",
            "link_names": False,
            "metadata": metadata(ANSWER_EVENT, self._place.key, finished=finished),
        }

    def _remember(self, ts: str) -> None:
        """Write a new message down before anything else happens, so that a restart finds it."""
        self._messages.append(ts)
        self._state.set_answers(self._place.key, self._messages)

    def _delete(self, ts: str) -> None:
        self._slack.attempt("chat.delete", {"channel": self._place.channel, "ts": ts})

    def _clear_status(self) -> None:
        arguments: Json = {
            "channel_id": self._place.channel,
            "thread_ts": self._place.thread,
            "status": "",
        }
        self._slack.attempt("assistant.threads.setStatus", arguments)
