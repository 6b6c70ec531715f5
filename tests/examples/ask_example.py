"""Answers one question with an example's model, the way its servable would: python ask_example.py EXAMPLE < inputs.json

A process of its own, because loading a model changes the working directory and the import path.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from dewpoint.apply.apply_documents import prepare
from dewpoint.documents.load import load_documents

from servable.contract import Field, read_contract
from servable.dtypes import LAYOUTS
from servable.load import load_model


def main(folder: Path, inputs: dict[str, Any]) -> dict[str, Any]:
    spec = prepare(load_documents([str(folder)], sys.stdin.read).models[0])
    with tempfile.TemporaryDirectory() as place:
        for file in spec.payload.files:
            target = Path(place, "files", file.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.source, target)
        contract = {"name": spec.name, "version": 1, "runtime": spec.runtime, "signature": spec.signature.to_json()}
        Path(place, "contract.json").write_text(json.dumps(contract))
        read = read_contract(Path(place))
        model = load_model(Path(place), read)
        outputs = model({field.name: as_array(field, inputs[field.name]) for field in read.signature.inputs})
    return {name: array.tolist() for name, array in outputs.items()}


def as_array(field: Field, value: Any) -> Any:
    array = np.asarray(value, LAYOUTS[field.dtype].numpy)
    assert field.accepts(array.shape), field.name
    return array


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]).absolute(), json.load(sys.stdin))))
