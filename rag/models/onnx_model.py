"""A bundled model on onnxruntime: tokens in, arrays out; the only module that knows onnxruntime.

A model folder holds `model.onnx`, `tokenizer.json` and `config.json`. Everything is loaded at the
first use, once for an object, and may then be used from several threads: the tokenizer is never
changed after loading (nothing is padded or cut), and a session may run concurrently.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
MOST_THREADS = 8
"""Rows that are run at a time; a question is read with about ten passages."""


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
        count = min(MOST_THREADS, len(os.sched_getaffinity(0)))
        self._threads = ThreadPoolExecutor(count, f"{folder.name}-model")

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

    def run_each(
        self, rows: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None
    ) -> list[list[FloatArray]]:
        """Return the model's outputs for each row of ids, in input order, without a batch axis.

        Each row is run alone by one thread, and several at a time. The rows of a batch would share
        the scale of their int8 numbers, so that each result depended on its neighbours, and
        threads that share one batch mostly wait for each other.
        """
        _, session = self._load()
        wanted = {part.name for part in session.get_inputs()}

        def run(number: int) -> list[FloatArray]:
            ids = np.array([rows[number]], np.int64)
            given = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids)
                if types is None
                else np.array([types[number]]),
            }
            outputs = session.run(None, {n: array for n, array in given.items() if n in wanted})
            return [output[0] for output in outputs]

        if len(rows) < 2:
            return [run(number) for number in range(len(rows))]
        # The longest first, so that no thread is left with a long one at the end.
        order = sorted(range(len(rows)), key=lambda number: -len(rows[number]))
        found = dict(zip(order, self._threads.map(run, order), strict=True))
        return [found[number] for number in range(len(rows))]

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
        options.intra_op_num_threads = options.inter_op_num_threads = 1
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
