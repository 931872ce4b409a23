"""Whether passages are worth asking a language model about.

A model that is shown passages which cannot hold the answer may still write one. So a question
whose names no article mentions, or of which the passages hardly speak, is refused before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.evidence import TermSet, idea_weights, names_of
from rag.answer.question import understand_question
from rag.text.lexicon import Lexicon
from rag.text.query import Idea
from rag.types import Document, Hit, Language

LEAST_SHARE = 0.35
"""Share of a question's weight that the best passage and its title must speak of. Of the questions
on the demonstration articles none that they answer falls below it."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """Tells whether hits may hold the answer; lenient, since the answer itself is checked."""

    lexicon: Lexicon

    def __call__(self, question: str, language: Language, hits: Sequence[Hit]) -> bool:
        """Return whether a language model should be asked."""
        asked = understand_question(question, language, self.lexicon)
        if not hits or not asked.ideas:
            return bool(hits)
        passages = [
            TermSet.of(f"{hit.document.title}\n{hit.passage.text}", hit.passage.language)
            for hit in hits
        ]
        weights = idea_weights(asked, passages)
        best = max(
            sum(w for idea, w in zip(asked.ideas, weights, strict=True) if terms.holds(idea))
            for terms in passages
        )
        if best < LEAST_SHARE * sum(weights):
            return False
        documents = list({hit.document.id: hit.document for hit in hits}.values())
        names = names_of(asked.ideas)
        return all(_is_mentioned(name, passages, documents) for name in names)


def _is_mentioned(
    name: Sequence[Idea], passages: Sequence[TermSet], documents: Sequence[Document]
) -> bool:
    """Tell whether a word of a name occurs: people are called by one of their names."""
    if any(terms.holds(idea) for terms in passages for idea in name):
        return True
    return any(
        TermSet.of(document.text, document.language).holds(idea)
        for document in documents
        for idea in name
    )
