"""What the bot says in its own words, in both languages."""

from __future__ import annotations

from rag.errors import (
    InputError,
    LanguageModelError,
    ModelOverloadedError,
    RagError,
    ServerError,
    StoreError,
)
from rag.types import Language, Support

_WORDS: dict[str, tuple[str, str]] = {
    "searching": ("mencari di artikel…", "is searching the articles…"),
    "searching_shown": ("_Mencari di artikel…_", "_Searching the articles…_"),
    "sources": ("Sumber", "Sources"),
    "partial": (
        "≈ hanya didukung sebagian oleh yang dikutip",
        "≈ only partly supported by what it cites",
    ),
    "unsupported": ("✗ tidak didukung oleh yang dikutip", "✗ not supported by what it cites"),
    "up": ("👍 Membantu", "👍 Helpful"),
    "down": ("👎 Kurang tepat", "👎 Not helpful"),
    "again": ("↻ Tanya lagi", "↻ Ask again"),
    "more": ("Tampilkan bagian lain", "Show more passages"),
    "thanks": ("Terima kasih, penilaian Anda dicatat.", "Thank you, your verdict is noted."),
    "no_thanks": (
        "Maaf, penilaian Anda tidak dapat disimpan.",
        "Sorry, your verdict could not be kept.",
    ),
    "no_passages": ("Tidak ada bagian lain yang ditemukan.", "No further passages were found."),
    "passages": ("Bagian artikel yang paling dekat:", "The passages that come nearest:"),
    "empty": (
        "Tulis pertanyaan Anda setelah menyebut saya, misalnya: siapa melakukan apa, dan kapan?",
        "Write your question after my name, for example: who did what, and when?",
    ),
    "queue_full": (
        "Maaf, terlalu banyak pertanyaan sedang menunggu; coba lagi beberapa menit lagi.",
        "Sorry, too many questions are waiting; please ask again in a few minutes.",
    ),
    "channel_not_allowed": (
        "Maaf, saya tidak diatur untuk menjawab di sini.",
        "Sorry, I have not been set up to answer here.",
    ),
    "user_not_allowed": (
        "Maaf, Anda belum diberi izin untuk bertanya kepada saya.",
        "Sorry, you have not been given leave to ask me.",
    ),
    "pane_title": ("Coba tanyakan", "Try asking"),
}

MARKS: dict[Support, str] = {"quoted": "✓", "supported": "✓", "partial": "≈", "unsupported": "✗"}


def say(name: str, language: Language) -> str:
    """Return one of the bot's sentences in a language."""
    return _WORDS[name][0 if language == "id" else 1]


def too_many_by_user(language: Language, seconds: float) -> str:
    """Return the polite refusal of a user's too many questions."""
    wait = max(1, round(seconds))
    if language == "id":
        return f"Terima kasih atas semua pertanyaan Anda. Silakan bertanya lagi {wait} detik lagi."
    return f"Thank you for all your questions. Please ask again in {wait} seconds."


def too_many_in_channel(language: Language, seconds: float) -> str:
    """Return the polite refusal of a channel's too many questions."""
    wait = max(1, round(seconds))
    if language == "id":
        return f"Kanal ini sedang banyak bertanya. Silakan coba lagi {wait} detik lagi."
    return f"This channel is asking a lot right now. Please try again in {wait} seconds."


def asked_by(user: str, text: str, language: Language) -> str:
    """Return the message that shows a command's question; `text` is marked up already."""
    return f"<@{user}> bertanya: {text}" if language == "id" else f"<@{user}> asks: {text}"


def failure(error: RagError | None, language: Language) -> str:
    """Return the one honest sentence for a question that could not be answered."""
    english = language == "en"
    match error:
        case InputError():
            return str(error)[:1].upper() + str(error)[1:] + "."
        case ModelOverloadedError():
            return (
                "Sorry, the language model is overloaded; please ask again in a moment."
                if english
                else "Maaf, model bahasa sedang kelebihan beban; silakan tanya lagi sebentar lagi."
            )
        case LanguageModelError():
            return (
                "Sorry, the language model did not answer; please ask again in a moment."
                if english
                else "Maaf, model bahasa tidak menjawab; silakan tanya lagi sebentar lagi."
            )
        case StoreError() | ServerError():
            return (
                "Sorry, the articles cannot be reached right now; please ask again later."
                if english
                else "Maaf, artikel-artikel sedang tidak dapat dibuka; silakan tanya lagi nanti."
            )
        case _:
            return (
                "Sorry, something went wrong and I have no answer; asking again may help."
                if english
                else "Maaf, terjadi kesalahan sehingga saya tidak punya jawaban; coba tanya lagi."
            )
