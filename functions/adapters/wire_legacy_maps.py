"""Maps in the reference system's tensors, to leaves (core/leaves.py) and back.

A DT_MAP is a row-major list of objects, each with tensors by name. It is read without a signature: a list without an
object says nothing of its leaves, so that the shapes of all maps are told beside them.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from functions.adapters.pb import legacy_gateway_pb2 as pb
from functions.core import dtypes
from functions.core.budget import Budget
from functions.core.dtypes import DType
from functions.core.errors import Problem
from functions.core.flatten import MAX_PROBLEMS, Dims
from functions.core.given import Given
from functions.core.leaves import SEPARATOR
from functions.core.place import escape
from functions.core.signature import MAP, MAX_DEPTH, MAX_MAPS, Field, shape_text
from functions.core.tensor import Tensor, is_hollow, resolve

# A tensor that is no map: its name, its message, its pointer
ReadTensor = Callable[[str, pb.Tensor, str], Given]
WriteTensor = Callable[[Tensor], pb.Tensor]
# The same field of all maps around it, in row-major order, each with its pointer
Column = list[tuple[str, pb.Tensor]]


class MapReader:
    """Reads named tensors, maps among them. `leaves` are what was found, `maps` the shapes of the maps by their paths,
    with those around them."""

    def __init__(self, read: ReadTensor, budget: Budget) -> None:
        self.leaves: list[Given] = []
        self.maps: dict[str, Dims] = {}
        self._read = read
        self._budget = budget

    def read(self, name: str, message: pb.Tensor, pointer: str) -> None:
        """Raises PayloadTooLarge."""
        self._read_column(name, [(pointer, message)], (), 0)

    def _read_column(self, name: str, column: Column, outer: Dims, depth: int) -> None:
        maps = [message.dtype == pb.DT_MAP for _, message in column]
        if not any(maps):
            self.leaves.append(_joined(name, [self._read(name, message, at) for at, message in column], column, outer))
        elif not all(maps):
            self._refuse(name, f"{column[maps.index(False)][0]}/dtype", f"{MAP}, as beside it", "another type")
        elif depth == MAX_MAPS:
            self._refuse(name, column[0][0], f"at most {MAX_MAPS} maps inside one another", "more")
        else:
            self._read_maps(name, column, outer, depth + 1)

    def _read_maps(self, name: str, column: Column, outer: Dims, depth: int) -> None:
        shapes = [_shape_of(message) for _, message in column]
        for (pointer, message), shape in zip(column, shapes, strict=True):
            if shape is None or shape != shapes[0]:
                beside = f", {shape_text(shapes[0])} as beside it" if shapes[0] is not None else ""
                told = f"{shape_text(message.tensor_shape.dims)} with {len(message.map_val)} maps"
                self._refuse(
                    name, f"{pointer}/tensor_shape", f"map_val alone, with as many maps as it says{beside}", told
                )
                return
        self.maps[name] = (*outer, *(shapes[0] or ()))
        rows = [
            (f"{pointer}/map_val/{at}/subtensors", each.subtensors)
            for pointer, message in column
            for at, each in enumerate(message.map_val)
        ]
        self._budget.take(sum(len(tensors) for _, tensors in rows))
        for key in dict.fromkeys(key for _, tensors in rows for key in tensors):
            inside = f"{name}{SEPARATOR}{key}"
            if absent := [f"{pointer}/{escape(key)}" for pointer, tensors in rows if key not in tensors]:
                self._refuse(inside, absent[0], "a tensor, as in the maps beside it", "nothing: the field is missing")
                continue
            members = [(f"{pointer}/{escape(key)}", tensors[key]) for pointer, tensors in rows]
            self._read_column(inside, members, self.maps[name], depth)

    def _refuse(self, name: str, pointer: str, expected: str, received: str) -> None:
        self.leaves.append(Given(name, None, (Problem(pointer, expected, received),)))


def _shape_of(message: pb.Tensor) -> Dims | None:
    """That of the list of objects; None when it is not that of a list of so many, or when elements lie beside them."""
    others = [field for field, _ in message.ListFields() if field.name.endswith("_val") and field.name != "map_val"]
    dims, count = tuple(message.tensor_shape.dims), len(message.map_val)
    if others or len(dims) > MAX_DEPTH or any(size < -1 for size in dims):
        return None
    return resolve(dims if dims or count == 1 else (count,), count)


def _joined(name: str, rows: Sequence[Given], column: Column, outer: Dims) -> Given:
    """One tensor of those in all maps; with `outer` () there is one."""
    first = rows[0]
    if not outer:
        return first
    if problems := [problem for row in rows for problem in row.problems]:
        return Given(name, None, tuple(problems[:MAX_PROBLEMS]), first.dtype)
    tensors = [row.tensor for row in rows if row.tensor is not None]
    kind = (tensors[0].dtype, tensors[0].shape)
    for tensor, (pointer, _) in zip(tensors, column, strict=True):
        if (tensor.dtype, tensor.shape) != kind:
            expected, received = (
                f"{dtype.value}, {shape_text(shape)}" for dtype, shape in (kind, (tensor.dtype, tensor.shape))
            )
            return Given(name, None, (Problem(pointer, f"{expected}, as beside it", received),), kind[0])
    shape = (*outer, *kind[1])
    if is_hollow(shape):
        return Given(name, None, (Problem(column[0][0], "fewer lists without elements", shape_text(shape)),), kind[0])
    return Given(name, Tensor(kind[0], shape, b"".join(tensor.data for tensor in tensors)))


def to_tensors(fields: Iterable[Field], tensors: Mapping[str, Tensor], write: WriteTensor) -> dict[str, pb.Tensor]:
    """The message of each of `fields` that something is there of, maps nested as they are."""
    columns = {field.name: _to_column(field, tensors, (), "", write) for field in fields}
    return {name: column[0] for name, column in columns.items() if column is not None}


def _to_column(
    field: Field, tensors: Mapping[str, Tensor], outer: Dims, path: str, write: WriteTensor
) -> list[pb.Tensor] | None:
    """The field in each of the maps around it; None when nothing of it is there."""
    name = f"{path}{field.name}"
    if field.dtype is not None:
        tensor = tensors.get(name)
        return None if tensor is None else [write(row) for row in _rows(tensor, outer)]
    prefix = f"{name}{SEPARATOR}"
    some = next((tensor for leaf, tensor in tensors.items() if leaf.startswith(prefix)), None)
    if some is None:
        return None
    shape = some.shape[: len(outer) + len(field.dims or ())]
    columns = {inside.name: _to_column(inside, tensors, shape, prefix, write) for inside in field.subfields}
    there = {key: column for key, column in columns.items() if column is not None}
    objects = [
        pb.MapTensorData(subtensors=dict(zip(there, row, strict=True))) for row in zip(*there.values(), strict=True)
    ]
    dims = shape[len(outer) :]
    each = math.prod(dims)
    return [
        pb.Tensor(dtype=MAP, tensor_shape=pb.TensorShape(dims=dims), map_val=objects[at * each : (at + 1) * each])
        for at in range(math.prod(outer))
    ]


def _rows(tensor: Tensor, outer: Dims) -> Iterator[Tensor]:
    """The tensor in each of the maps around it."""
    count, shape = math.prod(outer), tensor.shape[len(outer) :]
    if tensor.dtype is DType.STRING:
        items, each = dtypes.split_bytes(tensor.data), math.prod(shape)
        parts = (dtypes.join_bytes(items[at * each : (at + 1) * each]) for at in range(count))
    else:
        size = len(tensor.data) // count if count else 0
        parts = (tensor.data[at * size : (at + 1) * size] for at in range(count))
    return (Tensor(tensor.dtype, shape, part) for part in parts)
