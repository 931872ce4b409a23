"""A bundled model on onnxruntime: tokens in, arrays out; the only module that knows onnxruntime.

A model folder holds `model.onnx`, `tokenizer.json` and `config.json`. Everything is loaded at the
first use, once for an object, and may then be used from several threads: the tokenizer is never
changed after loading (padding and cutting are done here), and a session may run concurrently.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import numpy.typing as npt

from rag.errors import RagError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
MOST_THREADS = 4
"""More threads than this slow such small models down."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One tokenised text: ids, and the (start, end) characters of each."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class OnnxModel:
    """Loads a folder lazily; raises `error` with what to do when that fails."""

    def __init__(self, folder: Path, error: type[RagError]) -> None:
        self.folder = folder
        self._error = error
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None
        self._digest: str | None = None

    @property
    def digest(self) -> str:
        """Eight hex digits that change when the weights or the tokenizer do."""
        if self._digest is None:
            digest = hashlib.sha256()
            for name in ("model.onnx", "tokenizer.json"):
                digest.update(self._file(name).read_bytes())
            self._digest = digest.hexdigest()[:8]
        return self._digest

    def setting(self, name: str) -> float:
        """Return a number of config.json."""
        try:
            values: dict[str, float] = json.loads(self._file("config.json").read_text("utf-8"))
            return values[name]
        except (ValueError, KeyError) as cause:
            self._fail(cause)

    def tokenise(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text, without special ones, however long."""
        tokenizer, _ = self._load()
        encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Tokens(e.ids, e.offsets) for e in encoded]

    def run(
        self, rows: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None
    ) -> list[FloatArray]:
        """Return the model's outputs for rows of ids, padded to the longest, one batch."""
        _, session = self._load()
        ids, mask = pad(rows)
        segments = np.zeros_like(ids) if types is None else pad(types)[0]
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
        wanted = {part.name for part in session.get_inputs()}
        outputs: list[FloatArray] = session.run(
            None, {name: array for name, array in given.items() if name in wanted}
        )
        return outputs

    def _load(self) -> tuple[Tokenizer, InferenceSession]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[Tokenizer, InferenceSession]:
        weights, vocabulary = self._file("model.onnx"), self._file("tokenizer.json")
        from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions
        from onnxruntime.capi import onnxruntime_pybind11_state as faults
        from tokenizers import Tokenizer

        options = SessionOptions()
        options.intra_op_num_threads = min(MOST_THREADS, len(os.sched_getaffinity(0)))
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The export fuses what gains by it; further levels fuse the norms, a third slower on CPUs.
        options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_BASIC
        try:
            tokenizer = Tokenizer.from_str(vocabulary.read_text(encoding="utf-8"))
            session = InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except (
            OSError,
            ValueError,
            RuntimeError,
            faults.Fail,
            faults.InvalidGraph,
            faults.InvalidProtobuf,
            faults.NoSuchFile,
            faults.NotImplemented,
            faults.RuntimeException,
        ) as cause:
            self._fail(cause)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer, session

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise self._error(f"the bundled model lacks {path}; reinstall the program")
        return path

    def _fail(self, cause: BaseException) -> NoReturn:
        raise self._error(
            f"the bundled model in {self.folder} cannot be loaded: {cause}; reinstall the program"
        ) from cause


def pad(rows: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Return (rows padded with 0, mask of what is there), shape (len(rows), longest row)."""
    longest = max(map(len, rows))
    padded = np.zeros((len(rows), longest), np.int64)
    mask = np.zeros((len(rows), longest), np.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return padded, mask


def batches_by_length(lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Return the row numbers in batches, shortest rows first, each at most so many padded tokens.

    A row that is longer than that by itself makes a batch of one.
    """
    batches: list[list[int]] = []
    current: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if current and (len(current) + 1) * lengths[row] > most_tokens:
            batches.append(current)
            current = []
        current.append(row)
    return [*batches, current] if current else batches
