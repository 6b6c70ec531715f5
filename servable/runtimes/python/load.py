"""The python runtime: a function in `src/func_main.py`, named like the signature.

It is called with one keyword argument per input, a writable numpy array or, for a scalar, a numpy scalar (text: `str`),
for a map a dict or a list of dicts of the same, and returns a mapping of output names to Python or numpy values, nested
likewise. `src/` is importable and the working directory is the payload folder, so the function opens its files by
relative paths. Calls may run side by side (SERVABLE_THREADS).
"""

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from servable.contract import Signature
from servable.errors import CannotLoad
from servable.maps import gather
from servable.model import Predict
from servable.tensors import Array

_SOURCE = "src"
_MODULE = "func_main"


def load(files: Path, signature: Signature, _cpus: int) -> Predict:
    """Raises CannotLoad when the function is not there or does not take the signature's inputs."""
    function = _find_function(files, signature.signature_name)
    _check_arguments(function, signature)

    def predict(inputs: dict[str, Array]) -> Mapping[str, Any]:
        return function(**gather(signature.inputs, inputs))

    return predict


def _find_function(files: Path, name: str) -> Callable[..., Mapping[str, Any]]:
    if not (files / _SOURCE / f"{_MODULE}.py").is_file():
        raise CannotLoad(f"the payload has no {_SOURCE}/{_MODULE}.py")
    sys.path.insert(0, str(files.absolute() / _SOURCE))
    os.chdir(files)
    module = importlib.import_module(_MODULE)
    function = getattr(module, name, None)
    if not callable(function):
        defined = [key for key, value in vars(module).items() if inspect.isfunction(value) and not key.startswith("_")]
        raise CannotLoad(
            f"{_SOURCE}/{_MODULE}.py has no function '{name}', which is the signature's name; "
            f"it defines: {', '.join(defined) or 'no function'}"
        )
    if inspect.iscoroutinefunction(function):
        raise CannotLoad(f"{name}() is asynchronous; the runtime calls plain functions")
    found: Callable[..., Mapping[str, Any]] = function
    return found


def _check_arguments(function: Callable[..., Any], signature: Signature) -> None:
    names = [field.name for field in signature.inputs]
    try:
        inspect.signature(function).bind(**dict.fromkeys(names))
    except TypeError as error:
        raise CannotLoad(
            f"{signature.signature_name}{inspect.signature(function)} does not take the signature's inputs "
            f"({', '.join(names)}): {error}"
        ) from error
