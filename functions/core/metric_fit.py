"""Does a metric model fit what it is to watch? Everything that stands in the way is told at once.

A metric model takes inputs and outputs of the watched call by their names, and answers one number, `value`. One that
counts rows (every field's first dimension is free) takes a request as one row, or the rows of a request.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from functions.core.batching import without_rows
from functions.core.dtypes import Kind
from functions.core.errors import Problem
from functions.core.leaves import Leaf, leaves
from functions.core.metric_specs import VALUE
from functions.core.place import escape
from functions.core.signature import Signature, shape_text

NUMBERS = (Kind.FLOAT, Kind.INTEGER)
ONE = ((), (1,))
ONE_PER_ROW = ((-1,), (-1, 1))


def check_fit(metric: Signature, watched: Signature, pointer: str) -> list[Problem]:
    """Problems of a metric model's signature; their pointers go on from `pointer` into it."""
    return [*_check_value(metric, pointer), *_check_inputs(metric, watched, f"{pointer}/inputs")]


def given_to_metrics(watched: Signature) -> dict[str, Leaf]:
    """What of a call metric models may take. An output hides an input of the same name: it is the later word."""
    return {leaf.name: leaf for leaf in leaves((*watched.inputs, *watched.outputs))}


def _check_value(metric: Signature, pointer: str) -> Iterator[Problem]:
    found = {leaf.name: leaf for leaf in leaves(metric.outputs)}
    value = found.get(VALUE)
    if value is None:
        yield Problem(f"{pointer}/outputs", f"an output {VALUE!r}, a number", f"only {', '.join(found)}")
        return
    where = f"{pointer}/outputs/{VALUE}"
    if value.dtype.layout.kind not in NUMBERS:
        yield Problem(f"{where}/dtype", "a type of numbers", value.dtype.value)
    counts_rows = not without_rows(metric)
    if value.dims not in ((*ONE, *ONE_PER_ROW) if counts_rows else ONE):
        per_row = ", or [-1] where the first dimension of every field is -1: one for each row"
        yield Problem(f"{where}/shape", f"one number: a scalar or [1]{per_row}", shape_text(value.dims))


def _check_inputs(metric: Signature, watched: Signature, pointer: str) -> list[Problem]:
    wanted, given = leaves(metric.inputs), given_to_metrics(watched)
    problems = list(_misfits(wanted, given, pointer))
    if problems and not without_rows(metric):
        rows = [_of_row(leaf) for leaf in wanted]
        problems = min(problems, list(_misfits(rows, given, pointer)), key=len)
    return problems


def _misfits(wanted: Iterable[Leaf], given: Mapping[str, Leaf], pointer: str) -> Iterator[Problem]:
    for leaf in wanted:
        where, source = f"{pointer}/{escape(leaf.name)}", given.get(leaf.name)
        if source is None:
            yield Problem(where, f"an input or output of the watched version: {', '.join(given)}", "none of that name")
            continue
        if leaf.dtype is not source.dtype:
            yield Problem(f"{where}/dtype", f"{source.dtype.value}, as the watched version has", leaf.dtype.value)
        if not _may_fit(leaf.dims, source.dims):
            told = f"{shape_text(source.dims)}, as the watched version has"
            yield Problem(f"{where}/shape", told, shape_text(leaf.dims))


def _of_row(leaf: Leaf) -> Leaf:
    return Leaf(leaf.name, leaf.dtype, (leaf.dims or (-1,))[1:])


def _may_fit(wanted: Sequence[int] | None, given: Sequence[int] | None) -> bool:
    """As shapes of a graph's stages do: a free dimension may turn out to be any size."""
    if wanted is None or given is None:
        return True
    return len(wanted) == len(given) and all(a == b or -1 in (a, b) for a, b in zip(wanted, given, strict=True))
