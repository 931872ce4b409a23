"""Answers as blocks: below Slack's limits, no citation cut, and nothing that Slack would act on."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_samples import answer_to, cited
from stand_ins.slack_server import _too_much

from rag.serve.slack import markup
from rag.serve.slack.blocks import Pressable, Rendered, render_answer
from rag.types import Answer, Sentence

PAGE = "https://berita.example"

nasty = st.lists(
    st.sampled_from(
        [*"ab <>&@!|[]()*_`#:/.\n", "<!channel>", "@here", "http://x.y/z", "&amp;", "www.x.y"]
    ),
    max_size=120,
).map("".join)
text = st.one_of(nasty, st.text(max_size=300))


def texts(parts: list[Rendered]) -> list[str]:
    return [
        element["text"]  # type: ignore[index]
        for part in parts
        for block in part.blocks
        for element in (
            [block["text"]] if block["type"] == "section" else block.get("elements", [])  # type: ignore[union-attr]
        )
        if element["type"] == "mrkdwn"  # type: ignore[index]
    ]


def long_answer(sentences: int, words: int, quote_words: int = 10) -> Answer:
    told = tuple(
        Sentence(" ".join(["kata&kata"] * words) + ".", (number % 40 + 1,), "supported")
        for number in range(sentences)
    )
    citations = tuple(cited(" ".join(["kutipan"] * quote_words), n) for n in range(1, 41))
    whole = " ".join(f"{s.text} [{s.citations[0]}]" for s in told)
    return Answer(whole, "id", False, "reader", told, citations, standalone_question="Apa?")


@given(st.integers(1, 40), st.integers(1, 300), st.integers(1, 400))
@settings(max_examples=12, deadline=None)
@example(60, 500, 600)
def test_any_length_stays_below_slacks_limits_with_every_citation_whole(
    sentences: int, words: int, quote_words: int
) -> None:
    answer = long_answer(sentences, words, quote_words)

    parts = render_answer(answer, PAGE)

    for part in parts:
        assert _too_much({"text": part.text, "blocks": list(part.blocks)}, 4000) == ""
    joined = "\n".join(texts(parts))
    markers = re.findall(r"<https://berita\.example/#doc=[^|<>\s]+\|\[(\d+)\]>", joined)
    assert [int(n) for n in markers] == [s.citations[0] for s in answer.sentences]
    assert joined.count("kata&amp;kata") == sentences * words
    assert joined.count("kutipan") == 40 * quote_words
    assert parts[-1].blocks[-1]["type"] == "actions"


@given(text)
@settings(max_examples=100, deadline=None)
@example("<!channel> <@U1> <http://evil.example|click> @here @everyone")
def test_words_of_an_article_can_neither_ping_nor_link(words: str) -> None:
    answer = answer_to("Apa?", words)
    parts = render_answer(
        replace(answer, citations=(replace(cited(words), title=words, source=words),)), PAGE
    )

    for shown in [*texts(parts), *(part.text for part in parts)]:
        for link in re.findall(r"<([^<>]*)>", shown):
            assert link.startswith(f"{PAGE}/#doc=berita%2Fsatu%20dua&amp;at=")
            assert link.count("|") == 1
        assert not re.search(r"@(?:here|channel|everyone)", shown)
        assert "://x" not in re.sub(r"<[^<>]*>", "", shown)
        assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


@given(text)
def test_escaped_text_reads_as_it_was(words: str) -> None:
    words = words.replace(markup.INVISIBLE, "")

    shown = markup.escape(words)

    assert html.unescape(shown).replace(markup.INVISIBLE, "") == html.unescape(
        words.replace("&", "&amp;")
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(text, max_size=8), st.integers(20, 200))
def test_cut_text_has_all_its_words_in_pieces_no_longer_than_asked(
    words: list[str], most: int
) -> None:
    marked = " ".join(markup.escape(word) for word in words)

    pieces = markup.cut(marked, most)

    assert all(len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(marked.split())
    for piece in pieces:
        assert not re.search(r"&\w*$", piece)


@given(text, st.lists(text, max_size=20))
@settings(max_examples=40, deadline=None)
def test_button_values_stay_below_their_limit_and_come_back(question: str, ids: list[str]) -> None:
    value = Pressable(question * 20, tuple(ids * 5)).encode()
    back = Pressable.decode(value)

    assert len(value) <= 2000
    assert back is not None
    assert (question * 20).startswith(back.question)


def test_values_that_are_not_ours_are_refused() -> None:
    for value in ("", "{}", "[1]", '{"q": 1, "d": []}', "not json"):
        assert Pressable.decode(value) is None


def test_sentences_keep_their_lines_and_carry_verdicts() -> None:
    told = (
        Sentence("Menurut berita:", (), "supported"),
        Sentence("• Satu orang.", (1,), "quoted"),
        Sentence("• Dua orang.", (1, 2), "unsupported"),
    )
    answer = Answer(
        "Menurut berita:\n• Satu orang. [1]\n• Dua orang. [1][2]",
        "id",
        False,
        "reader",
        told,
        (cited(), cited(number=2)),
    )

    shown = texts(render_answer(answer, None))[0].replace("\u00a0", " ")

    assert shown == "Menurut berita: ✓\n• Satu orang. [1] ✓\n• Dua orang. [1][2] ✗"


def test_abstention_shows_no_verdict_and_still_offers_passages() -> None:
    answer = Answer("Artikel-artikel yang ada tidak menyebutkannya.", "id", True, "reader")

    (part,) = render_answer(answer, PAGE)

    assert part.text == "Artikel-artikel yang ada tidak menyebutkannya."
    assert "show_more" in json.dumps(part.blocks)


def test_what_people_write_reads_as_text() -> None:
    written = "<@U0BOT> siapa &amp; kapan di <#C1|umum> <https://a.example/b|sini> <!here>?"

    assert markup.plain(written) == "siapa & kapan di #umum sini ?"
