"""Buttons below answers, who may ask how much, and what the doctor says."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from conftest import StartBot
from slack_samples import EngineStandIn, RunningBot, settings_for
from stand_ins.slack_server import APP_TOKEN, BOT_TOKEN, Slack

from rag.errors import SettingsError
from rag.serve.feedback import FILE as FEEDBACK_FILE
from rag.serve.slack.hosting import slack_problems
from rag.serve.slack.port import SlackError
from rag.serve.slack.state import FILE as STATE_FILE


def answered(slack: Slack, channel: str = "C1", question: str = "Siapa?") -> dict[str, object]:
    asked = slack.mention(channel, question)
    slack.send_event(asked)
    (answer,) = slack.wait_for(lambda: slack.answers(channel, asked["ts"]))
    return dict(answer)


def test_feedback_is_stored_with_the_pages_and_thanked_for(slack: Slack, bot: RunningBot) -> None:
    answer = answered(slack)

    slack.acknowledged(slack.send("interactive", slack.press("C1", answer, "feedback_down", "U3")))
    (thanks,) = slack.wait_for(lambda: slack.ephemeral)

    (line,) = (bot.settings.index_dir / FEEDBACK_FILE).read_text().splitlines()
    kept = json.loads(line)
    assert kept["verdict"] == "down"
    assert kept["document_ids"] == ["berita/satu dua"]
    assert kept["answer_id"] == f"slack:C1:{answer['ts']}:U3"
    assert (thanks["user"], thanks["text"]) == ("U3", "Terima kasih, penilaian Anda dicatat.")


def test_show_more_shows_passages_to_the_one_who_pressed(slack: Slack, bot: RunningBot) -> None:
    answer = answered(slack)

    slack.send("interactive", slack.press("C1", answer, "show_more", "U3"))
    (shown,) = slack.wait_for(lambda: slack.ephemeral)

    assert shown["user"] == "U3"
    assert shown["thread_ts"] == answer["thread_ts"]
    assert "Ia pulang pada Senin." in json.dumps(shown["blocks"], ensure_ascii=False)


def test_ask_again_answers_into_the_same_message(
    slack: Slack, bot: RunningBot, engine: EngineStandIn
) -> None:
    answer = answered(slack)
    engine.quote = "Kabar baru tentang itu."

    slack.send("interactive", slack.press("C1", answer, "ask_again"))
    slack.wait_for(
        lambda: any("Kabar baru" in m["text"] for m in slack.answers("C1", answer["thread_ts"]))
    )

    assert engine.questions == ["Siapa?", "Siapa?"]
    assert [m["ts"] for m in slack.in_thread("C1", answer["thread_ts"])] == [answer["ts"]]


def test_user_over_the_limit_is_told_politely_and_only_they(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_user_questions_per_minute=2)
    asked = [slack.mention("C1", f"Siapa {n}?", "U1") for n in range(3)]
    asked.append(slack.mention("C1", "Siapa lain?", "U2"))
    for event in asked:
        slack.acknowledged(slack.send_event(event))
        slack.acknowledged(slack.send_event(event | {"type": "message"}))

    (told,) = slack.wait_for(lambda: slack.ephemeral)
    slack.wait_for(lambda: slack.answers("C1", asked[3]["ts"]))
    assert told["user"] == "U1"
    assert "Silakan bertanya lagi" in told["text"]
    assert sorted(engine.questions) == ["Siapa 0?", "Siapa 1?", "Siapa lain?"]


def test_channel_over_the_limit_is_told_politely(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_channel_questions_per_minute=1)
    first, second = slack.mention("C1", "Siapa?", "U1"), slack.mention("C1", "Kapan?", "U2")
    slack.acknowledged(slack.send_event(first))
    slack.acknowledged(slack.send_event(second))

    (told,) = slack.wait_for(lambda: slack.ephemeral)
    assert (told["user"], "Kanal ini" in told["text"]) == ("U2", True)


def test_command_over_the_limit_is_told_in_its_acknowledgement(
    slack: Slack, start_bot: StartBot
) -> None:
    start_bot(slack_user_questions_per_minute=1)
    slack.acknowledged(slack.send("slash_commands", slack.command("C1", "Siapa?")))

    told = slack.acknowledged(slack.send("slash_commands", slack.command("C1", "Kapan?")))

    assert "Silakan bertanya lagi" in told["text"]


def test_full_queue_is_told_politely_and_forgotten(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_answers_at_once=1, slack_queue_questions=1)
    engine.gate.clear()
    first = slack.mention("C1", "Siapa 1?", "U1")
    slack.acknowledged(slack.send_event(first))
    slack.wait_for(lambda: engine.questions)
    second, third = slack.mention("C1", "Siapa 2?", "U2"), slack.mention("C1", "Siapa 3?", "U3")
    slack.acknowledged(slack.send_event(second))
    slack.acknowledged(slack.send_event(third))
    (told,) = slack.wait_for(lambda: slack.ephemeral)
    engine.gate.set()
    slack.wait_for(lambda: slack.answers("C1", second["ts"]))

    assert (told["user"], "terlalu banyak" in told["text"]) == ("U3", True)
    assert engine.questions == ["Siapa 1?", "Siapa 2?"]


def test_allow_lists_keep_channels_direct_messages_and_people_out(
    slack: Slack, start_bot: StartBot, engine: EngineStandIn
) -> None:
    start_bot(slack_channels="C1, C2", slack_users="U1 U2")
    refused = [slack.mention("C3", "Siapa?", "U1"), slack.mention("C1", "Siapa?", "U9")]
    direct = slack.say("D1", "Siapa?", "U2")
    allowed = slack.mention("C2", "Kapan?", "U2")
    for event in (*refused, direct, allowed):
        slack.acknowledged(slack.send_event(event))
    slack.wait_for(lambda: slack.answers("C2", allowed["ts"]))
    slack.wait_for(lambda: len(slack.ephemeral) == 2 and slack.in_thread("D1", direct["ts"]))

    assert engine.questions == ["Kapan?"]
    assert {told["user"] for told in slack.ephemeral} == {"U1", "U9"}


def test_direct_messages_pass_where_the_list_says_dm(slack: Slack, start_bot: StartBot) -> None:
    start_bot(slack_channels="C1,dm")
    asked = slack.say("D1", "Siapa?")

    slack.send_event(asked)

    slack.wait_for(lambda: slack.answers("D1", asked["ts"]))


def test_nothing_that_people_write_is_stored_or_logged(
    slack: Slack, bot: RunningBot, engine: EngineStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = answered(slack, question="Rahasiaku?")
    engine.error = ValueError("Rahasiaku")
    answered(slack, "C2", "Rahasiaku?")
    slack.send("interactive", slack.press("C1", answer, "show_more"))
    slack.wait_for(lambda: slack.ephemeral)
    bot.stop()

    kept = b"".join(file.read_bytes() for file in bot.settings.index_dir.glob(f"{STATE_FILE}*"))
    assert kept
    assert b"Rahasiaku" not in kept
    assert b"duta besar" not in kept
    assert "Rahasiaku" not in caplog.text
    assert "duta besar" not in caplog.text
    assert BOT_TOKEN not in caplog.text


def test_doctor_is_content_with_tokens_and_scopes(slack: Slack, tmp_path: Path) -> None:
    assert slack_problems(settings_for(slack, tmp_path)) == []
    assert slack_problems(settings_for(slack, tmp_path, slack_bot_token=None)) == []


def test_doctor_names_missing_scopes_and_refused_tokens(slack: Slack, tmp_path: Path) -> None:
    slack.scopes = "chat:write,commands"
    scopes = slack_problems(settings_for(slack, tmp_path))
    swapped = slack_problems(
        settings_for(slack, tmp_path, slack_bot_token=APP_TOKEN, slack_app_token=BOT_TOKEN)
    )
    no_way_in = slack_problems(
        settings_for(slack, tmp_path, slack_app_token=None, slack_signing_secret=None)
    )

    assert "app_mentions:read, assistant:write, channels:history" in scopes[0]
    assert "RAG_SLACK_BOT_TOKEN: Slack refused auth.test: not_allowed_token_type" in swapped[0]
    assert "RAG_SLACK_APP_TOKEN" in swapped[1]
    assert "RAG_SLACK_APP_TOKEN or RAG_SLACK_SIGNING_SECRET" in no_way_in[-1]


def test_refused_token_ends_the_start_with_slacks_reason(
    slack: Slack, engine: EngineStandIn, tmp_path: Path
) -> None:
    bot = RunningBot(slack, engine, settings_for(slack, tmp_path, slack_bot_token="xoxb-wrong"))

    with pytest.raises(SlackError, match="invalid_auth"):
        bot.start()


def test_second_process_over_the_same_index_is_refused(slack: Slack, bot: RunningBot) -> None:
    with pytest.raises(SettingsError, match="another process runs the Slack bot"):
        RunningBot(slack, bot.engine, bot.settings).start()
