"""What both trainings share: device, precision, padding, a schedule by time, checkpoints."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

SEED = 20


def prepare(threads: int = 0) -> torch.device:
    """Fix the seeds, keep every loader offline, and return the device to train on."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    if threads:
        torch.set_num_threads(threads)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(device: torch.device) -> AbstractContextManager[object]:
    return torch.autocast(device.type, dtype=torch.bfloat16)


def pad(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (ids, mask), shape (len(rows), longest row), padded with 0."""
    longest = max(map(len, rows))
    ids = np.zeros((len(rows), longest), np.int64)
    mask = np.zeros((len(rows), longest), np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def chunks_by_length(rows: Sequence[Sequence[int]], tokens: int) -> list[list[int]]:
    """Return the row numbers, shortest rows first, in chunks of at most so many padded tokens."""
    chunks: list[list[int]] = [[]]
    for row in sorted(range(len(rows)), key=lambda number: len(rows[number])):
        if chunks[-1] and (len(chunks[-1]) + 1) * len(rows[row]) > tokens:
            chunks.append([])
        chunks[-1].append(row)
    return chunks


def batches_by_length(
    rows: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    size: int,
    rng: np.random.Generator,
) -> list[npt.NDArray[np.int64]]:
    """Return one shuffled pass over the rows in batches of about equal lengths, little padding."""
    shuffled = rng.permutation(rows)
    pools = [shuffled[i : i + size * 50] for i in range(0, len(shuffled), size * 50)]
    batches = [
        pool[np.argsort(lengths[pool], kind="stable")][i : i + size]
        for pool in pools
        for i in range(0, len(pool) - size + 1, size)
    ]
    return [batches[i] for i in rng.permutation(len(batches))]


@dataclass(slots=True)
class Clock:
    """Progress of one step of the training in 0..1: by seconds if limited, else by updates."""

    updates: int
    seconds: float | None = None
    done: int = 0
    spent: float = 0.0
    _started: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        self._started = time.monotonic() - self.spent

    def tick(self) -> None:
        self.done += 1
        self.spent = time.monotonic() - self._started

    @property
    def progress(self) -> float:
        by_updates = self.done / max(1, self.updates)
        by_seconds = self.spent / self.seconds if self.seconds else 0.0
        return min(1.0, max(by_updates, by_seconds))

    def rate(self, warm: int = 60) -> float:
        """Return the share of the full learning rate: a short warm-up, then half a cosine."""
        cosine = 0.5 * (1 + math.cos(math.pi * self.progress))
        return min(1.0, (self.done + 1) / warm) * (0.02 + 0.98 * cosine)


def set_rates(optimiser: torch.optim.Optimizer, rates: Sequence[float], share: float) -> None:
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate * share


def save_checkpoint(path: Path, state: dict[str, object]) -> None:
    """Write a checkpoint so that a kill leaves either the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
