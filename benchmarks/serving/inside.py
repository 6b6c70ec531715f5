"""What is measured within one process: JSON to tensors, and the import of each thin function.

Both in processor time, which is what they would take on a machine that does nothing else.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import ROOT
from cdk.staging import Staging
from functions.core.budget import Budget
from functions.core.collector import collector_at_rest
from functions.core.inference import ModelName
from functions.core.signature import Signature, parse_signature
from functions.gateway.inputs import ProtocolInputs
from functions.gateway.oip import from_infer_body
from functions.gateway.read_text import read_text

FLOATS = 100_000
TIMES = 15
MODEL = ModelName("any")
ENTRIES = (
    ("access", "app"),
    ("access", "functions.access.authorizer"),
    ("gateway", "app"),
    ("manager", "app"),
    ("manager", "functions.manager.handler"),
)
IMPORT = """
import importlib, sys, time
sys.path.insert(0, sys.argv[1])
began = time.process_time()
importlib.import_module(sys.argv[2])
print(time.process_time() - began)
"""


def json_to_tensor(floats: int = FLOATS) -> dict[str, float]:
    """Median milliseconds from the body of a request with so many floats to the validated tensor, by door."""
    values = [at / 7 - 5000 for at in range(floats)]
    rows = [values[at : at + 4] for at in range(0, floats, 4)]
    signature = _signature([-1, 4])
    one_list = json.dumps({"X": values}).encode()
    plain = json.dumps({"X": rows}).encode()
    tensor = {"name": "X", "datatype": "FP64", "shape": [floats // 4, 4], "data": values}
    flat = json.dumps({"inputs": [tensor]}).encode()
    nested = json.dumps({"inputs": [{**tensor, "data": rows}]}).encode()
    return {
        "plain JSON, one list": _median(lambda: read_text(_signature([-1]), one_list, Budget())),
        "plain JSON, nested lists": _median(lambda: read_text(signature, plain, Budget())),
        "Open Inference, one list": _median(lambda: _read_protocol(flat, signature)),
        "Open Inference, nested lists": _median(lambda: _read_protocol(nested, signature)),
    }


def import_times() -> dict[str, float]:
    """Median seconds of the import of each function in a fresh interpreter, from its zip's content."""
    with tempfile.TemporaryDirectory() as folder:
        staging = Staging(ROOT, Path(folder), _NoLayers())
        for name in {name for name, _ in ENTRIES}:
            staging.slice(name)
        return {f"{name}: {module}": _import_time(Path(folder) / name, module) for name, module in ENTRIES}


class _NoLayers:
    def build(self, *_: object) -> str:
        raise AssertionError("a slice needs no layer to be staged")


def _import_time(folder: Path, module: str) -> float:
    command = [sys.executable, "-P", "-c", IMPORT, str(folder), module]
    environ = {"AWS_DEFAULT_REGION": "eu-west-1"}
    times = [
        float(subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout)
        for _ in range(10)
    ]
    return median(times[1:])  # the first one compiles


def _signature(dims: list[int]) -> Signature:
    field: dict[str, Any] = {"name": "X", "dtype": "DT_DOUBLE", "shape": {"dims": dims}}
    return parse_signature({"signatureName": "predict", "inputs": [field], "outputs": [field]})


def _read_protocol(body: bytes, signature: Signature) -> object:
    with collector_at_rest(len(body)):
        call = from_infer_body(MODEL, body, None, Budget(), _no_payload)
    return ProtocolInputs(call.request).fit(signature)


def _no_payload(reference: object, pointer: str) -> bytes:
    raise AssertionError(f"nobody uploaded {reference} at {pointer}")


def _median(action: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES):
        begun = time.process_time()
        action()
        times.append((time.process_time() - begun) * 1000)
    return median(times)
