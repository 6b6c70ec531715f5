"""Fits CloudFormation properties to the parameters of an API operation, driven by botocore's shapes.

CloudFormation writes `PascalCase`, passes numbers and booleans as text, tags as a list of Key and Value, and documents
as objects; APIs want their own spelling, real types, sometimes tags as a map, lists wrapped with their length
(CloudFront), and documents as JSON text.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

WRAPPED_LIST = {"Quantity", "Items"}


class Misfit(ValueError):
    """A property cannot become the parameter that the API wants."""


def cast(value: Any, shape: Shape) -> Any:
    """The value as the shape wants it; members that the shape does not know are left out. Raises `Misfit`."""
    if isinstance(shape, StructureShape):
        return structure(value, shape)
    if isinstance(shape, ListShape):
        return [cast(item, shape.member) for item in as_list(value)]
    if isinstance(shape, MapShape):
        return {str(key): cast(item, shape.value) for key, item in as_map(value).items()}
    return scalar(value, shape.type_name)


def structure(value: Any, shape: StructureShape) -> dict[str, Any]:
    """A mapping with the members of a structure; a list where the structure is a list with its length."""
    if set(shape.members) >= WRAPPED_LIST:
        value = with_length(value)
    if not isinstance(value, dict):
        raise Misfit(f"{shape.name} wants an object, not {value!r}")
    members = {name.lower(): name for name in shape.members}
    known = {members[key.lower()]: item for key, item in value.items() if key.lower() in members and item is not None}
    return {name: cast(item, shape.members[name]) for name, item in known.items()}


def with_length(value: Any) -> Any:
    """A list together with its length, as CloudFront wants it; already an object, it may lack the length."""
    if not isinstance(value, dict):
        value = {"Items": as_list(value)}
    return {"Quantity": len(value.get("Items") or []), **value}


def as_list(value: Any) -> list[Any]:
    """CloudFormation lets a list of one be written without its brackets."""
    return value if isinstance(value, list) else [value]


def as_map(value: Any) -> dict[str, Any]:
    """A mapping, also from the list of pairs that tags and dimensions come as. Raises `Misfit`."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(pair, dict) and {"Key", "Value"} <= set(pair) for pair in value):
        return {pair["Key"]: pair["Value"] for pair in value}
    raise Misfit(f"neither an object nor a list of Key and Value: {value!r}")


def boolean(value: Any) -> bool:
    """True and false, also as text."""
    text = str(value).lower()
    if text not in ("true", "false"):
        raise Misfit(f"neither true nor false: {value!r}")
    return text == "true"


def text(value: Any) -> str:
    """Text; objects and lists become JSON, booleans are spelled as JSON spells them."""
    return value if isinstance(value, str) else json.dumps(value)


def data(value: Any) -> bytes:
    """Bytes of a blob parameter."""
    return value if isinstance(value, bytes) else text(value).encode()


SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": text,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": boolean,
    "blob": data,
}


def scalar(value: Any, type_name: str) -> Any:
    """One value of a scalar type; raises `Misfit`."""
    try:
        return SCALARS.get(type_name, lambda unchanged: unchanged)(value)
    except (TypeError, ValueError) as error:
        raise Misfit(f"not a {type_name}: {value!r}") from error
