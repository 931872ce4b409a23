"""Write a trained model as int8 ONNX: `python -m training.export encoder|reader FROM TO`."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnx import helper
from torch.nn import functional
from transformers import AutoTokenizer, BertModel

from training.reader_model import ReaderModel

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


class RowQuantised(torch.nn.Module):
    """Word vectors as int8 with one scale a row: far closer than one scale for all of them."""

    def __init__(self, vectors: torch.Tensor) -> None:
        super().__init__()
        scale = vectors.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("rows", (vectors / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return functional.embedding(ids, self.rows).float() * functional.embedding(ids, self.scale)


class SentenceVectors(torch.nn.Module):
    """The body with mean pooling and unit length, as one graph."""

    def __init__(self, body: BertModel) -> None:
        super().__init__()
        self.body = body

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        hidden = self.body(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        weights = attention_mask.unsqueeze(-1).float()
        return functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=-1)


def write_onnx(
    model: torch.nn.Module,
    path: Path,
    outputs: dict[str, dict[int, str]],
    inputs: Sequence[str] = INPUTS,
) -> None:
    """Write a model of token ids; `outputs` names each output and its dynamic axes."""
    ids = torch.tensor([[2, 10, 11, 3], [2, 12, 3, 0]])
    example = (ids, (ids > 0).long(), torch.zeros_like(ids))
    axes = {name: {0: "batch", 1: "tokens"} for name in inputs} | outputs
    words = model.body.get_input_embeddings()
    model.body.set_input_embeddings(RowQuantised(words.weight.detach()))
    model.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            example,
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def quantise(source: Path, target: Path, heads: int, hidden: int, even: bool) -> None:
    """Fuse the graph's attention, then keep its matrices as int8, one scale a column.

    Norms stay apart from the additions before them: fused, they take a quarter of all time.
    `even` brings every token to the same range before the feed-forward matrices, see `even_tokens`.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    fused = source.with_suffix(".fused.onnx")
    options = FusionOptions("bert")
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = False
    optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=heads,
        hidden_size=hidden,
        opt_level=0,
        optimization_options=options,
    ).save_model_to_file(str(fused))
    if even:
        model = onnx.load(str(fused))
        even_tokens(model.graph)
        onnx.save(model, str(fused))
    quantize_dynamic(
        fused,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Attention"],
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
    )


def even_tokens(graph: onnx.GraphProto) -> None:
    """Divide each token by its largest number before a feed-forward matrix; multiply after it.

    The result is the same, but not once the numbers are int8: these share one scale among all
    tokens, and a few tokens, such as the first, are many times as large as the others.
    """
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        if node.op_type != "MatMul" or not _is_feed_forward(node.name):
            graph.node.append(node)
            continue
        name, given, result = node.name, node.input[0], node.output[0]
        size, even, uneven = f"{name}_size", f"{name}_even", f"{name}_uneven"
        node.input[0], node.output[0] = even, uneven
        graph.node.extend(
            [
                helper.make_node("Abs", [given], [f"{name}_abs"], f"{name}_abs"),
                helper.make_node("ReduceMax", [f"{name}_abs"], [size], size, axes=[-1], keepdims=1),
                helper.make_node("Div", [given, size], [even], even),
                node,
                helper.make_node("Mul", [uneven, size], [result], f"{name}_back"),
            ]
        )


def _is_feed_forward(name: str) -> bool:
    return name.endswith("/dense/MatMul") and "attention" not in name


def export_encoder(source: Path, target: Path) -> None:
    """Write the encoder as an int8 graph with its tokenizer and configuration."""
    body = BertModel.from_pretrained(source, attn_implementation="eager")
    _export(SentenceVectors(body), body, source, target, {"vectors": {0: "batch"}}, even=True)


def export_reader(source: Path, target: Path) -> None:
    """Write the reader as an int8 graph; `training.calibrate` must follow."""
    model = ReaderModel.load(source)
    rows, tokens = {0: "batch"}, {0: "batch", 1: "tokens"}
    outputs = {"start": tokens, "end": tokens, "answer": rows, "relevance": rows}
    # Evened tokens change nothing here that the dev set shows.
    _export(model, model.body, source, target, outputs, even=False)


def _export(
    model: torch.nn.Module,
    body: BertModel,
    source: Path,
    target: Path,
    outputs: dict[str, dict[int, str]],
    *,
    even: bool,
) -> None:
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "config.json", target / "config.json")
    heads, hidden = body.config.num_attention_heads, body.config.hidden_size
    AutoTokenizer.from_pretrained(source).save_pretrained(target)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.onnx"
        write_onnx(model, whole, outputs)
        quantise(whole, target / "model.onnx", heads, hidden, even)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("model", choices=["encoder", "reader"])
    parser.add_argument("source", type=Path, help="folder that the training wrote")
    parser.add_argument("target", type=Path, help="folder to ship")
    arguments = parser.parse_args()
    export = export_encoder if arguments.model == "encoder" else export_reader
    export(arguments.source, arguments.target)
    print(json.dumps({p.name: p.stat().st_size for p in sorted(arguments.target.iterdir())}))


if __name__ == "__main__":
    main()
