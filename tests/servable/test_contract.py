"""contract.json: read whole, or refused with the key that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from servable.contract import read_contract
from servable.errors import CannotLoad
from tests.servable.folders import DIGITS, write_contract


def changed(folder: Path, change: dict[str, Any]) -> Path:
    write_contract(folder, DIGITS)
    document = json.loads((folder / "contract.json").read_text())
    document["signature"] |= change
    (folder / "contract.json").write_text(json.dumps(document))
    return folder


def one(**change: Any) -> list[dict[str, Any]]:
    return [{"name": "x", "dtype": "DT_DOUBLE", "shape": {"dims": []}, **change}]


def test_reading(tmp_path: Path) -> None:
    contract = read_contract(write_contract(tmp_path, DIGITS, name="digits", version=3, runtime="sklearn"))
    assert (contract.name, contract.version, contract.runtime) == ("digits", 3, "sklearn")
    assert contract.signature == DIGITS


def test_shapes_that_are_absent_or_null_are_any_shape(tmp_path: Path) -> None:
    fields = [{"name": "a", "dtype": "DT_INT8"}, {"name": "b", "dtype": "DT_INT8", "shape": None}]
    contract = read_contract(changed(tmp_path, {"inputs": fields}))
    assert [field.dims for field in contract.signature.inputs] == [None, None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inputs": one(dtype="DT_COMPLEX64")}, r"Invalid enum value 'DT_COMPLEX64'.*inputs\[0\].dtype"),
        ({"inputs": one() * 2}, "inputs name x twice"),
        ({"inputs": one(shape={"dims": [-2]})}, "'x' has a dimension below -1"),
        ({"outputs": []}, "has no outputs"),
        ({"outputs": None}, "signature.outputs"),
        ({"inputs": [{"dtype": "DT_INT8"}]}, "required field `name`"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotLoad, match=said):
        read_contract(changed(tmp_path, change))


def test_no_contract(tmp_path: Path) -> None:
    with pytest.raises(CannotLoad, match=r"contract.json cannot be read: No such file"):
        read_contract(tmp_path)
