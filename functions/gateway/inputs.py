"""A caller's inputs, in the three forms callers have; each knows how to point at what is wrong with it."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Protocol

from functions.core.budget import Budget
from functions.core.describe import listing
from functions.core.errors import Problem, SignatureViolation
from functions.core.given import Given
from functions.core.inference import InferRequest, NamedCall
from functions.core.leaves import SEPARATOR, Leaf, find_misfits, leaves
from functions.core.place import escape
from functions.core.plain import read_plain
from functions.core.signature import MAP, Field, Signature, shape_text
from functions.core.tensor import Tensor
from functions.core.validate import check_kind, check_maps, check_tensor, missing


class Inputs(Protocol):
    def fit(self, signature: Signature) -> dict[str, Tensor]:
        """A tensor per leaf of `signature`. Raises SignatureViolation with every problem found, PayloadTooLarge."""


class PlainInputs:
    """A JSON object with one key per input: pointers like /x1 and /customer/1/age.

    Keys that nobody asked for are left out; `ignored` names them once the inputs were fitted.
    """

    def __init__(self, body: Any, budget: Budget | None = None) -> None:
        self._body = body
        self._budget = budget
        self.ignored: list[str] = []

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        reading = read_plain(signature.inputs, self._body, self._budget)
        if reading.problems:
            raise SignatureViolation.of(reading.problems)
        self.ignored = reading.strangers
        return reading.tensors


class ProtocolInputs:
    """The inputs of an Open Inference request: pointers like /inputs/0/shape; an unknown name is a problem."""

    def __init__(self, request: InferRequest) -> None:
        self._request = request

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        fields = {leaf.name: leaf for leaf in leaves(signature.inputs)}
        problems: list[Problem] = []
        tensors: dict[str, Tensor] = {}
        seen: dict[str, int] = {}
        for at, given in enumerate(self._request.inputs):
            problems.extend(_check(given, fields, seen, f"/inputs/{at}"))
            seen.setdefault(given.name, at)
            if given.tensor is not None:
                tensors[given.name] = given.tensor
        problems.extend(_missing(leaf) for name, leaf in fields.items() if name not in seen)
        problems.extend(_unknown_outputs(self._request.outputs, signature.outputs))
        if not problems:
            problems = [
                Problem(
                    f"/inputs/{seen[misfit.name]}/shape",
                    f"{misfit.expected} for input '{misfit.name}'",
                    misfit.received,
                )
                for misfit in find_misfits(fields.values(), tensors)
            ]
        if problems:
            raise SignatureViolation.of(problems)
        return tensors


class NamedInputs:
    """The tensors of the reference system's clients, by name: pointers like /data/x1/shape.

    Others are left out; `ignored` names them once the inputs were fitted.
    """

    def __init__(self, request: NamedCall) -> None:
        self._given = {given.name: given for given in request.inputs}
        self._maps = request.maps
        self.ignored: list[str] = []

    def fit(self, signature: Signature) -> dict[str, Tensor]:
        tensors: dict[str, Tensor] = {}
        problems: list[Problem] = []
        expected = leaves(signature.inputs)
        for leaf in expected:
            pointer = f"/data/{escape(leaf.name)}"
            given = self._given.get(leaf.name) or self._empty(leaf)
            if given is None:
                problems.append(self._missing(leaf, pointer))
                continue
            problems.extend(_problems(leaf, given, pointer))
            if given.tensor is not None:
                tensors[leaf.name] = given.tensor
        problems = list(dict.fromkeys(problems)) or check_maps(expected, tensors, "/data")
        if problems:
            raise SignatureViolation.of(problems)
        self.ignored = self._strangers(expected)
        return tensors

    def _empty(self, leaf: Leaf) -> Given | None:
        """The leaf of a list without a map, whose own sizes are as the signature has them, or 0 where free."""
        outer = next((self._maps[path] for path in _paths(leaf.name) if path in self._maps), ())
        if 0 not in outer or leaf.dims is None:
            return None
        inner = (0 if size == -1 else size for size in leaf.dims[len(outer) :])
        return Given(leaf.name, Tensor(leaf.dtype, (*outer, *inner), b""))

    def _missing(self, leaf: Leaf, pointer: str) -> Problem:
        """What came in its place, if anything did."""
        if leaf.name in self._maps:
            return Problem(f"{pointer}/dtype", leaf.dtype.value, MAP)
        for path in _paths(leaf.name):
            if path in self._given:
                given = self._given[path]
                said = given.tensor.dtype if given.tensor is not None else given.dtype
                return Problem(f"/data/{escape(path)}/dtype", MAP, said.value if said else "another type")
        return missing(leaf, pointer)

    def _strangers(self, expected: Sequence[Leaf]) -> list[str]:
        known = {leaf.name for leaf in expected} | {path for leaf in expected for path in _paths(leaf.name)}
        return [name for name in dict.fromkeys((*self._given, *self._maps)) if name not in known]


def _paths(name: str) -> list[str]:
    """Of the maps around a leaf, innermost first."""
    parts = name.split(SEPARATOR)
    return [SEPARATOR.join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _check(given: Given, fields: Mapping[str, Leaf], seen: Container[str], pointer: str) -> list[Problem]:
    leaf = fields.get(given.name)
    if leaf is None:
        return [Problem(f"{pointer}/name", f"one of the inputs {listing(fields)}", repr(given.name[:100]))]
    if given.name in seen:
        return [Problem(f"{pointer}/name", "each input once", f"{given.name!r} again")]
    # A pointer says where, but a person knows inputs by their names
    return [
        Problem(p.pointer, f"{p.expected} for input '{leaf.name}'", p.received) for p in _problems(leaf, given, pointer)
    ]


def _problems(leaf: Leaf, given: Given, pointer: str) -> list[Problem]:
    """Also of what cannot be read: whoever mends that would hear of the rest only then."""
    if given.tensor is not None:
        return check_tensor(leaf, given.tensor, pointer)
    return [*check_kind(leaf, given.dtype, given.shape, pointer), *given.problems]


def _missing(leaf: Leaf) -> Problem:
    expected = f"an input '{leaf.name}' ({leaf.dtype.datatype}, {shape_text(leaf.dims)})"
    return Problem("/inputs", expected, "nothing: the field is missing")


def _unknown_outputs(wanted: Sequence[str], outputs: Sequence[Field]) -> list[Problem]:
    known = {leaf.name: leaf for leaf in leaves(outputs)}
    return [
        Problem(f"/outputs/{at}/name", f"one of the outputs {listing(known)}", repr(name[:100]))
        for at, name in enumerate(wanted)
        if name not in known
    ]
