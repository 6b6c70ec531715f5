"""The python runtime, each model in a process of its own: it changes the working directory and the import path."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.servable.folders import field, python_folder, signature
from tests.servable.running import Servable, run

SUM = signature([field("a"), field("b", "DT_INT64", (-1,))], [field("y"), field("kinds", "DT_STRING", (2,))], "infer")
SUM_SOURCE = """
import numpy as np
from own_module import double

OFFSET = float(open("offset.txt").read())

def infer(a, b):
    b += 1  # arguments may be written to
    return {"y": double(a) + b.sum() + OFFSET, "kinds": [type(a).__name__, type(b).__name__]}
"""


def test_a_function_is_called_with_numpy_arguments(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SUM, SUM_SOURCE)
    (folder / "files" / "src" / "own_module.py").write_text("def double(x): return 2 * x")
    (folder / "files" / "offset.txt").write_text("0.5")
    with Servable(folder) as servable:
        outputs = servable.infer(SUM, a=10.0, b=[1, 2])
    assert outputs["y"] == 25.5
    assert outputs["kinds"].tolist() == ["float64", "ndarray"]


def test_text_arrives_as_str(tmp_path: Path) -> None:
    greet = signature([field("name", "DT_STRING")], [field("y", "DT_STRING")])
    folder = python_folder(tmp_path, greet, 'def predict(name): return {"y": "hello " + name}')
    with Servable(folder) as servable:
        assert servable.infer(greet, name="Zoë")["y"][()] == "hello Zoë"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def other(a, b): ...", "has no function 'infer', which is the signature's name; it defines: other"),
        ("infer = 3", "has no function 'infer'"),
        ("def infer(a): ...", r"infer(a) does not take the signature's inputs (a, b)"),
        ("def infer(a, b, c): ...", "missing a required argument: 'c'"),
        ("async def infer(a, b): ...", "infer() is asynchronous"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def infer(a, b)", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
    ],
)
def test_a_function_that_does_not_fit_is_refused_in_one_last_line(tmp_path: Path, source: str, said: str) -> None:
    done = run("servable", python_folder(tmp_path, SUM, source))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("cannot load model: ")
    assert said in last


def test_no_source(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SUM, "")
    (folder / "files" / "src" / "func_main.py").unlink()
    assert run("servable", folder).stderr.endswith("cannot load model: the payload has no src/func_main.py\n")


ODD = signature([field("what", "DT_STRING")], [field("y")])
ODD_SOURCE = """
import sys

def predict(what):
    if what == "value": raise ValueError("what is out of range")
    if what == "foreign": raise ValueError("数値が範囲外です" * 1000 + "\\ud800")
    if what == "surrogate": raise ValueError("\\ud800 is no text")
    if what == "type": return {"y": what + 1}
    if what == "key": return {"y": {}["no"]}
    if what == "exit": sys.exit(1)
    if what == "memory": raise MemoryError("no room")
    if what == "text": return {"y": "text"}
    if what == "nothing": return {}
    if what == "none": return None
    return {"y": 1}
"""
INVALID, INTERNAL = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servable]:
    with Servable(python_folder(tmp_path_factory.mktemp("odd"), ODD, ODD_SOURCE)) as servable:
        yield servable


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("value", INVALID, "ValueError: what is out of range"),
        ("foreign", INVALID, "ValueError: 数値が範囲外です数値"),
        ("surrogate", INVALID, "ValueError: ? is no text"),
        ("type", INVALID, "TypeError: can only concatenate str"),
        ("key", INTERNAL, "KeyError: 'no'"),
        ("exit", INTERNAL, "SystemExit: 1"),
        ("memory", INTERNAL, "MemoryError: no room"),
        ("text", INTERNAL, "output 'y': a value of type <U4 cannot become DT_DOUBLE"),
        ("nothing", INTERNAL, "no output 'y', only: none"),
        ("none", INTERNAL, "returned NoneType"),
    ],
)
def test_what_goes_wrong_in_a_model(odd: Servable, what: str, status: grpc.StatusCode, said: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        odd.infer(ODD, what=what)
    assert caught.value.code() is status
    assert said in caught.value.details()
    assert "Traceback" not in caught.value.details()
    assert odd.infer(ODD, what="fine")["y"] == 1


def test_the_traceback_is_in_the_log(odd: Servable) -> None:
    with pytest.raises(grpc.RpcError):
        odd.infer(ODD, what="key")
    assert 'return {"y": {}["no"]}' in odd.log.read_text()
