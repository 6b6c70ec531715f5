"""A request is held against the signature; every fault is named with its field, all at once."""

import numpy as np
import pytest

from servable.errors import InvalidInput
from servable.inputs import read_inputs
from servable.pb import open_inference_pb2 as pb
from tests.servable.folders import field, signature
from tests.servable.running import request_for

SIGNATURE = signature([field("x", "DT_DOUBLE", (-1, 2)), field("name", "DT_STRING")], [field("y")])
VALUES = {"x": [[1.0, 2.0]], "name": "ann"}


def good() -> pb.ModelInferRequest:
    return request_for(SIGNATURE, VALUES)


def refusal(request: pb.ModelInferRequest) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_inputs(request, SIGNATURE)
    return str(caught.value)


def test_a_good_request() -> None:
    inputs = read_inputs(good(), SIGNATURE)
    np.testing.assert_array_equal(inputs["x"], [[1.0, 2.0]])
    assert inputs["name"][()] == "ann"


def test_inputs_come_in_the_signatures_order() -> None:
    request = good()
    swapped = pb.ModelInferRequest(
        inputs=reversed(request.inputs), raw_input_contents=reversed(request.raw_input_contents)
    )
    assert list(read_inputs(swapped, SIGNATURE)) == ["x", "name"]


def test_typed_contents_are_accepted() -> None:
    request = pb.ModelInferRequest()
    request.inputs.add(name="x", datatype="FP64", shape=[1, 2]).contents.fp64_contents.extend([1, 2])
    request.inputs.add(name="name", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"ann")
    inputs = read_inputs(request, SIGNATURE)
    assert inputs["x"].tolist() == [[1, 2]]
    assert inputs["name"].shape == ()


def test_a_wrong_datatype() -> None:
    request = good()
    request.inputs[0].datatype = "INT64"
    assert "'x': expected datatype FP64, received INT64" in refusal(request)


@pytest.mark.parametrize("shape", [[2], [1, 3], [1, 1, 2]])
def test_a_wrong_shape(shape: list[int]) -> None:
    request = good()
    request.inputs[0].shape[:] = shape
    assert f"'x': expected shape [-1, 2], received {shape}" in refusal(request)


def test_a_wrong_byte_count() -> None:
    request = good()
    request.raw_input_contents[0] += b"\0"
    assert "'x': expected 16 bytes" in refusal(request)


def test_a_missing_field() -> None:
    request = good()
    del request.inputs[1], request.raw_input_contents[1]
    assert refusal(request) == "'name': is missing"


def test_an_unknown_field() -> None:
    request = good()
    request.inputs.add(name="z", datatype="FP64", shape=[])
    request.raw_input_contents.append(b"\0" * 8)
    assert "'z': is not an input of the signature, which takes x, name" in refusal(request)


def test_a_field_given_twice() -> None:
    request = good()
    request.inputs.add().CopyFrom(request.inputs[0])
    request.raw_input_contents.append(request.raw_input_contents[0])
    assert "'x': is given twice" in refusal(request)


def test_all_faults_are_told_at_once() -> None:
    request = good()
    request.inputs[0].datatype = "FP32"
    del request.inputs[1], request.raw_input_contents[1]
    said = refusal(request)
    assert "'x'" in said
    assert "'name': is missing" in said


def test_raw_contents_come_one_per_input() -> None:
    request = good()
    del request.raw_input_contents[1]
    assert "one raw_input_contents per input: 2, received 1" in refusal(request)


def test_raw_and_typed_contents_exclude_each_other() -> None:
    request = good()
    request.inputs[0].contents.fp64_contents.extend([1, 2])
    assert "'x': has both" in refusal(request)


def test_any_shape_is_any_shape() -> None:
    anything = signature([field("x", "DT_INT8", None)], [field("y")])
    for value in (1, [1, 2], [[[1]]]):
        assert read_inputs(request_for(anything, {"x": value}), anything)["x"].tolist() == value
