"""How an error names what it received, and what it would have taken."""

from collections.abc import Collection
from itertools import islice
from typing import Any

KINDS = {int: "integer", float: "number", str: "string"}
LONGEST = 60  # characters
LARGEST = 10**LONGEST
MOST_NAMES = 50


def describe(value: Any) -> str:
    """A JSON value: its kind and its beginning; of lists and objects only the size."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, int) and abs(value) >= LARGEST:
        return f"integer of {value.bit_length()} bits"  # Python refuses to write out what is very long
    text = repr(value[: LONGEST + 1] if isinstance(value, str) else value)
    kind = KINDS.get(type(value), type(value).__name__)
    return f"{kind} {text[:LONGEST]}{'…' if len(text) > LONGEST else ''}"


def listing(names: Collection[str]) -> str:
    """The names, and of very many the first."""
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(islice(names, MOST_NAMES)) + more
