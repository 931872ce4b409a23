"""An answer as Slack messages: blocks below Slack's limits, in which no citation is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rag.serve.slack import markup
from rag.serve.slack.port import Json
from rag.serve.slack.wording import MARKS, say
from rag.types import Answer, Citation, Hit, Language, Sentence

SECTION_CHARACTERS = 3000
MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 12_000
"""Of one message's blocks as JSON; Slack tells no number, but refuses blocks that are too long."""
FALLBACK_CHARACTERS = 3_900
"""Slack takes 4,000 characters of text when a message is updated."""
TITLE_CHARACTERS = 150
BUTTON_VALUE_CHARACTERS = 2000
PASSAGE_CHARACTERS = 700

CONTINUED = "…"
"""The text of the second and further messages of one answer."""

_MARGIN = 500
"""What is kept free of a message's characters for its last block, the buttons."""
_NARROW = "\u00a0"
"""A space that does not break, so that no line and no cut parts a citation from its sentence."""

FEEDBACK_UP, FEEDBACK_DOWN, ASK_AGAIN, SHOW_MORE = (
    "feedback_up",
    "feedback_down",
    "ask_again",
    "show_more",
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: its blocks, and the text that notifications and histories show."""

    text: str
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Pressable:
    """What a button carries: a question that stands by itself, and what its answer cites."""

    question: str
    document_ids: tuple[str, ...]

    def encode(self) -> str:
        """Return the value of a button, never longer than Slack takes."""
        question, ids = self.question, list(self.document_ids)
        while True:
            encoded = json.dumps({"q": question, "d": ids}, ensure_ascii=False)
            if len(encoded) <= BUTTON_VALUE_CHARACTERS:
                return encoded
            if ids:
                ids.pop()
            else:
                question = question[: len(question) * 3 // 4]

    @classmethod
    def decode(cls, value: str) -> Pressable | None:
        """Return what a button carried, or None if it is not one of ours."""
        try:
            match json.loads(value):
                case {"q": str(question), "d": list(ids)}:
                    return cls(question, tuple(str(each) for each in ids))
        except ValueError:
            pass
        return None


def render_answer(answer: Answer, public_url: str | None) -> list[Rendered]:
    """Return the messages of an answer, the buttons below the last."""
    links = {cited.number: page_link(cited, public_url) for cited in answer.citations}
    blocks = [section(text) for text in _pack(list(_answer_pieces(answer, links)))]
    notes = [
        say(support, answer.language)
        for support in ("partial", "unsupported")
        if any(sentence.support == support for sentence in answer.sentences)
    ]
    notes += [f"⚠ {markup.escape(warning)}" for warning in answer.warnings]
    blocks += [context(text) for note in notes for text in markup.cut(note, SECTION_CHARACTERS)]
    if answer.citations:
        blocks.append({"type": "divider"})
        sources = [_source(cited, links[cited.number], answer) for cited in answer.citations]
        blocks += [section(text) for text in _pack_sources(sources)]
    blocks.append(_buttons(answer))
    return list(_messages(blocks, markup.escape(answer.answer)))


def render_passages(
    hits: Sequence[Hit], public_url: str | None, language: Language
) -> list[Rendered]:
    """Return the messages that show the passages of a search."""
    if not hits:
        text = say("no_passages", language)
        return [Rendered(text, (section(text),))]
    title = say("passages", language)
    blocks = [section(f"*{title}*")]
    for hit in hits:
        url = _page_url(hit.document.id, hit.passage.start, hit.passage.end, public_url)
        day = hit.document.published
        heading = _heading(hit.document.title, day.isoformat() if day else "", url)
        words = markup.escape(" ".join(hit.passage.text.split()))
        shown = markup.cut(words, PASSAGE_CHARACTERS)
        more = "…" if len(shown) > 1 else ""
        blocks.append(section(f"{heading}\n> {shown[0]}{more}"))
    return list(_messages(blocks, title))


def render_note(text: str) -> Rendered:
    """Return a message of the bot's own words."""
    return Rendered(text, (section(text),))


def render_draft(text: str) -> Rendered:
    """Return an answer that is still being written, as far as it fits into one message."""
    shown = markup.cut(f"{markup.escape(text)} …", SECTION_CHARACTERS)
    return Rendered(_short(shown[0]), (section(shown[0]),))


def section(text: str) -> Json:
    """Return a block of text, in which Slack looks for no links or names by itself."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Json:
    """Return a block of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def page_link(cited: Citation, public_url: str | None) -> str | None:
    """Return the address of the exact words on our page, or None if it has no public address."""
    return _page_url(cited.document_id, cited.start, cited.end, public_url)


def _page_url(document_id: str, start: int, end: int, public_url: str | None) -> str | None:
    if not public_url:
        return None
    return f"{public_url.rstrip('/')}/#doc={quote(document_id, safe='')}&at={start}-{end}"


def _answer_pieces(answer: Answer, links: dict[int, str | None]) -> Iterator[str]:
    """Yield the answer sentence by sentence, each with what stood between it and the one before."""
    if not answer.sentences:
        yield markup.escape(answer.answer)
        return
    seen = 0
    for number, sentence in enumerate(answer.sentences):
        found = answer.answer.find(sentence.text, seen)
        between = answer.answer[seen:found] if found >= 0 else "\n"
        seen = found + len(sentence.text) if found >= 0 else seen
        gap = "" if number == 0 else "\n" * min(2, between.count("\n")) or " "
        yield gap + _sentence(sentence, links, answer)


def _sentence(sentence: Sentence, links: dict[int, str | None], answer: Answer) -> str:
    markers = "".join(_marker(number, links.get(number)) for number in sentence.citations)
    mark = "" if answer.abstained else MARKS[sentence.support]
    tail = "".join(f"{_NARROW}{part}" for part in (markers, mark) if part)
    return markup.escape(sentence.text.strip()) + tail


def _marker(number: int, url: str | None) -> str:
    return f"<{_safe(url)}|[{number}]>" if url else f"[{number}]"


def _safe(url: str) -> str:
    return url.replace("&", "&amp;")


def _source(cited: Citation, url: str | None, answer: Answer) -> str:
    """Return one entry of the list of sources: number, title, date, publisher, quoted words."""
    day = cited.published.isoformat() if cited.published else ""
    heading = _heading(cited.title, day, url)
    source = f" · {markup.escape(cited.source)}" if cited.source else ""
    words = markup.escape(" ".join(cited.quote.split()))
    first = "" if cited.number > 1 else f"*{say('sources', answer.language)}*\n"
    return f"{first}*[{cited.number}]*{_NARROW}{heading}{source}\n> “{words}”"


def _heading(title: str, day: str, url: str | None) -> str:
    title = title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"
    shown = markup.link(_safe(url), title) if url else f"*{markup.escape(title)}*"
    return f"{shown} · {day}" if day else shown


def _buttons(answer: Answer) -> Json:
    cited = tuple(dict.fromkeys(each.document_id for each in answer.citations))
    value = Pressable(answer.standalone_question, cited).encode()
    names = (
        (FEEDBACK_UP, "up"),
        (FEEDBACK_DOWN, "down"),
        (ASK_AGAIN, "again"),
        (SHOW_MORE, "more"),
    )
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": action,
                "text": {"type": "plain_text", "text": say(name, answer.language), "emoji": True},
                "value": value,
            }
            for action, name in names
        ],
    }


def _pack(pieces: Sequence[str]) -> list[str]:
    """Return the pieces joined into as few texts as fit a section, cut between them if possible."""
    packed: list[str] = []
    text = ""
    for piece in pieces:
        if text and len(text) + len(piece) > SECTION_CHARACTERS:
            packed += markup.cut(text, SECTION_CHARACTERS)
            text = piece.lstrip()
        else:
            text += piece
    return packed + markup.cut(text, SECTION_CHARACTERS)


def _pack_sources(sources: Sequence[str]) -> Iterator[str]:
    """Yield a text for each source; the parts of a long quote all look quoted."""
    for source in sources:
        first, *rest = markup.cut(source, SECTION_CHARACTERS - len("> "))
        yield first
        for part in rest:
            yield f"> {part}"


def _messages(blocks: Sequence[Json], fallback: str) -> Iterator[Rendered]:
    """Yield the blocks as few messages as Slack's limits allow, in order."""
    text = _short(fallback)
    group: list[Json] = []
    size = 0
    for block in blocks:
        length = len(json.dumps(block, ensure_ascii=False))
        if group and (len(group) == MESSAGE_BLOCKS or size + length > MESSAGE_CHARACTERS - _MARGIN):
            yield Rendered(text, tuple(group))
            text, group, size = CONTINUED, [], 0
        group.append(block)
        size += length
    yield Rendered(text, tuple(group))


def _short(text: str) -> str:
    pieces = markup.cut(text, FALLBACK_CHARACTERS)
    return pieces[0] + (" …" if len(pieces) > 1 else "") if pieces else CONTINUED
