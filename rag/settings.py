"""Every setting of the program, read from RAG_* variables and `.env`; nothing else reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

PREFIX = "RAG_"


class Settings(BaseSettings):
    """Frozen settings; each field is the variable RAG_<FIELD> in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="forbid",
    )

    index_dir: Path = Field(Path("index"), description="folder of the index")
    chroma_url: str | None = Field(
        None, description="a `chroma run` server to keep the index in, for several processes"
    )
    encoder: str = Field(
        "bundled",
        description="`bundled`, `minilm`, or the name or folder of a sentence-transformers model",
    )
    reader: Literal["bundled", "none"] = Field("bundled", description="the bundled reader, or none")
    passage_words: int = Field(120, ge=20, le=1000, description="words that a passage aims at")
    retrieve_candidates: int = Field(
        50, ge=5, le=500, description="passages taken from each side of the search before fusion"
    )
    read_passages: int = Field(
        4, ge=1, le=100, description="passages that the reader re-ranks and reads for one question"
    )
    answer_passages: int = Field(
        6, ge=1, le=50, description="passages that an answer may rest on and shows"
    )
    word_weight_id_id: float = Field(
        0.5, ge=0, le=1, description="share of words in the score: Indonesian question and passage"
    )
    word_weight_id_en: float = Field(
        0.4, ge=0, le=1, description="the same for an Indonesian question on an English passage"
    )
    word_weight_en_id: float = Field(
        0.3, ge=0, le=1, description="the same for an English question on an Indonesian passage"
    )
    word_weight_en_en: float = Field(
        0.45, ge=0, le=1, description="the same for an English question and passage"
    )
    answerer: Literal["auto", "reader", "ollama", "openai"] = Field(
        "auto",
        description="who answers: `auto` lets a language model write while one can be reached and "
        "quotes otherwise; `reader` only quotes; `ollama` and `openai` insist on that server",
    )
    ollama_host: str = Field(
        "http://127.0.0.1:11434", description="address of the Ollama server that writes answers"
    )
    ollama_model: str = Field(
        "qwen3.5:4b", min_length=1, description="its model; `ollama pull` fetches it"
    )
    ollama_keep_alive_minutes: int = Field(
        30, ge=0, description="how long Ollama keeps the model in memory after an answer"
    )
    openai_base_url: str | None = Field(
        None,
        description="an OpenAI-compatible server, such as http://127.0.0.1:8080/v1; if set, "
        "`auto` uses it instead of Ollama",
    )
    openai_api_key: SecretStr | None = Field(None, description="its key, if it wants one")
    openai_model: str | None = Field(None, description="its model")
    llm_context_tokens: int = Field(
        8192, ge=2048, description="tokens of prompt and answer that the model is given room for"
    )
    llm_answer_tokens: int = Field(
        700, ge=50, le=8192, description="tokens that an answer may have of these"
    )
    llm_connect_seconds: float = Field(
        3.0, gt=0, description="how long to wait for the model's server to take a connection"
    )
    llm_first_token_seconds: float = Field(
        120.0, gt=0, description="the same for the first word; loading a model counts"
    )
    llm_between_tokens_seconds: float = Field(
        30.0, gt=0, description="the same for each further word"
    )
    llm_total_seconds: float = Field(300.0, gt=0, description="the same for a whole answer")
    llm_rewrite_seconds: float = Field(
        10.0, gt=0, description="the same for making a follow-up a question of its own"
    )
    llm_probe_seconds: float = Field(
        15.0, gt=0, description="how often `auto` looks whether the server is there"
    )
    unsupported: Literal["flag", "drop"] = Field(
        "flag", description="what happens to a written sentence that no passage supports"
    )
    max_question_characters: int = Field(2000, ge=50, description="longer questions are refused")
    max_upload_megabytes: int = Field(20, ge=1, description="larger uploads are refused")
    read_only: bool = Field(False, description="refuse changes to the index over HTTP")
    host: str = Field("127.0.0.1", description="address that `rag serve` binds")
    port: int = Field(8000, ge=0, le=65535, description="port that `rag serve` binds")
    public_url: str | None = Field(
        None, description="where people reach the page; links in Slack lead there"
    )
    slack_bot_token: SecretStr | None = Field(
        None, description="the Slack bot's token (xoxb-...); docs/slack.md says where it is"
    )
    slack_app_token: SecretStr | None = Field(
        None, description="the Slack app's token (xapp-...), for Socket Mode"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="the Slack app's signing secret, for HTTP events at /slack/events"
    )
    slack_channels: str = Field(
        "",
        description="ids of the channels where the bot answers, with commas between, and `dm` for "
        "direct messages; empty is everywhere",
    )
    slack_users: str = Field(
        "", description="ids of the people whom the bot answers; empty is everyone"
    )
    slack_user_questions_per_minute: int = Field(
        10, ge=0, description="questions that one person may ask in a minute; 0 is any number"
    )
    slack_channel_questions_per_minute: int = Field(
        60, ge=0, description="the same for one channel"
    )
    slack_queue_questions: int = Field(
        500, ge=1, description="questions that may wait for an answer in Slack; more are refused"
    )
    slack_answers_at_once: int = Field(
        4, ge=1, le=64, description="questions of Slack that are answered at the same time"
    )
    slack_history_messages: int = Field(
        20, ge=0, le=200, description="earlier messages of a thread that a follow-up may refer to"
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="address of Slack's Web API; GovSlack has another"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="how much is logged on stderr"
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment. Raises SettingsError naming each unknown or bad variable."""
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(
            name for name in os.environ if name.upper().startswith(PREFIX) and name not in known
        )
        if unknown:
            raise SettingsError(
                f"unknown setting {', '.join(unknown)}; .env.example lists all settings"
            )
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(
                f"{PREFIX}{str(item['loc'][0]).upper().removeprefix(PREFIX)}: {item['msg']}"
                for item in error.errors()
                if item["loc"]
            )
            raise SettingsError(f"bad settings: {problems or error}") from error
