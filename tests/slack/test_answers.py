"""Questions and answers as people see them in Slack, by way of the real libraries."""

from __future__ import annotations

import itertools
import json

from conftest import StartBot
from slack_samples import QUOTE, EngineStandIn, RunningBot
from stand_ins.slack_server import Fault, Slack

from rag.errors import ModelTimeoutError
from rag.types import Message


def text_of(message: dict[str, object]) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


def test_mention_is_answered_once_in_its_thread(slack: Slack, bot: RunningBot) -> None:
    asked = slack.mention("C1", "Siapa bertemu duta besar?")

    slack.acknowledged(slack.send_event(asked))
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    (answer,) = slack.in_thread("C1", asked["ts"])
    shown = text_of(answer)
    assert "Jawaban untuk “Siapa bertemu duta besar?”" in shown
    assert f"“{QUOTE}”" in shown
    assert "Menteri bertemu duta besar> · 2024-01-19 · kantor.example" in shown
    assert "https://berita.example/#doc=berita%2Fsatu%20dua&amp;at=0-42|[1]>" in shown
    assert "✓" in shown
    assert "≈ hanya didukung sebagian" in shown


def test_mention_that_also_arrives_as_message_is_one_question(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    asked = slack.mention("C1", "Siapa?")
    twin = asked | {"type": "message", "channel_type": "channel"}

    for event in (asked, twin, asked):
        slack.acknowledged(slack.send_event(event))
    later = slack.mention("C1", "Kapan?")
    slack.send_event(later)
    slack.wait_for(lambda: slack.answers("C1", later["ts"]))

    assert engine.questions == ["Siapa?", "Kapan?"]
    assert len(slack.in_thread("C1", asked["ts"])) == 1


def test_direct_message_is_answered_with_status_and_title(slack: Slack, bot: RunningBot) -> None:
    asked = slack.say("D1", "Siapa bertemu duta besar?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("D1", asked["ts"]))

    assert slack.statuses[0]["status"] == "mencari di artikel…"
    assert slack.titles[0]["title"] == "Siapa bertemu duta besar?"


def test_follow_up_in_the_thread_needs_no_mention_and_has_the_thread_as_history(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    asked = slack.mention("C1", "Siapa bertemu duta besar?")
    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    follow_up = slack.say("C1", "Dan kapan itu?", thread=asked["ts"])
    slack.send_event(follow_up)
    slack.wait_for(lambda: len(slack.answers("C1", asked["ts"])) == 2)

    assert engine.questions[-1] == "Dan kapan itu?"
    question, answer = engine.histories[-1]
    assert question == Message("user", "Siapa bertemu duta besar?")
    assert answer.role == "assistant"
    assert answer.content.startswith("Jawaban untuk “Siapa bertemu duta besar?”")
    assert "[1]" in answer.content


def test_talk_in_other_threads_and_channels_is_left_alone(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    elsewhere = slack.say("C1", "Selamat pagi semua")
    slack.send_event(elsewhere)
    slack.send_event(slack.say("C1", "Pagi!", thread=elsewhere["ts"]))
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
    slack.send_event(slack.say("C1", "<@U2> lihat ini", thread=asked["ts"]))
    last = slack.say("C1", "Terima kasih, dan kapan?", thread=asked["ts"])
    slack.send_event(last)
    slack.wait_for(lambda: len(slack.answers("C1", asked["ts"])) == 2)

    assert engine.questions == ["Siapa?", "Terima kasih, dan kapan?"]


def test_bots_are_ignored_its_own_messages_too(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    own = slack.say("D1", "Siapa?", user="U0BOT", bot_id="B0BOT")
    other = slack.say("D1", "Siapa?", user="U9", bot_id="B9", app_id="A9")
    webhook = slack.say("D1", "Siapa?", user="", bot_id="B8", subtype="bot_message")
    joined = slack.say("D1", "<@U1> has joined", subtype="channel_join")
    for event in (own, other, webhook, joined):
        slack.acknowledged(slack.send_event(event))
    asked = slack.say("D1", "Kapan?")
    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("D1", asked["ts"]))

    assert engine.questions == ["Kapan?"]


def test_command_shows_its_question_and_answers_below_it(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    assert (
        slack.acknowledged(slack.send("slash_commands", slack.command("C1", "Siapa & kapan?")))
        == {}
    )

    question = slack.wait_for(
        lambda: next(
            (m for m in slack.messages.get("C1", {}).values() if "thread_ts" not in m), None
        )
    )
    slack.wait_for(lambda: slack.answers("C1", question["ts"]))
    assert question["text"] == "<@U1> bertanya: Siapa &amp; kapan?"
    assert engine.questions == ["Siapa & kapan?"]


def test_command_is_answered_privately_where_the_bot_is_no_member(
    slack: Slack, bot: RunningBot
) -> None:
    slack.members_only.add("C9")

    slack.acknowledged(slack.send("slash_commands", slack.command("C9", "Siapa?")))
    (response,) = slack.wait_for(lambda: slack.responses)

    assert response["response_type"] == "ephemeral"
    assert "Jawaban untuk “Siapa?”" in text_of(response)


def test_command_without_question_tells_how_to_ask(slack: Slack, bot: RunningBot) -> None:
    told = slack.acknowledged(slack.send("slash_commands", slack.command("C1", "  ")))

    assert "pertanyaan" in told["text"]


def test_shortcut_asks_about_a_message_in_its_thread(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    said = slack.say("C1", "Siapa yang menang?", user="U7")

    slack.acknowledged(slack.send("interactive", slack.shortcut("C1", said["ts"])))
    slack.wait_for(lambda: slack.answers("C1", said["ts"]))

    assert engine.questions == ["Siapa yang menang?"]


def test_opening_the_pane_suggests_questions_of_the_index(slack: Slack, bot: RunningBot) -> None:
    pane = {"channel_id": "D1", "thread_ts": "1.1", "user_id": "U1", "context": {}}
    slack.send_event({"type": "assistant_thread_started", "assistant_thread": pane})
    slack.send_event({"type": "app_home_opened", "tab": "messages", "channel": "D2", "user": "U1"})
    slack.wait_for(lambda: len(slack.prompts) == 2)

    by_channel = {prompts["channel_id"]: prompts for prompts in slack.prompts}
    assert by_channel["D1"]["thread_ts"] == "1.1"
    assert "thread_ts" not in by_channel["D2"]
    assert by_channel["D1"]["prompts"][0] == {
        "title": "Siapa yang bertemu duta besar?",
        "message": "Siapa yang bertemu duta besar?",
    }


def test_answer_streams_into_its_message_and_ends_as_the_checked_answer(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.seconds_between_tokens = 0.12
    asked = slack.mention("C1", "Siapa?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    order = [c.method for c in slack.calls if c.method.startswith("chat.")]
    assert order[0] == "chat.startStream"
    assert "chat.appendStream" in order
    assert order[-2:] == ["chat.stopStream", "chat.update"]
    start = slack.calls_of("chat.startStream")[0].arguments
    assert (start["recipient_user_id"], start["recipient_team_id"]) == ("U1", "T0TEAM")
    assert len(slack.in_thread("C1", asked["ts"])) == 1


def test_workspace_without_streaming_sees_updates_at_most_once_a_second(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    slack.without_streaming()
    engine.seconds_between_tokens = 0.13
    first, second = slack.mention("C1", "Siapa?"), slack.mention("C2", "Kapan?")

    slack.send_event(first)
    slack.wait_for(lambda: slack.answers("C1", first["ts"]))
    engine.seconds_between_tokens = 0.05
    slack.send_event(second)
    slack.wait_for(lambda: slack.answers("C2", second["ts"]))

    drafts = [
        call.at
        for call in slack.calls_of("chat.update")
        if call.arguments["channel"] == "C1" and str(call.arguments["text"]).endswith("…")
    ]
    assert drafts
    assert all(later - sooner > 0.9 for sooner, later in itertools.pairwise(drafts))
    assert len(slack.calls_of("chat.startStream")) == 1


def test_status_that_slack_refuses_is_a_message_instead(slack: Slack, bot: RunningBot) -> None:
    slack.missing_methods.add("assistant.threads.setStatus")
    asked = slack.mention("C1", "Siapa?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    first = slack.calls_of("chat.postMessage")[0].arguments
    assert first["text"] == "_Mencari di artikel…_"
    assert len(slack.in_thread("C1", asked["ts"])) == 1


def test_engine_that_fails_leaves_one_honest_sentence(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    sentences = []
    for error in (ModelTimeoutError("slow"), ValueError("secret words of an article")):
        engine.error = error
        asked = slack.mention("C1", "Who met whom in the capital?")
        slack.send_event(asked)
        (answer,) = slack.wait_for(lambda asked=asked: slack.answers("C1", asked["ts"]))
        sentences.append(answer["text"])

    assert sentences == [
        "Sorry, the language model did not answer; please ask again in a moment.",
        "Sorry, something went wrong and I have no answer; asking again may help.",
    ]


def test_edit_of_a_waiting_question_asks_what_it_says_last(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_answers_at_once=1)
    engine.gate.clear()
    first = slack.mention("C1", "Pertama?")
    slack.send_event(first)
    slack.wait_for(lambda: engine.questions)
    asked = slack.mention("C1", "Siapa yagn?")
    slack.acknowledged(slack.send_event(asked))
    edit = slack.edit("C1", asked["ts"], "<@U0BOT> Siapa yang?")
    slack.acknowledged(slack.send_event(edit))
    engine.gate.set()
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    assert engine.questions == ["Pertama?", "Siapa yang?"]


def test_edit_of_an_answered_question_replaces_its_answer(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    (before,) = slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
    slack.send_event(slack.edit("C1", asked["ts"], "<@U0BOT> Kapan?"))
    slack.wait_for(lambda: any("“Kapan?”" in m["text"] for m in slack.answers("C1", asked["ts"])))

    (after,) = slack.in_thread("C1", asked["ts"])
    assert after["ts"] == before["ts"]
    assert "“Kapan?”" in text_of(after)


def test_edit_while_it_is_answered_starts_anew_in_the_same_message(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    slack.wait_for(lambda: engine.questions)
    slack.acknowledged(slack.send_event(slack.edit("C1", asked["ts"], "<@U0BOT> Kapan?")))
    slack.wait_for(lambda: len(engine.questions) == 2)
    engine.gate.set()
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))

    (answer,) = slack.in_thread("C1", asked["ts"])
    assert "“Kapan?”" in text_of(answer)


def test_deleting_a_question_takes_its_answer_back(slack: Slack, bot: RunningBot) -> None:
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
    slack.send_event(slack.delete("C1", asked["ts"]))

    slack.wait_for(lambda: not slack.in_thread("C1", asked["ts"]))


def test_question_deleted_while_it_is_answered_leaves_nothing(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.gate.clear()
    asked = slack.mention("C1", "Siapa?")
    slack.send_event(asked)
    slack.wait_for(lambda: engine.questions)
    slack.acknowledged(slack.send_event(slack.delete("C1", asked["ts"])))
    engine.gate.set()
    later = slack.mention("C1", "Kapan?")
    slack.send_event(later)
    slack.wait_for(lambda: slack.answers("C1", later["ts"]))

    assert slack.in_thread("C1", asked["ts"]) == []


def test_answer_that_slack_will_not_update_is_posted_anew(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    engine.seconds_between_tokens = 0.06
    slack.fault("chat.update", Fault("streaming_state_conflict"))
    asked = slack.mention("C1", "Siapa?")

    slack.send_event(asked)
    slack.wait_for(lambda: slack.answers("C1", asked["ts"]))
    slack.wait_for(lambda: len(slack.in_thread("C1", asked["ts"])) == 1)
