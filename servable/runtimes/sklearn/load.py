"""The sklearn runtime: a fitted estimator or pipeline in a `.skops` file, or in a `.joblib`, `.pkl` or `.pickle` one.

skops is preferred because it says what it would build before building it. A pickle runs code when it is opened; that
code is the model owner's, inside the model's own container, and it is opened nowhere else on the platform.
columns.py tells how inputs become X, answers.py which method gives which output, shortcuts.py when both are passed by.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from servable.contract import Signature
from servable.errors import CannotLoad
from servable.model import Predict
from servable.runtimes.batching import as_rows, from_rows, is_batched
from servable.runtimes.payload import find_model_file
from servable.runtimes.sklearn.answers import choose_method, shape_answer
from servable.runtimes.sklearn.columns import choose_columns
from servable.runtimes.sklearn.shortcuts import find_shortcut
from servable.runtimes.sklearn.trusted import TRUSTED_TYPES
from servable.tensors import Array


def load(files: Path, signature: Signature, _cpus: int) -> Predict:
    """Raises CannotLoad when the file is not an estimator, is not trusted, or does not fit the signature."""
    estimator = find_estimator(files)
    batched = is_batched(signature)
    make_x = choose_columns(estimator, signature)
    methods = {field.name: choose_method(estimator, field) for field in signature.outputs}
    asked = list(dict.fromkeys(methods.values()))
    shapes = {field.name: shape_answer(methods[field.name], field) for field in signature.outputs}

    def ask(rows: Mapping[str, Array]) -> dict[str, Any]:
        x = make_x(rows)
        return {method: getattr(estimator, method)(x) for method in asked}

    shortcut = find_shortcut(estimator, signature, asked, ask)

    def predict(inputs: dict[str, Array]) -> dict[str, Array]:
        rows = as_rows(inputs, batched=batched)
        answers = (shortcut(rows) if shortcut else None) or ask(rows)
        return {name: from_rows(shapes[name](answers[method]), batched=batched) for name, method in methods.items()}

    return predict


def find_estimator(files: Path) -> Any:
    """The payload's estimator. Raises CannotLoad."""
    path = find_model_file(files, (".skops",), (".joblib", ".pkl", ".pickle"))
    estimator = _open_skops(path) if path.suffix.lower() == ".skops" else _open_pickle(path)
    if not (hasattr(estimator, "predict") or hasattr(estimator, "transform")):
        raise CannotLoad(f"{path.name} holds a {type(estimator).__name__}, which can neither predict nor transform")
    return estimator


def _open_skops(path: Path) -> Any:
    import skops.io  # only this path of the two needs it, and imports cost start-up time

    refused = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES))
    if refused:
        raise CannotLoad(
            f"{path.name} names types the platform does not trust: {', '.join(refused)}; "
            "for own classes use the python runtime"
        )
    return skops.io.load(path, trusted=TRUSTED_TYPES)


def _open_pickle(path: Path) -> Any:
    import joblib

    return joblib.load(path)
