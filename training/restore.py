"""Write the shipped encoder as a sentence-transformers folder.

    python -m training.restore rag/models/weights/encoder OUT

The int8 weights become numbers of full precision again: for use in other programs, for training
on, and for seeing that both ways of running the model agree.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import AutoTokenizer, BertConfig, BertModel

Arrays = dict[str, npt.NDArray[np.float32]]


def restore(source: Path, target: Path) -> None:
    """Write the model that `training.export encoder` wrote to `source` as an ordinary folder."""
    graph = onnx.load(str(source / "model.onnx")).graph
    stored = {part.name: numpy_helper.to_array(part) for part in graph.initializer}
    state = {
        name.removeprefix("body."): array
        for name, array in stored.items()
        if name.startswith("body.") and array.dtype == np.float32 and "word_embeddings" not in name
    }
    rows = stored["body.embeddings.word_embeddings.rows"].astype(np.float32)
    words = rows * stored["body.embeddings.word_embeddings.scale"]
    state["embeddings.word_embeddings.weight"] = words
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            module = node.name.removeprefix("/body/").removesuffix("/MatMul_quant")
            weight = _matrix(stored, node.input[1].removesuffix("_quantized"))
            state[f"{module.replace('/', '.')}.weight"] = weight.T
        elif node.op_type == "QAttention":
            state |= _attention(stored, node.input[1].removesuffix("_weight_quantized"))
    body = BertModel(BertConfig.from_pretrained(source))
    body.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in state.items()}, strict=False)
    missing = {name for name, _ in body.named_parameters()} - state.keys()
    if any(not name.startswith("pooler.") for name in missing):
        raise ValueError(f"{source} lacks {sorted(missing)}")
    target.mkdir(parents=True, exist_ok=True)
    body.save_pretrained(target)
    AutoTokenizer.from_pretrained(source).save_pretrained(target)
    transformer = Transformer(str(target))
    modules = [transformer, Pooling(body.config.hidden_size, "mean"), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(target))


def _matrix(stored: dict[str, npt.NDArray[np.generic]], name: str) -> npt.NDArray[np.float32]:
    """Return an int8 matrix as numbers; its scales are one a column, its zero is 0."""
    whole: npt.NDArray[np.float32] = stored[f"{name}_quantized"].astype(np.float32)
    return whole * stored[f"{name}_scale"].astype(np.float32)


def _attention(stored: dict[str, npt.NDArray[np.generic]], name: str) -> Arrays:
    """Return query, key and value of one layer, which the export puts side by side."""
    layer = f"encoder.layer.{name.split('_')[1]}.attention.self"
    weight, bias = _matrix(stored, f"{name}_weight"), stored[f"{name}_bias"].astype(np.float32)
    found: Arrays = {}
    for part, columns, numbers in zip(
        ("query", "key", "value"), np.split(weight, 3, axis=1), np.split(bias, 3), strict=True
    ):
        found[f"{layer}.{part}.weight"] = columns.T
        found[f"{layer}.{part}.bias"] = numbers
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.restore", description=__doc__)
    parser.add_argument("source", type=Path, help="folder of the shipped encoder")
    parser.add_argument("target", type=Path, help="folder to write")
    arguments = parser.parse_args()
    restore(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
