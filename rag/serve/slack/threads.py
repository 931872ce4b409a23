"""A Slack thread as the history of a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.serve.slack.blocks import CONTINUED
from rag.serve.slack.events import is_from_person
from rag.serve.slack.markup import plain
from rag.serve.slack.port import Json, Slack
from rag.types import Message

ANSWER_EVENT = "rag_answer"
QUESTION_EVENT = "rag_question"
PAGE_MESSAGES = 100
MOST_PAGES = 5


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of a thread as far as it matters: who wrote it, and what of ours it is.

    `event` is ANSWER_EVENT, QUESTION_EVENT or ""; `key` is the question that it belongs to.
    """

    ts: str
    text: str
    by_person: bool
    event: str = ""
    key: str = ""
    finished: bool = False


def metadata(event: str, key: str, *, finished: bool = False) -> Json:
    """Return what marks a message as ours; ids only."""
    return {"event_type": event, "event_payload": {"key": key, "finished": finished}}


def read_thread(slack: Slack, channel: str, thread: str, bot_user: str) -> list[Posted]:
    """Return the messages of a thread, oldest first. Raises SlackError."""
    posted: list[Posted] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        arguments: Json = {
            "channel": channel,
            "ts": thread,
            "limit": PAGE_MESSAGES,
            "include_all_metadata": True,
        }
        if cursor:
            arguments["cursor"] = cursor
        reply = slack.call("conversations.replies", arguments)
        messages = reply.get("messages")
        for message in messages if isinstance(messages, list) else []:
            posted.append(_posted(message, bot_user))
        cursor = _next_cursor(reply)
        if not cursor:
            break
    return posted


def history_of(
    posted: Sequence[Posted], channel: str, before: str, most: int
) -> tuple[Message, ...]:
    """Return at most `most` turns of the conversation before a message, oldest first.

    An answer stands after its question, also when the next question was asked before it came.
    What the bot says besides answers (that it is searching, or sorry) is no part of it.
    """
    answers = [m for m in posted if m.event == ANSWER_EVENT and m.finished and m.text != CONTINUED]
    turns: list[Message] = []
    for message in posted:
        if not message.text or _seconds(message.ts) >= _seconds(before):
            continue
        if message.by_person or message.event == QUESTION_EVENT:
            turns.append(Message("user", message.text))
            key = message.key or message_key(channel, message.ts)
            turns += [Message("assistant", each.text) for each in answers if each.key == key]
    return tuple(turns[-most:]) if most else ()


def message_key(channel: str, ts: str) -> str:
    """Return the key of a question that a message asks."""
    return f"{channel}:{ts}"


def answers_to(posted: Sequence[Posted], key: str) -> list[str]:
    """Return the messages of a thread that were posted as the answer to a question."""
    return [m.ts for m in posted if m.event == ANSWER_EVENT and m.key == key]


def question_in(text: str) -> str:
    """Return the question of a message that shows a command's question."""
    return text.split(": ", 1)[-1]


def _posted(message: object, bot_user: str) -> Posted:
    if not isinstance(message, Mapping):
        return Posted("", "", by_person=False)
    marked = message.get("metadata")
    event, payload = "", {}
    if isinstance(marked, Mapping) and message.get("user") == bot_user:
        event = str(marked.get("event_type", ""))
        held = marked.get("event_payload")
        payload = dict(held) if isinstance(held, Mapping) else {}
    text = plain(str(message.get("text", "")))
    return Posted(
        ts=str(message.get("ts", "")),
        text=question_in(text) if event == QUESTION_EVENT else text,
        by_person=is_from_person(message, bot_user),
        event=event,
        key=str(payload.get("key", "")),
        finished=payload.get("finished") is True,
    )


def _next_cursor(reply: Json) -> str:
    held = reply.get("response_metadata")
    return str(held.get("next_cursor") or "") if isinstance(held, Mapping) else ""


def _seconds(ts: str) -> tuple[int, int]:
    whole, _, part = ts.partition(".")
    return (int(whole), int(part or 0)) if whole.isdigit() else (0, 0)
