"""Every setting of the program, read from RAG_* variables and `.env`; nothing else reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

PREFIX = "RAG_"


class Settings(BaseSettings):
    """Frozen settings; each field is the variable RAG_<FIELD> in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", frozen=True, extra="forbid"
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
        8, ge=1, le=100, description="passages that the reader re-ranks and reads for one question"
    )
    answer_passages: int = Field(
        6, ge=1, le=50, description="passages that an answer may rest on and shows"
    )
    word_weight_id_id: float = Field(
        0.3, ge=0, le=1, description="share of words in the score: Indonesian question and passage"
    )
    word_weight_id_en: float = Field(
        0.3, ge=0, le=1, description="the same for an Indonesian question on an English passage"
    )
    word_weight_en_id: float = Field(
        0.3, ge=0, le=1, description="the same for an English question on an Indonesian passage"
    )
    word_weight_en_en: float = Field(
        0.3, ge=0, le=1, description="the same for an English question and passage"
    )
    max_question_characters: int = Field(2000, ge=50, description="longer questions are refused")
    max_upload_megabytes: int = Field(20, ge=1, description="larger uploads are refused")
    read_only: bool = Field(False, description="refuse changes to the index over HTTP")
    host: str = Field("127.0.0.1", description="address that `rag serve` binds")
    port: int = Field(8000, ge=0, le=65535, description="port that `rag serve` binds")
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
