"""What a Slack payload means, as a frozen record; what means nothing to the bot is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.serve.slack.markup import plain
from rag.serve.slack.port import Json

ASK_COMMAND = "/ask"
ASK_ABOUT_THIS = "ask_about_this"

_ASKING_SUBTYPES = frozenset({"", "thread_broadcast", "file_share"})
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a person wrote; `mentioned` says that it is addressed to the bot."""

    delivery: str
    channel: str
    ts: str
    thread: str
    user: str
    team: str
    text: str
    direct: bool
    mentioned: bool
    in_thread: bool
    to_another: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """A message was given another text."""

    delivery: str
    channel: str
    ts: str
    text: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message is gone."""

    delivery: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class PaneOpened:
    """Someone opened the assistant pane; `thread` is "" where conversations have no pane thread."""

    delivery: str
    channel: str
    thread: str
    user: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """Someone used /ask."""

    delivery: str
    channel: str
    user: str
    team: str
    text: str
    response_url: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Pointed:
    """Someone chose "Ask about this" at a message."""

    delivery: str
    channel: str
    ts: str
    thread: str
    user: str
    team: str
    text: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """Someone pressed a button below an answer."""

    delivery: str
    channel: str
    message: str
    thread: str
    user: str
    team: str
    action: str
    value: str


def read_event(body: Json, bot_user: str) -> Said | Edited | Deleted | PaneOpened | None:
    """Return what an Events API body says."""
    event = _of(body, "event")
    delivery = f"event:{_text(body, 'event_id')}"
    match _text(event, "type"):
        case "app_mention" | "message":
            return _read_message(event, delivery, _text(body, "team_id"), bot_user)
        case "assistant_thread_started":
            pane = _of(event, "assistant_thread")
            return PaneOpened(
                delivery,
                _text(pane, "channel_id"),
                _text(pane, "thread_ts"),
                _text(pane, "user_id"),
            )
        case "app_home_opened" if _text(event, "tab") == "messages":
            return PaneOpened(delivery, _text(event, "channel"), "", _text(event, "user"))
        case _:
            return None


def read_command(body: Json) -> Commanded:
    """Return what a slash command's body says."""
    channel = _text(body, "channel_id")
    return Commanded(
        delivery=f"command:{_text(body, 'trigger_id')}",
        channel=channel,
        user=_text(body, "user_id"),
        team=_text(body, "team_id"),
        text=plain(_text(body, "text")),
        response_url=_text(body, "response_url"),
        direct=channel.startswith("D"),
    )


def read_shortcut(body: Json) -> Pointed:
    """Return what a message shortcut's body says."""
    channel, message = _text(_of(body, "channel"), "id"), _of(body, "message")
    ts = _text(message, "ts")
    return Pointed(
        delivery=f"shortcut:{_text(body, 'trigger_id')}",
        channel=channel,
        ts=ts,
        thread=_text(message, "thread_ts") or ts,
        user=_text(_of(body, "user"), "id"),
        team=_text(_of(body, "team"), "id"),
        text=plain(_text(message, "text")),
        direct=channel.startswith("D"),
    )


def read_press(body: Json) -> Pressed | None:
    """Return what the body of a pressed button says."""
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        return None
    message, container = _of(body, "message"), _of(body, "container")
    ts = _text(message, "ts") or _text(container, "message_ts")
    return Pressed(
        delivery=f"press:{_text(body, 'trigger_id')}",
        channel=_text(_of(body, "channel"), "id") or _text(container, "channel_id"),
        message=ts,
        thread=_text(message, "thread_ts") or _text(container, "thread_ts") or ts,
        user=_text(_of(body, "user"), "id"),
        team=_text(_of(body, "team"), "id"),
        action=_text(actions[0], "action_id"),
        value=_text(actions[0], "value"),
    )


def is_from_person(message: Mapping[str, object], bot_user: str) -> bool:
    """Return whether a message was written by a person, and not by this bot or another."""
    user = _text(message, "user")
    from_bot = message.get("bot_id") or message.get("bot_profile") or message.get("app_id")
    return bool(user) and not from_bot and user not in (bot_user, _SLACKBOT)


def _read_message(
    event: Mapping[str, object], delivery: str, team: str, bot_user: str
) -> Said | Edited | Deleted | None:
    channel = _text(event, "channel")
    match _text(event, "subtype"):
        case "message_changed":
            return _read_change(event, delivery, channel, bot_user)
        case "message_deleted":
            return Deleted(delivery, channel, _text(event, "deleted_ts"))
        case subtype if subtype not in _ASKING_SUBTYPES:
            return None
    if not is_from_person(event, bot_user) or event.get("hidden"):
        return None
    ts, text = _text(event, "ts"), _text(event, "text")
    thread = _text(event, "thread_ts")
    mentioned = _text(event, "type") == "app_mention" or f"<@{bot_user}" in text
    return Said(
        delivery=delivery,
        channel=channel,
        ts=ts,
        thread=thread or ts,
        user=_text(event, "user"),
        team=_text(event, "user_team") or _text(event, "team") or team,
        text=plain(text),
        direct=_text(event, "channel_type") == "im" or channel.startswith("D"),
        mentioned=mentioned,
        in_thread=bool(thread) and thread != ts,
        to_another=not mentioned and text.lstrip().startswith("<@"),
    )


def _read_change(
    event: Mapping[str, object], delivery: str, channel: str, bot_user: str
) -> Edited | Deleted | None:
    """Return an edit by a person; previews, reply counts and the like change no text."""
    message, before = _of(event, "message"), _of(event, "previous_message")
    ts = _text(message, "ts")
    if _text(message, "subtype") == "tombstone":
        return Deleted(delivery, channel, ts)
    if not is_from_person(message, bot_user) or _text(message, "text") == _text(before, "text"):
        return None
    return Edited(delivery, channel, ts, plain(_text(message, "text")))


def _of(body: Mapping[str, object], field: str) -> Mapping[str, object]:
    value = body.get(field)
    return value if isinstance(value, Mapping) else {}


def _text(body: Mapping[str, object], field: str) -> str:
    value = body.get(field)
    return value if isinstance(value, str) else ""
