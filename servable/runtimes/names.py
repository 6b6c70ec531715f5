"""Names of fields: what a format calls its inputs and outputs, as names that a signature may have."""

import re
from collections.abc import Iterable, Iterator

from servable.contract import Field, Signature
from servable.errors import CannotLoad

NAME = re.compile(r"[A-Za-z_][\w.\-]*")  # functions/core/signature.py has the same rule


def is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None


def as_name(name: str, otherwise: str) -> str:
    """`name` with every other character as _, for a field whose name the runtime does not need."""
    cleaned = re.sub(r"[^\w.\-]+", "_", name, flags=re.ASCII).strip("_")
    return cleaned if is_name(cleaned) else otherwise


def checked_names(signature: Signature) -> Signature:
    """The same signature. Raises CannotLoad naming the fields that no request could name."""
    wrong = [repr(name) for name in _names((*signature.inputs, *signature.outputs)) if not is_name(name)]
    if wrong:
        raise CannotLoad(
            f"the model names {', '.join(wrong)}, and a field's name is letters, digits, '_', '.' and '-' after "
            "a letter; rename them in the model, or give it a contract whose names fit"
        )
    return signature


def _names(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from _names(field.subfields)
