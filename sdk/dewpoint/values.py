"""Python, numpy and pandas values as JSON, and answers back as numpy. Neither package is needed to import this."""

import math
import sys
from collections.abc import Mapping
from typing import Any

from dewpoint.errors import InvalidInput


def to_inputs(data: Any) -> dict[str, Any]:
    """One JSON value per input, of a mapping, a pandas Series or a named tuple. Raises InvalidInput."""
    if isinstance(data, Mapping) or is_pandas(data, "Series"):
        items = data.items()
    elif hasattr(data, "_asdict"):
        items = data._asdict().items()
    else:
        raise InvalidInput(f"inputs are a mapping, a Series or a named tuple, not {type(data).__name__}")
    return {str(name): to_json(value) for name, value in items}


def to_json(value: Any) -> Any:
    """`value` as JSON can say it; what is not finite is spelled "NaN", "Infinity", "-Infinity". Raises InvalidInput."""
    if isinstance(value, bytes):
        return _text(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _spelled(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(each) for each in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, pandas columns
        return to_json(value.tolist())
    raise InvalidInput(f"a {type(value).__name__} cannot be sent as an input")


def to_numpy(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs as numpy arrays; scalars as numpy scalars; maps as dicts of the same, lists of maps as lists of those."""
    return {name: _as_numpy(value) for name, value in outputs.items()}


def _as_numpy(value: Any) -> Any:
    import numpy as np

    if isinstance(value, Mapping):
        return to_numpy(value)
    return [_as_numpy(each) for each in value] if _holds_maps(value) else np.asarray(value)[()]


def _holds_maps(value: Any) -> bool:
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, Mapping)


def is_pandas(value: Any, kind: str) -> bool:
    """Is `value` a pandas `kind`? Pandas is not imported for the question: who has one has imported it."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, getattr(pandas, kind))


def _spelled(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("bytes that are not UTF-8 text cannot be sent as JSON") from error
