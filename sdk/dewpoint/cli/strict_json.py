"""JSON as its standard has it. Python's own reader takes NaN, and takes 1e999 for infinity."""

import json
import math
from typing import Any, NoReturn


def read_json(text: str) -> Any:
    """Raises ValueError."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_float)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _float(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f'{text} is no JSON; write "NaN", "Infinity" or "-Infinity", with quotes, if it is meant')
