"""Speaking with Chroma: clients, collections, and what goes into and out of one of them.

Only this module imports chromadb, and only when a client is made, because that takes half a
second.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import numpy as np

from rag.errors import StoreError
from rag.store.protocol import Entry, FloatArray, IndexFingerprint
from rag.store.rows import Metadata, date_bounds, document_metadata, passage_metadata
from rag.types import Filters

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb import Where as ChromaWhere
    from chromadb.api import ClientAPI
    from chromadb.base_types import LiteralValue, LogicalOperator, WhereOperator

    Client: TypeAlias = ClientAPI
    Collection: TypeAlias = ChromaCollection
    Where: TypeAlias = ChromaWhere

FORMAT = 1
IDS_PER_CALL = 2000  # SQLite binds one variable an id and allows 32,766


def client_of_files(folder: Path) -> Client:
    """Return a client of the Chroma files in a folder, made if there are none."""
    from chromadb import PersistentClient
    from chromadb.config import Settings

    return PersistentClient(folder, Settings(anonymized_telemetry=False))


def client_of_server(url: str) -> Client:
    """Return a client of a `chroma run` server."""
    from chromadb import HttpClient
    from chromadb.config import Settings

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False),
    )


def close_client(client: Client) -> None:
    """Release a client's files and connections."""
    from chromadb.api.client import Client as LocalClient

    owners = (client, getattr(client, "_admin_client", None))
    sessions = [getattr(getattr(owner, "_server", None), "_session", None) for owner in owners]
    if isinstance(client, LocalClient):
        client.close()
    for session in sessions:  # Chroma 1.5 leaves the connections of its HTTP clients open
        if callable(hang_up := getattr(session, "close", None)):
            hang_up()


def make_collection(client: Client, name: str, metadata: Metadata) -> Collection:
    """Return the collection of that name, made if there is none, compared by cosine."""
    from chromadb.api.collection_configuration import (
        CreateCollectionConfiguration,
        CreateHNSWConfiguration,
    )

    # Measured on 100,000 vectors of 384: 0.99 of the true 50 nearest, in 2 ms.
    shape = CreateHNSWConfiguration(
        space="cosine", ef_construction=128, ef_search=200, max_neighbors=24
    )
    return client.create_collection(
        name,
        metadata={"format": FORMAT} | metadata,
        configuration=CreateCollectionConfiguration(hnsw=shape),
        embedding_function=None,
        get_or_create=True,
    )


def write_entries(
    texts: Collection, rows: Collection, entries: Sequence[Entry], batch: int
) -> None:
    """Write all passages and then all rows; each row commits its document by itself."""
    passages = [passage for _, part, *_ in entries for passage in part]
    if passages:
        vectors = np.concatenate([part for _, some, part, _ in entries if some])
    for start in range(0, len(passages), batch):
        piece = passages[start : start + batch]
        texts.upsert(
            ids=[passage.id for passage in piece],
            embeddings=vectors[start : start + batch],
            documents=[passage.text for passage in piece],
            metadatas=[passage_metadata(passage) for passage in piece],
        )
    for start in range(0, len(entries), batch):
        chosen = entries[start : start + batch]
        rows.upsert(
            ids=[document.id for document, *_ in chosen],
            embeddings=np.stack([vector for *_, vector in chosen]),
            documents=[document.text for document, *_ in chosen],
            metadatas=[document_metadata(document, len(part)) for document, part, *_ in chosen],
        )


def remove_unused_files(folder: Path) -> None:
    """Delete the vector files of collections that are gone, which Chroma 1.5 leaves behind."""
    with closing(
        sqlite3.connect(f"{(folder / 'chroma.sqlite3').as_uri()}?mode=ro", uri=True)
    ) as db:
        used = {str(id_) for (id_,) in db.execute("SELECT id FROM segments")}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in used and _is_uuid(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _is_uuid(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def groups(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Yield the entries in lists of `size`, the last one shorter."""
    rest = iter(entries)
    while group := list(islice(rest, size)):
        yield group


def where_clause(filters: Filters) -> Where | None:
    """Return Chroma's condition for source and dates; it wants none, one, or two under $and."""
    clauses: list[Where] = []
    bounds = date_bounds(filters)
    if bounds is not None:
        earliest: dict[WhereOperator | LogicalOperator, LiteralValue] = {"$gte": bounds[0]}
        latest: dict[WhereOperator | LogicalOperator, LiteralValue] = {"$lte": bounds[1]}
        clauses += [{"published": earliest}, {"published": latest}]
    if filters.source is not None:
        clauses.append({"source": filters.source})
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else None


def read_vectors(collection: Collection, ids: Sequence[str]) -> dict[str, FloatArray]:
    """Return the vectors of those of the ids that exist, in the order of `ids`."""
    found: dict[str, FloatArray] = {}
    for piece in pieces(ids, IDS_PER_CALL):
        part = collection.get(ids=piece, include=["embeddings"])
        matrix = np.asarray(part["embeddings"], dtype=np.float32)
        found |= dict(zip(part["ids"], matrix, strict=True))
    return {id_: found[id_] for id_ in ids if id_ in found}


def described(fingerprint: IndexFingerprint) -> Metadata:
    """Return the metadata that `fingerprint_of` reads back."""
    return {
        "encoder": fingerprint.encoder,
        "dimensions": fingerprint.dimensions,
        "chunking": fingerprint.chunking,
        "cleaning": fingerprint.cleaning,
    }


def fingerprint_of(metadata: Mapping[str, object]) -> IndexFingerprint:
    """Return what made a collection. Raises StoreError where that is not recorded."""
    if metadata.get("format") != FORMAT:
        raise StoreError(
            f"the index has format {metadata.get('format')}, this program reads format {FORMAT}; "
            "move its folder away and ingest the articles again"
        )
    return IndexFingerprint(
        encoder=str(metadata.get("encoder")),
        dimensions=int(str(metadata.get("dimensions"))),
        chunking=str(metadata.get("chunking")),
        cleaning=str(metadata.get("cleaning")),
    )


def unique(ids: Sequence[str]) -> list[str]:
    """Return the ids without repetitions, in their first order."""
    return list(dict.fromkeys(ids))


def pieces(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in lists of `size`, the last one shorter."""
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
