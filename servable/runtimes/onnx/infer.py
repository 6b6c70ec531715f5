"""The signature an ONNX graph carries: names, element types and shapes of its inputs and outputs.

A symbolic or unknown size is -1. Where every shape begins with 1, the graph was exported for one example: the
signature speaks of that example, without the 1, and the runtime adds it. Outputs that are no tensors (the maps that a
converter's ZipMap makes) are left out; the labels beside them stay.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from servable.contract import Field, Shape, Signature
from servable.dtypes import LAYOUTS, DType
from servable.errors import CannotLoad
from servable.runtimes.names import as_name
from servable.runtimes.onnx.fitting import slot
from servable.runtimes.payload import find_model_file

_DTYPES = {layout.numpy: dtype for dtype, layout in LAYOUTS.items()}


def infer(files: Path) -> Signature:
    """Raises CannotLoad for a graph that takes or gives nothing a signature can name."""
    path = find_model_file(files, (".onnx",))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), [node for node in session.get_outputs() if _is_tensor(node)]
    if not inputs or not outputs:
        raise CannotLoad(f"{path.name} has {len(inputs)} inputs and {len(outputs)} outputs that are tensors")
    shapes = [node.shape for node in (*inputs, *outputs)]
    trim = _for_one_example if all(shape and shape[0] == 1 for shape in shapes) else _sizes
    return Signature("predict", _fields(inputs, trim, "input"), _fields(outputs, trim, "output"))


def _is_tensor(node: Any) -> bool:
    return re.fullmatch(r"tensor\(\w+\)", node.type) is not None


def _fields(nodes: Sequence[Any], sizes: Callable[[Any], Shape | None], otherwise: str) -> tuple[Field, ...]:
    # the runtime takes a single input or output by any name
    names = [as_name(nodes[0].name, otherwise)] if len(nodes) == 1 else [node.name for node in nodes]
    return tuple(Field(name, _dtype(node), sizes(node.shape)) for name, node in zip(names, nodes, strict=True))


def _dtype(node: Any) -> DType:
    return _DTYPES[slot(node).dtype]


def _sizes(shape: Any) -> Shape | None:
    if shape is None:
        return None
    return Shape(tuple(size if isinstance(size, int) and size > 0 else -1 for size in shape))


def _for_one_example(shape: Any) -> Shape | None:
    return _sizes(shape[1:])
