"""The onnx runtime: an ONNX graph on the CPU, inputs and outputs by name.

A signature and a graph may differ where nothing is lost in meaning: a graph with one input (or output) takes the
signature's only one whatever its name; a single input of a graph of columns takes the signature's scalars side by side;
float widths are converted to the graph's; shapes are fitted by fitting.py. Tensors stored outside the file must lie in
its folder: ONNX Runtime refuses paths and links that lead out of it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from servable.contract import Signature
from servable.errors import CannotLoad
from servable.model import Predict
from servable.runtimes.batching import as_rows, is_batched
from servable.runtimes.onnx.fitting import Slot, fit_input, fit_output, pair, slot
from servable.runtimes.payload import find_model_file
from servable.tensors import Array


def load(files: Path, signature: Signature, cpus: int) -> Predict:
    """Raises CannotLoad when the graph is broken or does not fit the signature."""
    path = find_model_file(files, (".onnx",))
    session = _open(path, cpus)
    batched = is_batched(signature)
    given = [slot(node) for node in session.get_inputs()]
    stacked = len(given) == 1 and len(signature.inputs) > 1
    inputs = {} if stacked else pair(signature.inputs, given, "input")
    outputs = pair(signature.outputs, [slot(node) for node in session.get_outputs()], "output")
    wanted = [outputs[field.name].name for field in signature.outputs]

    def predict(values: dict[str, Array]) -> dict[str, Array]:
        rows = as_rows(values, batched=batched)
        feed = (
            _stack(rows, given[0])
            if stacked
            else {inputs[name].name: fit_input(array, inputs[name]) for name, array in rows.items()}
        )
        answers = _run(session, wanted, feed)
        return {
            field.name: fit_output(answer, field, batched=batched)
            for field, answer in zip(signature.outputs, answers, strict=True)
        }

    return predict


def _open(path: Path, cpus: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cpus
    options.inter_op_num_threads = 1
    # waiting threads must not burn the processor that other calls need
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no parent but Exception
        raise CannotLoad(f"{path.name}: {error}") from error


def _stack(rows: dict[str, Array], target: Slot) -> dict[str, Array]:
    table = np.hstack([array.reshape(len(array), -1) for array in rows.values()])
    return {target.name: fit_input(table, target)}


def _run(session: Any, wanted: list[str], feed: dict[str, Array]) -> list[Any]:
    try:
        answers: list[Any] = session.run(wanted, feed)
    except Exception as error:
        if type(error).__name__ == "InvalidArgument":  # the class lives in a private module
            raise ValueError(str(error)) from error
        raise
    return answers
