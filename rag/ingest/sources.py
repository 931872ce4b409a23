"""Documents read from files, folders and uploads: .txt, .md, and .jsonl with one JSON a line.

Whatever cannot be read becomes a Failure with its reason and stops nothing else.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from rag.errors import InvalidDocumentError
from rag.ingest.markdown import plain_text
from rag.types import Failure, RawDocument

SUPPORTED_SUFFIXES = (".txt", ".md", ".jsonl")
UPLOAD_ORIGIN = "upload"
MAX_ID_CHARACTERS = 200

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SUPPORTED = "a .txt, .md or .jsonl file"


class _Sources:
    """An iterator that knows about how many documents it will yield, for progress bars."""

    def __init__(self, results: Iterator[RawDocument | Failure], expected: int) -> None:
        self._results = results
        self._left = expected

    def __iter__(self) -> Iterator[RawDocument | Failure]:
        return self

    def __next__(self) -> RawDocument | Failure:
        result = next(self._results)
        self._left -= 1
        return result

    def __length_hint__(self) -> int:
        return max(self._left, 0)


def read_sources(paths: Sequence[Path]) -> Iterator[RawDocument | Failure]:
    """Yield the documents under the paths, in order; folders are read recursively, sorted.

    Hidden files and files of other kinds are passed over in folders; a file of another kind
    that is named itself is a Failure, as is every document that cannot be read. Raises
    InvalidDocumentError, at once, if there is no file to read and nothing to report.
    """
    found: list[tuple[Path, str] | Failure] = []
    for path in paths:
        found.extend(_find_files(path))
    if not found:
        folders = ", ".join(map(str, paths)) or "no path"
        raise InvalidDocumentError(f"no .txt, .md or .jsonl files under {folders}")
    expected = sum(1 if isinstance(item, Failure) else _count_documents(item[0]) for item in found)
    return _Sources(_read_all(found), expected)


def read_upload(name: str, content: bytes) -> list[RawDocument | Failure]:
    """Return the documents of an uploaded file; its name without folders and ending is the id."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    suffix = _suffix(base)
    if suffix not in SUPPORTED_SUFFIXES:
        return [Failure(name, f"not {_SUPPORTED}")]
    if suffix == ".jsonl":
        return list(_read_json_lines(_split_lines(content), name, UPLOAD_ORIGIN))
    document_id = _id_from_name(base[: -len(suffix)])
    return [_read_text(content, name, UPLOAD_ORIGIN, document_id, suffix)]


def raw_document_from_json(record: Mapping[str, object], *, name: str, origin: str) -> RawDocument:
    """Return the document that a JSON object describes; `name` is how errors speak of it.

    Fields: id and text, and optionally title, url, published (ISO 8601) and source; others are
    ignored. Raises InvalidDocumentError.
    """
    given_id = record.get("id")
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        given_id = str(given_id)
    if not isinstance(given_id, str):
        raise InvalidDocumentError(f'{name}: "id" is missing or not a string')
    document_id = unicodedata.normalize("NFC", given_id.strip())
    if problem := _id_problem(document_id):
        raise InvalidDocumentError(f'{name}: "id" {problem}')
    text = _string_field(record, "text", name)
    if text is None or not text.strip():
        raise InvalidDocumentError(f'{name}: "text" is missing or empty')
    url = _string_field(record, "url", name)
    if url is not None and not url.startswith(("https://", "http://")):
        raise InvalidDocumentError(f'{name}: "url" must begin with http:// or https://')
    return RawDocument(
        id=document_id,
        text=text,
        content_hash=_hash_json(record, name),
        origin=origin,
        title=_string_field(record, "title", name),
        url=url,
        published=_date_field(record, name),
        source=_string_field(record, "source", name),
    )


def _find_files(path: Path) -> list[tuple[Path, str] | Failure]:
    """Return (file, document id) of each file at or under the path."""
    if path.is_dir():
        return list(_find_in_folder(path))
    if not path.exists():
        return [Failure(str(path), "there is no such file or folder")]
    if not path.is_file():
        return [Failure(str(path), "neither a file nor a folder")]
    suffix = _suffix(path.name)
    if suffix not in SUPPORTED_SUFFIXES:
        return [Failure(str(path), f"not {_SUPPORTED}")]
    return [(path, _id_from_name(path.name[: -len(suffix)]))]


def _find_in_folder(folder: Path) -> Iterator[tuple[Path, str] | Failure]:
    unreadable: list[Failure] = []

    def note(error: OSError) -> None:
        unreadable.append(Failure(str(error.filename or folder), _os_reason(error)))

    # os.walk and not Path.rglob: it leaves hidden folders out before it walks them, and it
    # tells of folders that may not be listed.
    for root, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file_name in sorted(files):
            suffix = _suffix(file_name)
            path = Path(root, file_name)
            if file_name.startswith(".") or suffix not in SUPPORTED_SUFFIXES or path.is_fifo():
                continue
            relative = path.relative_to(folder).as_posix()
            yield path, _id_from_name(relative[: -len(suffix)])
    yield from unreadable


def _suffix(file_name: str) -> str:
    return Path(file_name).suffix.lower()


def _count_documents(path: Path) -> int:
    """Return how many documents the file will give at most: a guess is enough."""
    if _suffix(path.name) != ".jsonl":
        return 1
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1
    except OSError:
        return 1


def _read_all(found: Iterable[tuple[Path, str] | Failure]) -> Iterator[RawDocument | Failure]:
    for item in found:
        if isinstance(item, Failure):
            yield item
            continue
        path, document_id = item
        # Not resolved: a link that is pointed elsewhere is still the same source.
        origin = os.path.abspath(path)  # noqa: PTH100 (Path.absolute keeps "..")
        try:
            if _suffix(path.name) == ".jsonl":
                with path.open("rb") as file:
                    lines = _split_lines(file.read()) if _is_utf16(path) else file
                    yield from _read_json_lines(lines, str(path), origin)
            else:
                yield _read_text(
                    path.read_bytes(), str(path), origin, document_id, _suffix(path.name)
                )
        except OSError as error:
            yield Failure(str(path), _os_reason(error))


def _os_reason(error: OSError) -> str:
    return f"cannot be read: {error.strerror or type(error).__name__}"


def _is_utf16(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in _UTF16_MARKS


def _split_lines(content: bytes) -> list[bytes]:
    """Return the lines of an upload or of a UTF-16 file, the latter as UTF-8."""
    if content.startswith(_UTF16_MARKS):
        content = content.decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    return content.split(b"\n")


def _read_text(
    content: bytes, name: str, origin: str, document_id: str, suffix: str
) -> RawDocument | Failure:
    try:
        text = _decode(content)
    except InvalidDocumentError as error:
        return Failure(name, str(error))
    if not text.strip():
        return Failure(name, "the file is empty")
    if problem := _id_problem(document_id):
        return Failure(name, f"its name cannot be a document id: it {problem}")
    title = None
    if suffix == ".md":
        title, text = plain_text(text)
    return RawDocument(document_id, text, hashlib.sha256(content).hexdigest(), origin, title=title)


def _decode(content: bytes) -> str:
    """Return the text of UTF-8 bytes, or of UTF-16 bytes that begin with a byte order mark."""
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in content:
            raise InvalidDocumentError("a binary file, not text") from error
        raise InvalidDocumentError(
            f"not UTF-8 text (byte 0x{content[error.start]:02x} at offset {error.start}); "
            "save it as UTF-8 and try again"
        ) from error
    if "\0" in text:
        raise InvalidDocumentError("a binary file, not text")
    return text


def _read_json_lines(
    lines: Iterable[bytes], name: str, origin: str
) -> Iterator[RawDocument | Failure]:
    empty = True
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.strip() == codecs.BOM_UTF8:
            continue
        empty = False
        place = f"{name}:{number}"
        try:
            yield raw_document_from_json(_parse_object(line), name=place, origin=origin)
        except InvalidDocumentError as error:
            yield Failure(place, str(error).removeprefix(f"{place}: "))
    if empty:
        yield Failure(name, "the file is empty")


def _parse_object(line: bytes) -> dict[str, object]:
    try:
        record = json.loads(_decode(line))
    except json.JSONDecodeError as error:
        raise InvalidDocumentError(f"broken JSON: {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise InvalidDocumentError("broken JSON: nested too deeply or a number too long") from error
    if not isinstance(record, dict):
        raise InvalidDocumentError("not a JSON object with an id and a text")
    return record


def _hash_json(record: Mapping[str, object], name: str) -> str:
    """Return the SHA-256 of the record in canonical form: neither key order nor spaces count."""
    try:
        canonical = json.dumps(
            dict(record), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        return hashlib.sha256(canonical.encode()).hexdigest()
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError) as error:
        raise InvalidDocumentError(f"{name}: holds characters that are no text") from error


def _string_field(record: Mapping[str, object], field: str, name: str) -> str | None:
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidDocumentError(f'{name}: "{field}" is not a string')
    if field == "text" or value is None:
        return value
    return " ".join(value.split()) or None


def _date_field(record: Mapping[str, object], name: str) -> date | None:
    value = _string_field(record, "published", name)
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError as error:
        raise InvalidDocumentError(
            f'{name}: "published" is not a date such as 2024-01-19'
        ) from error


def _id_from_name(name: str) -> str:
    """Return a file name as a document id; what an id may not hold becomes a hyphen."""
    name = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() and c not in "@#" else "-" for c in name).strip()


def _id_problem(document_id: str) -> str | None:
    if not 1 <= len(document_id) <= MAX_ID_CHARACTERS:
        return f"has {len(document_id)} characters, not 1 to {MAX_ID_CHARACTERS}"
    if not document_id.isprintable() or "@" in document_id or "#" in document_id:
        return "holds @, # or a control character"
    return None
