"""Rows: runtimes whose models take many rows at once, behind signatures that may speak of one.

A signature is *batched* when every input and output starts with a free dimension (-1, or no shape at all): its arrays
go to the model as they are. It is *single* when none does: a leading dimension of 1 is added on the way in and taken
off on the way out. A mixture has no meaning and is refused.
"""

from servable.contract import Signature
from servable.errors import CannotLoad, InvalidInput
from servable.tensors import Array


def is_batched(signature: Signature) -> bool:
    """Raises CannotLoad for a mixture."""
    batched = [field.name for field in (*signature.inputs, *signature.outputs) if field.is_batched]
    single = [field.name for field in (*signature.inputs, *signature.outputs) if not field.is_batched]
    if batched and single:
        raise CannotLoad(
            f"the signature mixes batches ({', '.join(batched)}) with single values ({', '.join(single)}); "
            "start every shape with -1, or none"
        )
    return not single


def as_rows(inputs: dict[str, Array], *, batched: bool) -> dict[str, Array]:
    """Inputs with a leading row dimension, the same for all. Raises InvalidInput when batches differ in length."""
    if not batched:
        return {name: array[None] for name, array in inputs.items()}
    rows = {name: array.reshape(1) if array.ndim == 0 else array for name, array in inputs.items()}
    lengths = {name: len(array) for name, array in rows.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"'{name}': {length}" for name, length in lengths.items())
        raise InvalidInput(f"expected the same number of rows in every input, received {told}")
    return rows


def from_rows(output: Array, *, batched: bool) -> Array:
    """An output as the signature speaks of it: without the row dimension when it is single."""
    return output if batched or output.ndim == 0 or len(output) != 1 else output[0]
