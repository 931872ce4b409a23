"""Citations: numbered in order of first use, each the exact words of a document."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.answerer import Draft
from rag.types import Citation, Document, Sentence, Support


class CitationList:
    """Numbers quotes as an answer first uses them; the same words get the same number."""

    def __init__(self) -> None:
        self._citations: dict[tuple[str, int, int], Citation] = {}

    def cite(
        self,
        document: Document,
        start: int,
        end: int,
        highlights: Sequence[tuple[int, int]] = (),
    ) -> int:
        """Return the number of the citation of `document.text[start:end]`."""
        key = (document.id, start, end)
        found = self._citations.get(key)
        if found is not None:
            return found.number
        self._citations[key] = Citation(
            number=len(self._citations) + 1,
            document_id=document.id,
            title=document.title,
            source=document.source,
            url=document.url,
            published=document.published,
            quote=document.text[start:end],
            start=start,
            end=end,
            highlights=tuple(sorted(highlights)),
        )
        return len(self._citations)

    def all(self) -> tuple[Citation, ...]:
        """Return the citations by number, from 1."""
        return tuple(self._citations.values())


def markers(numbers: Sequence[int]) -> str:
    """Return the marks of citations as they stand in a text: "[1][3]"."""
    return "".join(f"[{number}]" for number in numbers)


def with_markers(sentence: Sentence) -> str:
    """Return a sentence followed by its marks."""
    return f"{sentence.text} {markers(sentence.citations)}".rstrip()


def draft_of_quotes(sentences: Sequence[tuple[str, Sequence[int]]], cited: CitationList) -> Draft:
    """Return the draft of sentences that quote verbatim, one a line."""
    support: Support = "quoted"
    made = tuple(Sentence(text, tuple(numbers), support) for text, numbers in sentences)
    return Draft("\n".join(with_markers(s) for s in made), made, cited.all())
