"""Run by the mlflow runtime's own packages: saves models as MLflow does, infers, checks, calls; prints what it saw."""

import json
import sys
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature as mlflow_signature
from sklearn.linear_model import LogisticRegression

from servable.check import check
from servable.contract import read_contract
from servable.errors import CannotLoad
from servable.infer_signature import infer_signature
from servable.load import load_model
from servable.settings import read_settings

TABLE = pd.DataFrame({"width": [0.0, 1.0, 2.0, 3.0], "height of it": [1.0, 0.0, 1.0, 0.0]})
LABELS = [0, 0, 1, 1]


class Named(mlflow.pyfunc.PythonModel):  # type: ignore[misc,name-defined]
    """Columns in, columns out."""

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        return pd.DataFrame({"sum": model_input.sum(axis=1), "text": ["ok"] * len(model_input)})


def folder(root: Path, name: str) -> Path:
    made = root / name
    (made / "files").mkdir(parents=True)
    contract = {"name": "m", "version": 1, "runtime": "mlflow", "signature": None}
    (made / "contract.json").write_text(json.dumps(contract))
    return made


def seen(made: Path, inputs: dict[str, Any]) -> dict[str, Any]:
    infer_signature(made)
    checked = check(made, read_settings({}))[-1]
    contract = read_contract(made)
    outputs = load_model(made, contract)({name: np.array(value) for name, value in inputs.items()})
    return {
        "inputs": {field.name: [field.dtype.value, field.dims] for field in contract.signature.inputs},
        "outputs": {field.name: [field.dtype.value, field.dims] for field in contract.signature.outputs},
        "checked": checked,
        "answer": {name: array.tolist() for name, array in outputs.items()},
    }


def misfit(made: Path) -> str:
    contract = json.loads((made / "contract.json").read_text())
    contract["signature"]["inputs"][0]["name"] = "other"
    (made / "contract.json").write_text(json.dumps(contract))
    try:
        load_model(made, read_contract(made))
    except CannotLoad as error:
        return str(error)
    return "loaded"


def main(root: Path) -> dict[str, Any]:
    columns, table, named = (folder(root, name) for name in ("columns", "table", "named"))
    model = LogisticRegression().fit(TABLE, LABELS)
    mlflow.sklearn.save_model(
        model, columns / "files", signature=mlflow_signature(TABLE, model.predict(TABLE)), pip_requirements=[]
    )
    model = LogisticRegression().fit(TABLE.to_numpy(), LABELS)
    signature = mlflow_signature(TABLE.to_numpy(), model.predict_proba(TABLE.to_numpy()))
    mlflow.sklearn.save_model(
        model, table / "files" / "model", signature=signature, pyfunc_predict_fn="predict_proba", pip_requirements=[]
    )
    signature = mlflow_signature(TABLE, Named().predict(None, TABLE))
    mlflow.pyfunc.save_model(named / "files", python_model=Named(), signature=signature, pip_requirements=[])
    rows = {"width": [0.0, 3.0], "height_of_it": [1.0, 0.0]}
    return {
        "columns": seen(columns, rows),
        "table": seen(table, {"input": [[0.0, 1.0], [3.0, 0.0]]}),
        "named": seen(named, rows),
        "misfit": misfit(columns),
    }


if __name__ == "__main__":
    sys.stdout.write("RESULT " + json.dumps(main(Path(sys.argv[1]))) + "\n")
