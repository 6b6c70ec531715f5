"""The signature in an MLflow folder's `MLmodel` file: columns, or tensors. No model is loaded to read it."""

import json
from pathlib import Path
from typing import Any

import yaml

from servable.contract import Field, Shape, Signature
from servable.dtypes import DType
from servable.errors import CannotLoad
from servable.runtimes.mlflow.folder import DESCRIPTION, find_folder
from servable.runtimes.names import as_name
from servable.runtimes.specs import to_field

_COLUMNS = {
    "boolean": DType.BOOL,
    "integer": DType.INT32,
    "long": DType.INT64,
    "float": DType.FLOAT,
    "double": DType.DOUBLE,
    "string": DType.STRING,
}


def infer(files: Path) -> Signature:
    """Raises CannotLoad for a folder without signature, and for types that no tensor has."""
    document = yaml.safe_load((find_folder(files) / DESCRIPTION).read_text(encoding="utf-8"))
    described = document.get("signature") if isinstance(document, dict) else None
    sides = [json.loads((described or {}).get(side) or "[]") for side in ("inputs", "outputs")]
    if not all(sides):
        raise CannotLoad(f"{DESCRIPTION} has no signature with inputs and outputs; log the model with one")
    return Signature("predict", _side(sides[0], "input"), _side(sides[1], "output"))


def _side(specs: list[dict[str, Any]], otherwise: str) -> tuple[Field, ...]:
    names = [str(spec.get("name") or (otherwise if len(specs) == 1 else at)) for at, spec in enumerate(specs)]
    return tuple(_field(as_name(name, f"{otherwise}_{name}"), spec) for name, spec in zip(names, specs, strict=True))


def _field(name: str, spec: dict[str, Any]) -> Field:
    if spec["type"] == "tensor":
        tensor = spec["tensor-spec"]
        return to_field(name, tensor["dtype"], tensor["shape"])
    dtype = _COLUMNS.get(spec["type"])
    if dtype is None:
        raise CannotLoad(f"{DESCRIPTION}: '{name}' is a column of type {spec['type']}, which no signature can name")
    return Field(name, dtype, Shape((-1,)))
