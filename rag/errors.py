"""Every error that the program raises on purpose.

RagError
├── InputError                what was asked or given cannot be used (HTTP 400, exit status 2)
│   ├── InvalidQuestionError      empty, or too long
│   ├── InvalidDocumentError      a file or document that cannot be read (HTTP 422)
│   ├── DocumentNotFoundError     (HTTP 404)
│   └── ReadOnlyError             the server was started read-only (HTTP 403)
├── SettingsError             a RAG_* variable is unknown or has a bad value
├── StoreError                the index cannot be read or written (HTTP 503)
│   ├── IndexLockedError          another process holds it; says who
│   ├── IndexMismatchError        made by another encoder, chunking or cleaning
│   └── StorageFullError          no space left; nothing half-written stays visible (HTTP 507)
├── EncoderError              the encoder cannot be loaded or run
├── ReaderError               the reader cannot be loaded or run
├── LanguageModelError        the language model cannot be used now (HTTP 503)
│   ├── ModelUnreachableError     no server answers at the address (HTTP 503)
│   ├── ModelMissingError         the server does not have the model (HTTP 503)
│   ├── ModelOverloadedError      the model does not fit into memory, or too many ask (HTTP 503)
│   ├── ModelTimeoutError         the answer did not come, or stopped coming, in time (HTTP 504)
│   └── ModelReplyError           the reply was cut off, empty or garbled, or refused (HTTP 502)
└── ServerError               a running server that a command goes through did not answer

Adapters translate their vendor's exceptions into these; only the edges (command line, HTTP,
Slack) catch them. A message says what happened, to what, and what to do.
"""

from __future__ import annotations


class RagError(Exception):
    """Root of the tree; `code` is the stable name that the HTTP interface shows."""

    code = "error"
    http_status = 500
    exit_status = 1


class InputError(RagError):
    code = "invalid_input"
    http_status = 400
    exit_status = 2


class InvalidQuestionError(InputError):
    code = "invalid_question"


class InvalidDocumentError(InputError):
    code = "invalid_document"
    http_status = 422


class DocumentNotFoundError(InputError):
    code = "document_not_found"
    http_status = 404


class ReadOnlyError(InputError):
    code = "read_only"
    http_status = 403


class SettingsError(RagError):
    code = "invalid_settings"
    exit_status = 2


class StoreError(RagError):
    code = "index_unavailable"
    http_status = 503


class IndexLockedError(StoreError):
    """`address` is the base URL of the server that holds the index, if a server does."""

    code = "index_locked"

    def __init__(self, message: str, address: str | None = None) -> None:
        super().__init__(message)
        self.address = address


class IndexMismatchError(StoreError):
    code = "index_mismatch"


class StorageFullError(StoreError):
    code = "storage_full"
    http_status = 507


class EncoderError(RagError):
    code = "encoder_unavailable"
    http_status = 503


class ReaderError(RagError):
    code = "reader_unavailable"
    http_status = 503


class LanguageModelError(RagError):
    code = "language_model_unavailable"
    http_status = 503


class ModelUnreachableError(LanguageModelError):
    code = "language_model_unreachable"


class ModelMissingError(LanguageModelError):
    code = "language_model_missing"


class ModelOverloadedError(LanguageModelError):
    code = "language_model_overloaded"


class ModelTimeoutError(LanguageModelError):
    code = "language_model_timeout"
    http_status = 504


class ModelReplyError(LanguageModelError):
    code = "language_model_reply"
    http_status = 502


class ServerError(RagError):
    code = "server_unavailable"
    http_status = 502
