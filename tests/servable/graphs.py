"""Small ONNX graphs as bytes."""

from typing import Any

from onnx import TensorProto, helper
from skl2onnx import to_onnx


def of_estimator(estimator: Any, table: Any) -> bytes:
    graph: bytes = to_onnx(estimator, table[:1].astype("f4"), options={"zipmap": False}).SerializeToString()
    return graph


def doubling(shape: list[int | str]) -> bytes:
    """y is twice its only input, whose name no field may have."""
    return _graph("Add", ["images/in:0", "images/in:0"], shape)


def adding(first: str, second: str) -> bytes:
    return _graph("Add", [first, second], ["n"])


def _graph(operator: str, inputs: list[str], shape: list[int | str]) -> bytes:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in dict.fromkeys(inputs)]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    graph = helper.make_graph([helper.make_node(operator, inputs, ["y"])], "graph", values, [output])
    opsets = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
