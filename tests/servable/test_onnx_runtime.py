"""The onnx runtime: real graphs from skl2onnx and by hand, and signatures that differ from them in harmless ways."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType

from servable.contract import Signature, read_contract
from servable.errors import CannotLoad, InvalidInput
from servable.load import load_model
from servable.model import Model
from tests.servable.folders import IRIS, field, fitted_iris, fitted_mixed, onnx_folder, signature


def loaded(folder: Path, of: Signature, graph: onnx.ModelProto) -> Model:
    onnx_folder(folder, of, graph.SerializeToString())
    return load_model(folder, read_contract(folder))


def iris_graph(numpy: Any = np.float64) -> onnx.ModelProto:
    estimator, table = fitted_iris()
    return to_onnx(estimator, table[:1].astype(numpy), options={"zipmap": False})


def small_graph(operator: str, inputs: list[Any], outputs: list[Any], **attributes: Any) -> onnx.ModelProto:
    node = helper.make_node(operator, [one.name for one in inputs], [one.name for one in outputs], **attributes)
    graph = helper.make_graph([node], "graph", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def tensor(name: str, kind: int, shape: list[int | str] | None) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def test_a_converted_pipeline_answers_like_the_original(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    outputs = loaded(tmp_path, IRIS, iris_graph())({"X": table})
    np.testing.assert_array_equal(outputs["label"], estimator.predict(table))
    np.testing.assert_allclose(outputs["probabilities"], estimator.predict_proba(table), atol=1e-6)


def test_a_single_row(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    single = signature(
        [field("X", "DT_DOUBLE", (4,))], [field("label", "DT_INT64"), field("probabilities", "DT_DOUBLE", (3,))]
    )
    outputs = loaded(tmp_path, single, iris_graph())({"X": table[60]})
    assert outputs["label"] == estimator.predict(table[60:61])[0]
    assert outputs["probabilities"].shape == (3,)


def test_scalars_become_columns_of_one_row(tmp_path: Path) -> None:
    columns = [("age", DoubleTensorType([None, 1])), ("colour", StringTensorType([None, 1]))]
    graph = to_onnx(fitted_mixed(), initial_types=columns, options={"zipmap": False})
    scalars = signature(
        [field("age"), field("colour", "DT_STRING")],
        [field("label", "DT_INT64"), field("probabilities", "DT_DOUBLE", (2,))],
    )
    model = loaded(tmp_path, scalars, graph)
    assert model({"age": np.array(25.0), "colour": np.array("red", object)})["label"] == 1
    assert model({"age": np.array(25.0), "colour": np.array("blue", object)})["label"] == 0


def test_scalars_side_by_side_for_a_graph_with_one_input(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    scalars = signature([field(name) for name in names], [field("label", "DT_INT64")])
    model = loaded(tmp_path, scalars, iris_graph())
    row = dict(zip(names, table[120], strict=True))
    assert model(row)["label"] == estimator.predict(table[120:121])[0]


def test_a_graph_of_another_width_and_other_names(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    other = signature([field("flowers", "DT_DOUBLE", (-1, 2, 2))], [field("label", "DT_INT64", (-1,))])
    outputs = loaded(tmp_path, other, iris_graph(np.float32))({"flowers": table.reshape(-1, 2, 2)})
    np.testing.assert_array_equal(outputs["label"], estimator.predict(table))


def test_any_shape_goes_through(tmp_path: Path) -> None:
    graph = small_graph("Neg", [tensor("x", TensorProto.FLOAT, None)], [tensor("y", TensorProto.FLOAT, None)])
    model = loaded(tmp_path, signature([field("x", "DT_FLOAT", None)], [field("y", "DT_FLOAT", None)]), graph)
    np.testing.assert_array_equal(model({"x": np.ones((2, 1, 3), "f4")})["y"], -np.ones((2, 1, 3)))


DTYPES = [("DT_FLOAT", 1), ("DT_DOUBLE", 11), ("DT_HALF", 10), ("DT_INT8", 3), ("DT_INT16", 5), ("DT_INT32", 6)]
DTYPES += [("DT_INT64", 7), ("DT_UINT8", 2), ("DT_UINT16", 4), ("DT_UINT32", 12), ("DT_UINT64", 13)]
DTYPES += [("DT_BOOL", 9), ("DT_STRING", 8)]


@pytest.mark.parametrize(("dtype", "kind"), DTYPES)
def test_every_dtype_goes_in_and_out(tmp_path: Path, dtype: str, kind: int) -> None:
    from servable.dtypes import LAYOUTS, DType

    graph = small_graph("Identity", [tensor("x", kind, ["n", 2])], [tensor("y", kind, ["n", 2])])
    model = loaded(tmp_path, signature([field("x", dtype, (-1, 2))], [field("y", dtype, (-1, 2))]), graph)
    value = np.array([["a", "b"]] if dtype == "DT_STRING" else [[0, 1]], LAYOUTS[DType(dtype)].numpy)
    output = model({"x": value})["y"]
    assert output.tolist() == value.tolist()
    assert output.dtype == value.dtype


def test_values_the_graph_refuses_are_the_callers(tmp_path: Path) -> None:
    graph = small_graph("Neg", [tensor("x", 1, ["n", 3])], [tensor("y", 1, ["n", 3])])
    model = loaded(tmp_path, signature([field("x", "DT_FLOAT", (-1, -1))], [field("y", "DT_FLOAT", (-1, -1))]), graph)
    with pytest.raises(InvalidInput, match="invalid dimensions"):
        model({"x": np.ones((1, 4), "f4")})


def misfit(folder: Path, of: Signature, graph: onnx.ModelProto) -> str:
    with pytest.raises(CannotLoad) as caught:
        loaded(folder, of, graph)
    return str(caught.value)


def test_zipmap_is_refused_with_the_remedy(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    assert "zipmap=False" in misfit(tmp_path, IRIS, to_onnx(estimator, table[:1].astype("f4")))


def test_outputs_the_graph_does_not_have(tmp_path: Path) -> None:
    other = signature([field("X", "DT_DOUBLE", (-1, 4))], [field("species", "DT_INT64", (-1,))])
    said = misfit(tmp_path, other, iris_graph())
    assert "the signature names species, the graph label, probabilities" in said


def test_inputs_the_signature_does_not_feed(tmp_path: Path) -> None:
    pair = [tensor("a", 1, ["n"]), tensor("b", 1, ["n"])]
    graph = small_graph("Add", pair, [tensor("y", 1, ["n"])])
    said = misfit(tmp_path, signature([field("a", "DT_FLOAT", (-1,))], [field("y", "DT_FLOAT", (-1,))]), graph)
    assert "the signature names a, the graph a, b" in said


def test_numbers_do_not_become_text(tmp_path: Path) -> None:
    graph = small_graph("Identity", [tensor("x", 8, ["n"])], [tensor("y", 8, ["n"])])
    said = misfit(tmp_path, signature([field("x", "DT_DOUBLE", (-1,))], [field("y", "DT_STRING", (-1,))]), graph)
    assert "input 'x' is DT_DOUBLE in the signature but object in the graph" in said


def test_a_broken_file(tmp_path: Path) -> None:
    onnx_folder(tmp_path, IRIS, b"not a graph")
    with pytest.raises(CannotLoad, match=r"model\.onnx: .*Protobuf parsing failed"):
        load_model(tmp_path, read_contract(tmp_path))


ADD = signature([field("x", "DT_FLOAT", (-1,))], [field("y", "DT_FLOAT", (-1,))])


def with_weights_at(location: str) -> onnx.ModelProto:
    weights = TensorProto(name="w", data_type=1, dims=[2], data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value=location)
    node = helper.make_node("Add", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "graph", [tensor("x", 1, [2])], [tensor("y", 1, [2])], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def test_external_weights_beside_the_graph_are_read(tmp_path: Path) -> None:
    onnx_folder(tmp_path, ADD, b"")
    (tmp_path / "files" / "weights.bin").write_bytes(np.array([1, 2], "f4").tobytes())
    assert loaded(tmp_path, ADD, with_weights_at("weights.bin"))({"x": np.zeros(2, "f4")})["y"].tolist() == [1, 2]


@pytest.mark.parametrize("location", ["../secret.bin", "{folder}/secret.bin", "link.bin"])
def test_external_weights_elsewhere_are_not(tmp_path: Path, location: str) -> None:
    onnx_folder(tmp_path, ADD, b"")
    (tmp_path / "secret.bin").write_bytes(np.array([1, 2], "f4").tobytes())
    (tmp_path / "files" / "link.bin").symlink_to(tmp_path / "secret.bin")
    assert "External data path" in misfit(tmp_path, ADD, with_weights_at(location.format(folder=tmp_path)))
