"""The exported graph."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.export import even_tokens

FEED_FORWARD = "/body/encoder/layer.0/intermediate/dense/MatMul"
WIDTH = 64


def graph_of(name: str, weight: npt.NDArray[np.float32]) -> onnx.ModelProto:
    """Return a model of one matrix product."""
    tokens = ["batch", "tokens", WIDTH]
    node = helper.make_node("MatMul", ["x", "weight"], ["y"], name)
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, tokens)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, tokens)],
        [numpy_helper.from_array(weight, "weight")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def run(model: onnx.ModelProto, given: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result: npt.NDArray[np.float32] = session.run(None, {"x": given})[0]
    return result


def in_int8(model: onnx.ModelProto, folder: Path) -> onnx.ModelProto:
    onnx.save(model, str(folder / "whole.onnx"))
    quantize_dynamic(
        folder / "whole.onnx",
        folder / "int8.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    return onnx.load(str(folder / "int8.onnx"))


@pytest.fixture
def given() -> npt.NDArray[np.float32]:
    """Tokens of which one is far larger than the others."""
    tokens = np.random.default_rng(0).normal(size=(1, 6, WIDTH)).astype(np.float32)
    tokens[0, 0] *= 100
    return tokens


def test_even_tokens_keep_the_result_and_lose_less_to_int8(
    given: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    weight = np.random.default_rng(1).normal(size=(WIDTH, WIDTH)).astype(np.float32)
    plain, even = graph_of(FEED_FORWARD, weight), graph_of(FEED_FORWARD, weight)
    even_tokens(even.graph)
    expected = run(plain, given)
    assert run(even, given) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    lost_plain = np.abs(run(in_int8(plain, tmp_path), given) - expected)[0, 1:].mean()
    lost_even = np.abs(run(in_int8(even, tmp_path), given) - expected)[0, 1:].mean()
    assert lost_even < lost_plain / 10


def test_only_feed_forward_matrices_are_evened() -> None:
    weight = np.eye(WIDTH, dtype=np.float32)
    model = graph_of("/body/encoder/layer.0/attention/output/dense/MatMul", weight)
    before = model.SerializeToString()
    even_tokens(model.graph)
    assert model.SerializeToString() == before
