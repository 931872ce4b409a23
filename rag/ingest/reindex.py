"""An index made anew from its own record: no source file is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.ingest.chunk import chunk_document
from rag.ingest.run import Progress, mean_direction, passage_text_to_encode
from rag.text.clean import clean_text

if TYPE_CHECKING:
    from rag.models.encoder import Encoder
    from rag.store.protocol import Entry, PassageStore


def reindex_entries(
    store: PassageStore,
    encoder: Encoder,
    *,
    passage_words: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Entry]:
    """Yield every stored document as the present cleaning, chunking and encoder make it.

    What `PassageStore.replace_all` takes. A document of which cleaning now leaves nothing keeps
    its text.
    """
    listed = store.list_documents()
    for done, row in enumerate(listed, start=1):
        stored = store.document(row.id)
        document = replace(stored, text=clean_text(stored.text) or stored.text)
        passages = chunk_document(document, passage_words)
        vectors = encoder.encode_passages(
            [passage_text_to_encode(document, passage) for passage in passages]
        )
        yield document, passages, vectors, mean_direction(vectors)
        if on_progress is not None:
            on_progress(Progress(done, len(listed), document.id))
