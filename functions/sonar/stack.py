"""Many observations as the rows of one call, and the answer cut into their rows again.

Tensors are joined as bytes: row-major data of equal rows is the data of one row after another.
"""

from collections.abc import Iterator, Mapping, Sequence

from functions.core import dtypes
from functions.core.leaves import leaves
from functions.core.signature import Signature
from functions.core.tensor import Tensor


class NotStackable(ValueError):
    """These inputs are not rows of one call."""


def stack(signature: Signature, observed: Sequence[Mapping[str, Tensor]]) -> tuple[dict[str, Tensor], list[int]]:
    """One input per field, and how many rows each observation has. Raises NotStackable.

    A field `[-1, 4]` takes `[4]` as one row and `[3, 4]` as three.
    """
    if any((leaf.dims or (0,))[0] != -1 for leaf in leaves((*signature.inputs, *signature.outputs))):
        raise NotStackable
    rows: list[int] | None = None
    stacked: dict[str, Tensor] = {}
    for field in leaves(signature.inputs):
        tensors = [inputs.get(field.name) for inputs in observed]
        rest, counts, parts = set[tuple[int, ...]](), list[int](), list[bytes]()
        for tensor in tensors:
            if tensor is None or tensor.dtype is not field.dtype:
                raise NotStackable
            inner, count = _rows(tensor, len(field.dims or ()))
            rest.add(inner)
            counts.append(count)
            parts.append(tensor.data)
        if len(rest) != 1 or (rows is not None and rows != counts):
            raise NotStackable
        rows = counts
        stacked[field.name] = Tensor(field.dtype, (sum(counts), *rest.pop()), b"".join(parts))
    return stacked, rows or []


def unstack(tensor: Tensor, rows: Sequence[int]) -> Iterator[Tensor]:
    """`tensor`, which has so many rows in all, cut after each of `rows`."""
    elements, at = tensor.elements(), 0
    width = len(elements) // tensor.shape[0] if tensor.shape[0] else 0
    for count in rows:
        part = elements[at : at + count * width]
        at += count * width
        yield Tensor(tensor.dtype, (count, *tensor.shape[1:]), dtypes.encode(tensor.dtype, part))


def _rows(tensor: Tensor, rank: int) -> tuple[tuple[int, ...], int]:
    """The shape of one row, and how many there are. Raises NotStackable."""
    if len(tensor.shape) == rank - 1:
        return tensor.shape, 1
    if len(tensor.shape) == rank:
        return tensor.shape[1:], tensor.shape[0]
    raise NotStackable
