"""What an answer warns of when a language model writes it, or should have."""

from __future__ import annotations

from rag.types import Language


def passages_dropped(count: int, language: Language) -> str:
    """Return the warning that some passages did not fit into the model's context."""
    if language == "en":
        noun = "passage" if count == 1 else "passages"
        return (
            f"{count} {noun} did not fit into the model's context and were left out; "
            "a larger RAG_LLM_CONTEXT_TOKENS makes room."
        )
    return (
        f"{count} kutipan tidak muat dalam konteks model dan tidak dipakai; "
        "RAG_LLM_CONTEXT_TOKENS yang lebih besar memberi ruang."
    )


def quoted_instead(model: str, language: Language) -> str:
    """Return the warning that quotes stand in for what a model should have written."""
    if language == "en":
        return f"The language model {model} cannot be used right now; this answer only quotes."
    return f"Model bahasa {model} sedang tidak dapat dipakai; jawaban ini hanya mengutip."
