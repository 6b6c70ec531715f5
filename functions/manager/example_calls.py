"""Calls of an application with its example input, ready to paste.

They read the platform's address from EDGE, that of its gRPC door from GRPC and the key from DEWPOINT_API_KEY, so that
no secret stands in what people pass around.
"""

import math
import shlex
from typing import Any

import msgspec

from functions.core.access import HEADER
from functions.core.dtypes import DType
from functions.core.example import count_elements, example_inputs, example_shape
from functions.core.leaves import Leaf, leaves
from functions.core.models import Application
from functions.core.signature import Signature

LARGEST_SHOWN = 1000  # elements; beyond that the calls fetch the example instead of spelling it
KEY = f'-H "{HEADER}: $DEWPOINT_API_KEY"'
JSON = "-H 'content-type: application/json'"
SERVICE = "inference.GRPCInferenceService/ModelInfer"
PROTO = "proto/open_inference.proto"

# where the protocol's message keeps the elements of each type; half floats have no such place
CONTENTS = {
    DType.BOOL: "bool_contents",
    DType.INT8: "int_contents",
    DType.INT16: "int_contents",
    DType.INT32: "int_contents",
    DType.INT64: "int64_contents",
    DType.UINT8: "uint_contents",
    DType.UINT16: "uint_contents",
    DType.UINT32: "uint_contents",
    DType.UINT64: "uint64_contents",
    DType.FLOAT: "fp32_contents",
    DType.DOUBLE: "fp64_contents",
    DType.STRING: "bytes_contents",
}
FOO = "Zm9v"  # "foo", as protobuf's JSON spells bytes


def example_view(application: Application) -> dict[str, Any]:
    """`inputs` is None where they are too many to show; `grpcurl` where the protocol's JSON has no place for them."""
    name, signature = application.name, application.signature
    if count_elements(signature) > LARGEST_SHOWN:
        return {"inputs": None, "curl": _long_curl(name), "python": _long_python(name), "httpx": None, "grpcurl": None}
    inputs = example_inputs(signature)
    return {
        "inputs": inputs,
        "curl": _curl(name, inputs),
        "python": _python(name, inputs),
        "httpx": _httpx(name, inputs),
        "grpcurl": _grpcurl(name, signature),
    }


def _curl(name: str, inputs: dict[str, Any]) -> str:
    body = shlex.quote(msgspec.json.encode(inputs).decode())
    return f'curl -sS "$EDGE/gateway/application/{name}" \\\n  {KEY} {JSON} \\\n  -d {body}'


def _long_curl(name: str) -> str:
    fetched = f'curl -sS "$EDGE/api/v2/application/generateInputs/{name}" {KEY}'
    return f'{fetched} |\n  curl -sS "$EDGE/gateway/application/{name}" {KEY} {JSON} --data-binary @-'


def _python(name: str, inputs: dict[str, Any]) -> str:
    return _client(f"print(dewpoint.predictions.predict({name!r}, {inputs!r}))")


def _long_python(name: str) -> str:
    fetched = f"inputs = dewpoint.applications.example_inputs({name!r})"
    return _client(f"{fetched}\n    print(dewpoint.predictions.predict({name!r}, inputs))")


def _client(body: str) -> str:
    opened = 'with Dewpoint(os.environ["EDGE"], os.environ["DEWPOINT_API_KEY"]) as dewpoint:'
    return f"import os\n\nfrom dewpoint import Dewpoint\n\n{opened}\n    {body}\n"


def _httpx(name: str, inputs: dict[str, Any]) -> str:
    return (
        "import os\n\nimport httpx\n\nanswer = httpx.post(\n"
        f'    os.environ["EDGE"] + "/gateway/application/{name}",\n'
        f'    headers={{"{HEADER}": os.environ["DEWPOINT_API_KEY"]}},\n'
        f"    json={inputs!r},\n)\nprint(answer.raise_for_status().json())\n"
    )


def _grpcurl(name: str, signature: Signature) -> str | None:
    inputs = leaves(signature.inputs)
    if any(leaf.dtype not in CONTENTS for leaf in inputs):
        return None
    request = {"model_name": name, "inputs": [_tensor(leaf) for leaf in inputs]}
    body = shlex.quote(msgspec.json.encode(request).decode())
    return f'grpcurl -proto {PROTO} {KEY} \\\n  -d {body} \\\n  "$GRPC" {SERVICE}'


def _tensor(leaf: Leaf) -> dict[str, Any]:
    elements = math.prod(example_shape(leaf))
    value = FOO if leaf.dtype is DType.STRING else True if leaf.dtype is DType.BOOL else 1
    return {
        "name": leaf.name,
        "datatype": leaf.dtype.datatype,
        "shape": list(example_shape(leaf)),
        "contents": {CONTENTS[leaf.dtype]: [value] * elements},
    }
