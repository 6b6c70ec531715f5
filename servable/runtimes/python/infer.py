"""The signature of a TensorFlow SavedModel or a Keras model in the payload, which the function then has to fit.

The library reads its own format, so the payload's install command must install it: tensorflow for a SavedModel, keras
with a backend (or tensorflow) for a `.keras` or `.h5` file. Nothing else in a python payload carries a signature.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from servable.contract import Field, Signature
from servable.errors import CannotLoad
from servable.runtimes.names import as_name
from servable.runtimes.specs import to_field

_SERVING = "serving_default"  # the name that TensorFlow itself serves by
_KERAS = (".keras", ".h5", ".hdf5")


def infer(files: Path) -> Signature:
    """Raises CannotLoad when no model says what it takes, or its library is not installed."""
    saved = sorted(files.rglob("saved_model.pb"))
    models = sorted(path for path in files.rglob("*") if path.suffix.lower() in _KERAS)
    if len(saved) + len(models) != 1:
        found = ", ".join(str(path.relative_to(files)) for path in (*saved, *models)) or "none"
        raise CannotLoad(f"expected one SavedModel or Keras model that tells a signature, found {found}")
    return _of_saved_model(saved[0].parent) if saved else _of_keras(models[0])


def _of_saved_model(folder: Path) -> Signature:
    tensorflow = _library("tensorflow", "a SavedModel")
    function = tensorflow.saved_model.load(str(folder)).signatures.get(_SERVING)
    if function is None:
        raise CannotLoad(f"the SavedModel has no signature {_SERVING}")
    _, inputs = function.structured_input_signature
    return Signature("predict", _specs(inputs), _specs(function.structured_outputs))


def _specs(specs: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(
        to_field(name, spec.dtype.name, None if spec.shape.rank is None else spec.shape.as_list())
        for name, spec in sorted(specs.items())
    )


def _of_keras(path: Path) -> Signature:
    model = _library("keras", "a Keras model").models.load_model(path, compile=False)
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise CannotLoad(f"{path.name} does not say its inputs and outputs: it was saved before it was built or called")
    outputs = _tensors(model.outputs, "output", _output_names(model))
    return Signature("predict", _tensors(model.inputs, "input"), outputs)


def _output_names(model: Any) -> Sequence[str]:
    """The layers that answer. A Sequential model keeps no list of them: its last layer does."""
    return getattr(model, "output_names", None) or [model.layers[-1].name]


def _tensors(tensors: Sequence[Any], otherwise: str, names: Sequence[str] = ()) -> tuple[Field, ...]:
    names = names or [tensor.name for tensor in tensors]
    return tuple(
        to_field(as_name(name, f"{otherwise}_{at}"), str(tensor.dtype), tensor.shape)
        for at, (name, tensor) in enumerate(zip(names, tensors, strict=True))
    )


def _library(name: str, what: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise CannotLoad(f"{what} is read by {name}, which the install command does not install: {error}") from error
