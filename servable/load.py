"""The use case: from a model folder to a model that can be called."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from servable.batching import check_rows
from servable.contract import PAYLOAD_FOLDER, Contract, Signature
from servable.errors import CannotLoad, ServableError
from servable.model import Model, Predict

RUNTIMES = ("python", "sklearn", "onnx", "mlflow")

Loader = Callable[[Path, Signature, int], Predict]


def load_model(model_dir: Path, contract: Contract, runtime: str = "", cpus: int = 1) -> Model:
    """The runtime is the image's, or else the contract's. Raises CannotLoad with the reason in one line."""
    runtime = runtime or contract.runtime
    if runtime not in RUNTIMES:
        raise CannotLoad(f"runtime '{runtime}' is not one of {', '.join(RUNTIMES)}")
    if contract.batching:
        check_rows(contract)
    files = model_dir / PAYLOAD_FOLDER
    if not files.is_dir():
        raise CannotLoad(f"the model folder has no {PAYLOAD_FOLDER}/")
    try:
        loader: Loader = import_module(f"servable.runtimes.{runtime}.load").load
        # files have tensors in them; only a function that somebody wrote knows what a map is
        signature = contract.signature if runtime == "python" else contract.signature.tensors
        return Model(contract, runtime, loader(files, signature, cpus))
    except ServableError:
        raise
    except (Exception, SystemExit) as error:  # a model's own module runs here
        raise CannotLoad(f"{type(error).__name__}: {error}") from error
