"""What the bot does with each thing that people do in Slack: written down now, worked on later.

Every `on_` method returns within milliseconds and calls nothing over the network, so that Slack
has its acknowledgement at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from rag.serve.feedback import FILE as FEEDBACK_FILE
from rag.serve.slack import blocks
from rag.serve.slack.answering import Answering
from rag.serve.slack.asides import Asides
from rag.serve.slack.blocks import Pressable, render_note
from rag.serve.slack.desk import Desk, Job
from rag.serve.slack.events import (
    Commanded,
    Deleted,
    Edited,
    PaneOpened,
    Pointed,
    Pressed,
    Said,
)
from rag.serve.slack.limits import RateLimit
from rag.serve.slack.port import Asked, Slack
from rag.serve.slack.state import Kind, Place, State
from rag.serve.slack.threads import message_key
from rag.serve.slack.wording import say, too_many_by_user, too_many_in_channel
from rag.serve.slack.writer import Streaming
from rag.settings import Settings
from rag.text.language import detect_language

logger = logging.getLogger(__name__)

RECOVERED_SECONDS = 3600.0
"""A question that was not answered for so long before a restart is not answered any more."""
NOTICES_PER_MINUTE = 2
"""To one user in one channel; whoever sends a hundred questions is not told a hundred times."""
DIRECT = "dm"


@dataclass(frozen=True, slots=True)
class AllowList:
    """The ids that may pass; an empty list lets all pass."""

    ids: frozenset[str]

    @classmethod
    def of(cls, listed: str) -> AllowList:
        """Return the list that a setting holds: ids with commas or spaces between."""
        return cls(frozenset(listed.replace(",", " ").split()))

    def lets(self, name: str) -> bool:
        """Return whether an id may pass."""
        return not self.ids or name in self.ids


class Bot:
    """Takes what happened in Slack; see the module."""

    def __init__(
        self,
        settings: Settings,
        slack: Slack,
        engine: Callable[[], Asked],
        state: State,
        bot_user: str,
    ) -> None:
        self._state = state
        self._channels = AllowList.of(settings.slack_channels)
        self._users = AllowList.of(settings.slack_users)
        self._by_user = RateLimit(settings.slack_user_questions_per_minute)
        self._by_channel = RateLimit(settings.slack_channel_questions_per_minute)
        self._asides = Asides(
            slack, engine, state, settings.index_dir / FEEDBACK_FILE, settings.public_url
        )
        self._notices = RateLimit(NOTICES_PER_MINUTE)
        answering = Answering(
            slack,
            state,
            engine,
            bot_user,
            settings.public_url,
            settings.slack_history_messages,
            self._once_more,
            Streaming(),
        )
        self._desk = Desk(
            answering.answer,
            workers=settings.slack_answers_at_once,
            most=settings.slack_queue_questions,
        )

    def resume(self) -> int:
        """Take up the questions that were accepted before a restart; return how many."""
        waiting = self._state.waiting(RECOVERED_SECONDS)
        for place in waiting:
            if place.ts:
                self._desk.put(Job(place), always=True)
            else:  # its words were never posted, so nobody knows them any more
                self._state.set_progress(place.key, "withdrawn")
        return len(waiting)

    def close(self) -> None:
        """Stop working; what waits is taken up at the next start."""
        self._desk.close()
        self._state.close()

    def on_message(self, said: Said) -> None:
        """Take a question: a mention, a direct message, or a follow-up in a known thread."""
        addressed = said.direct or said.mentioned
        if not addressed and (
            said.to_another
            or not said.in_thread
            or not self._state.knows_thread(said.channel, said.thread)
        ):
            return
        place = Place(
            key=message_key(said.channel, said.ts),
            kind="message",
            channel=said.channel,
            ts=said.ts,
            thread=said.thread,
            user=said.user,
            team=said.team,
            direct=said.direct,
        )
        self._take(said.delivery, Job(place, said.text))

    def on_command(self, asked: Commanded) -> str:
        """Take a command's question; return what to tell the person at once, if anything."""
        language = detect_language(asked.text)
        if not asked.text:
            return say("empty", language)
        if self._state.is_known([asked.delivery], asked.delivery):
            return ""
        refusal = self._refusal(asked.channel, asked.user, asked.text, direct=asked.direct)
        if refusal:
            return refusal
        place = self._place(asked, "command", ts="", thread="")
        if self._state.accept([asked.delivery], place) and not self._desk.put(
            Job(place, asked.text, asked.response_url)
        ):
            self._state.set_progress(place.key, "withdrawn")
            return say("queue_full", language)
        return ""

    def on_shortcut(self, pointed: Pointed) -> None:
        """Take a message as the question that somebody pointed at."""
        place = self._place(pointed, "shortcut", ts=pointed.ts, thread=pointed.thread)
        self._take(pointed.delivery, Job(place, pointed.text))

    def on_edit(self, edited: Edited) -> None:
        """Ask an edited question anew; its answer takes the place of the old one."""
        places = self._state.at_message(edited.channel, edited.ts)
        if not places or not self._state.accept([edited.delivery]):
            return
        for place in places:
            if place.kind == "message":
                self._state.reopen(place.key)
                self._desk.put(Job(place, edited.text), always=True)

    def on_delete(self, deleted: Deleted) -> None:
        """Drop a deleted question, and take its answer back."""
        places = self._state.at_message(deleted.channel, deleted.ts)
        if not places or not self._state.accept([deleted.delivery]):
            return
        for place in places:
            self._state.set_progress(place.key, "withdrawn")
            self._desk.withdraw(place.key)
            self._desk.chore(partial(self._asides.remove_answer, place))

    def on_pane(self, opened: PaneOpened) -> None:
        """Suggest questions to someone who has opened the assistant pane."""
        if not self._users.lets(opened.user) or not self._lets_channel(opened.channel, direct=True):
            return
        if self._state.accept([opened.delivery]):
            self._desk.chore(lambda: self._asides.suggest(opened))

    def on_press(self, pressed: Pressed) -> None:
        """Do what a button below an answer says."""
        carried = Pressable.decode(pressed.value)
        direct = pressed.channel.startswith("D")
        if carried is None or not self._users.lets(pressed.user):
            return
        if not self._lets_channel(pressed.channel, direct=direct):
            return
        match pressed.action:
            case blocks.ASK_AGAIN:
                self._ask_again(pressed, carried.question)
            case blocks.SHOW_MORE:
                if self._state.accept([pressed.delivery]):
                    self._desk.chore(lambda: self._asides.show_more(pressed, carried))
            case blocks.FEEDBACK_UP | blocks.FEEDBACK_DOWN:
                if self._state.accept([pressed.delivery]):
                    self._desk.chore(lambda: self._asides.keep_verdict(pressed, carried))

    def _take(self, delivery: str, job: Job) -> None:
        """Write a question down and queue it, or say politely why not; a repetition is nothing."""
        place, text = job.place, job.text or ""
        language = detect_language(text)
        if not text:
            if self._state.accept([delivery, f"empty:{place.key}"]):
                self._notify(place, say("empty", language))
            return
        refused = f"refused:{place.key}"
        if self._state.is_known([delivery, refused], place.key):
            return
        refusal = self._refusal(place.channel, place.user, text, direct=place.direct)
        if refusal:
            # A mention arrives as two events; together they are one question.
            if self._state.accept([delivery, refused]):
                self._notify(place, refusal)
            return
        if not self._state.accept([delivery], place):
            self._by_user.take_back(place.user)
            self._by_channel.take_back(place.channel)
            return
        if not self._desk.put(job):
            self._state.set_progress(place.key, "withdrawn")
            self._notify(place, say("queue_full", language))

    def _refusal(self, channel: str, user: str, text: str, *, direct: bool) -> str:
        """Return why a question is not taken, or "" after counting it."""
        language = detect_language(text)
        if not self._lets_channel(channel, direct=direct):
            return say("channel_not_allowed", language)
        if not self._users.lets(user):
            return say("user_not_allowed", language)
        wait = self._by_user.wait_seconds(user)
        if wait:
            return too_many_by_user(language, wait)
        wait = self._by_channel.wait_seconds(channel)
        if wait:
            self._by_user.take_back(user)
            return too_many_in_channel(language, wait)
        return ""

    def _lets_channel(self, channel: str, *, direct: bool) -> bool:
        return self._channels.lets(channel) or (direct and self._channels.lets(DIRECT))

    def _place(self, asked: Commanded | Pointed, kind: Kind, *, ts: str, thread: str) -> Place:
        return Place(
            key=asked.delivery,
            kind=kind,
            channel=asked.channel,
            ts=ts,
            thread=thread,
            user=asked.user,
            team=asked.team,
            direct=asked.direct,
        )

    def _ask_again(self, pressed: Pressed, question: str, tries: int = 5) -> None:
        place = self._state.of_answer(pressed.channel, pressed.thread, pressed.message)
        if place is None and tries > 1:
            # A button can be pressed before it is written down which message holds the answer.
            def later() -> None:
                time.sleep(0.2)
                self._ask_again(pressed, question, tries - 1)

            self._desk.chore(later)
            return
        if place is None or not self._state.accept([pressed.delivery]):
            return
        refusal = self._refusal(pressed.channel, pressed.user, question, direct=place.direct)
        if refusal:
            self._notify(replace(place, user=pressed.user), refusal)
            return
        self._state.reopen(place.key)
        self._desk.put(Job(place), always=True)

    def _notify(self, place: Place, text: str) -> None:
        """Say something politely to a person, but not over and over."""
        if self._notices.wait_seconds(f"{place.user}@{place.channel}"):
            return
        thread = place.thread if place.direct or place.thread != place.ts else ""
        note = render_note(text)
        self._desk.chore(lambda: self._asides.tell(place.channel, thread, place.user, note))

    def _once_more(self, job: Job) -> None:
        """Try a question again after Slack could not be reached."""

        def later() -> None:
            time.sleep(job.attempt)
            self._desk.put(job, always=True)

        self._desk.chore(later)
