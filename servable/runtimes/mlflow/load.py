"""The mlflow runtime: a folder that `mlflow.<flavour>.save_model` wrote, called through `mlflow.pyfunc`.

How inputs go in is what the folder's own signature says: columns make a DataFrame, tensors with names a mapping, one
tensor an array; without one, columns when every input is one. Answers come back by name where the model gives names, by
position where it does not. What the flavour needs beyond numpy, pandas and scikit-learn the install command installs
(the folder's own requirements.txt lists it).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mlflow.pyfunc  # type: ignore[import-not-found]
import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from servable.contract import Signature
from servable.errors import CannotLoad
from servable.model import Predict
from servable.runtimes.batching import as_rows, from_rows, is_batched
from servable.runtimes.mlflow.folder import find_folder
from servable.runtimes.names import as_name
from servable.tensors import Array


def load(files: Path, signature: Signature, _cpus: int) -> Predict:
    """Raises CannotLoad when the inputs are not those of the folder's own signature."""
    model = mlflow.pyfunc.load_model(str(find_folder(files)))
    batched = is_batched(signature)
    make_input = _choose_input(model.metadata.get_input_schema(), signature)
    outputs = [field.name for field in signature.outputs]

    def predict(inputs: dict[str, Array]) -> dict[str, Any]:
        answer = model.predict(make_input(as_rows(inputs, batched=batched)))
        return {name: from_rows(array, batched=batched) for name, array in _named(answer, outputs).items()}

    return predict


def _choose_input(schema: Any, signature: Signature) -> Callable[[dict[str, Array]], Any]:
    given = [field.name for field in signature.inputs]
    if schema is None:
        if all(field.dims in ((), (-1,)) for field in signature.inputs):
            return lambda rows: pd.DataFrame(dict(rows), copy=True)
        return lambda rows: rows[given[0]].copy() if len(given) == 1 else {name: rows[name] for name in given}
    if not schema.has_input_names():
        _check(given, ["the only one"], len(given) == 1)
        return lambda rows: rows[given[0]].copy()
    # a field's name may be a spelling of the model's (names.py)
    theirs = {as_name(name, f"input_{name}"): name for name in map(str, schema.input_names())}
    needed = {as_name(name, f"input_{name}") for name in map(str, schema.required_input_names())}
    _check(given, list(theirs), needed <= set(given) <= set(theirs))
    if schema.is_tensor_spec():
        return lambda rows: {theirs[name]: rows[name].copy() for name in given}
    return lambda rows: pd.DataFrame({theirs[name]: rows[name] for name in given}, copy=True)


def _check(given: list[str], wanted: list[str], fits: bool) -> None:
    if not fits:
        raise CannotLoad(
            f"the signature's inputs are {', '.join(given)}, those of the model's own signature {', '.join(wanted)}"
        )


def _named(answer: Any, outputs: list[str]) -> Mapping[str, Array]:
    if isinstance(answer, pd.DataFrame):
        answer = {str(column): answer[column] for column in answer.columns}
    if isinstance(answer, Mapping):
        named = {as_name(str(name), f"output_{name}"): np.asarray(array) for name, array in answer.items()}
        if len(named) == len(outputs) == 1:
            return {outputs[0]: next(iter(named.values()))}
        return named
    if isinstance(answer, tuple) and len(answer) == len(outputs) > 1:
        return {name: np.asarray(array) for name, array in zip(outputs, answer, strict=True)}
    return {outputs[0]: np.asarray(answer)}
