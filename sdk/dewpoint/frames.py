"""pandas DataFrames as JSON, by columns or by rows. pandas is not needed to import this.

pandas calls everything that is missing NaN. Among floats that is a value, and stays one; among texts and integers it is
none, and becomes null, which the platform refuses with its place: a model would be told the text "NaN".
"""

from collections.abc import Iterator
from typing import Any

from dewpoint.errors import InvalidInput
from dewpoint.values import to_json


def to_columns(frame: Any) -> dict[str, list[Any]]:
    """Each column's values. Raises InvalidInput naming the column."""
    return {str(name): _values(str(name), column) for name, column in frame.items()}


def to_rows(frame: Any) -> Iterator[dict[str, Any]]:
    """The same row by row. Every value keeps its column's type: integers stay integers beside floats."""
    columns = to_columns(frame)
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _values(name: str, column: Any) -> list[Any]:
    values, absent = column.tolist(), column.isna().tolist()
    if True in absent and not _are_floats(column.dtype, values, absent):
        values = [None if missing else value for value, missing in zip(values, absent, strict=True)]
    try:
        return [to_json(value) for value in values]
    except InvalidInput as error:
        raise InvalidInput(f"column {name}: {error}") from error


def _are_floats(dtype: Any, values: list[Any], absent: list[bool]) -> bool:
    """A float column, or one of plain objects that holds nothing but numbers; pandas' own Float64 has no NaN."""
    if dtype.kind == "f":
        return all(isinstance(value, float) for value in values)
    present = [value for value, missing in zip(values, absent, strict=True) if not missing]
    return bool(present) and str(dtype) == "object" and all(isinstance(value, int | float) for value in present)
