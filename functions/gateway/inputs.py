"""A caller's inputs, in the three forms callers have; each knows how to point at what is wrong with it."""

from collections.abc import Sequence
from typing import Any, Protocol

from functions.core.errors import Problem, SignatureViolation
from functions.core.given import Given
from functions.core.inference import InferRequest
from functions.core.signature import Field, Signature, shape_text
from functions.core.tensor import Tensor
from functions.core.validate import check_tensor, escape, missing, read_plain


class Inputs(Protocol):
    def fit(self, signature: Signature) -> dict[str, Tensor]:
        """A tensor per input of `signature`. Raises SignatureViolation with every problem found."""


class PlainInputs:
    """A JSON object with one key per input: pointers like /x1; keys that nobody asked for are left out."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        tensors, problems, _ = read_plain(signature.inputs, self._body)
        if problems:
            raise SignatureViolation.of(problems)
        return tensors

    def ignored(self, signature: Signature) -> list[str]:
        """The keys that `fit` left out."""
        known = {field.name for field in signature.inputs}
        return [key for key in self._body if key not in known]


class ProtocolInputs:
    """The inputs of an Open Inference request: pointers like /inputs/0/shape; an unknown name is a problem."""

    def __init__(self, request: InferRequest) -> None:
        self._request = request

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        fields = {field.name: field for field in signature.inputs}
        problems: list[Problem] = []
        tensors: dict[str, Tensor] = {}
        seen: set[str] = set()
        for at, given in enumerate(self._request.inputs):
            problems.extend(_check(given, fields, seen, f"/inputs/{at}"))
            seen.add(given.name)
            if given.tensor is not None:
                tensors[given.name] = given.tensor
        problems.extend(_missing(field) for name, field in fields.items() if name not in seen)
        problems.extend(_unknown_outputs(self._request.outputs, signature.outputs))
        if problems:
            raise SignatureViolation.of(problems)
        return tensors


class NamedInputs:
    """The tensors of the reference system's clients, by name: pointers like /data/x1/shape; others are left out."""

    def __init__(self, inputs: Sequence[Given]) -> None:
        self._given = {given.name: given for given in inputs}

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        tensors: dict[str, Tensor] = {}
        problems: list[Problem] = []
        for field in signature.inputs:
            pointer = f"/data/{escape(field.name)}"
            given = self._given.get(field.name)
            if given is None:
                problems.append(missing(field, pointer))
            elif given.tensor is None:
                problems.extend(given.problems)
            else:
                problems.extend(check_tensor(field, given.tensor, pointer))
                tensors[field.name] = given.tensor
        if problems:
            raise SignatureViolation.of(problems)
        return tensors


def _check(given: Given, fields: dict[str, Field], seen: set[str], pointer: str) -> list[Problem]:
    field = fields.get(given.name)
    if field is None:
        return [Problem(f"{pointer}/name", f"one of the inputs {', '.join(fields)}", repr(given.name[:100]))]
    if given.name in seen:
        return [Problem(f"{pointer}/name", "each input once", f"{given.name!r} again")]
    found = check_tensor(field, given.tensor, pointer) if given.tensor is not None else given.problems
    # A pointer says where, but a person knows inputs by their names
    return [Problem(p.pointer, f"{p.expected} for input '{field.name}'", p.received) for p in found]


def _missing(field: Field) -> Problem:
    expected = f"an input '{field.name}' ({field.dtype.datatype}, {shape_text(field.dims)})"
    return Problem("/inputs", expected, "nothing: the field is missing")


def _unknown_outputs(wanted: Sequence[str], outputs: Sequence[Field]) -> list[Problem]:
    known = [field.name for field in outputs]
    return [
        Problem(f"/outputs/{at}/name", f"one of the outputs {', '.join(known)}", repr(name[:100]))
        for at, name in enumerate(wanted)
        if name not in known
    ]
