"""`python -m servable.check`: the last step of a model image's build.

It shows what is in the image, loads the model as the server would, and calls it once with a generated example of its
signature, so that a model that does not fit its signature fails to build instead of failing its first caller.

A model may refuse the example's values without being wrong: the signature does not tell the legal values of text and
of categories, and a function of the python runtime raises ValueError to say exactly that. Such a refusal is reported
and passes. Exit status 1 and a last line beginning with "build failed:" otherwise.
"""

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from servable.contract import PAYLOAD_FOLDER, Contract, Field, read_contract
from servable.dtypes import DType
from servable.errors import ServableError
from servable.example import example_inputs
from servable.load import load_model
from servable.model import Model
from servable.settings import Settings, read_settings
from servable.tensors import Array

_LONGEST_LISTING = 200


def check(model_dir: Path, settings: Settings) -> list[str]:
    """Lines that tell what was checked. Raises ServableError for what must not be served."""
    contract = read_contract(model_dir)
    lines = [
        f"model {contract.name} version {contract.version}, signature {contract.signature.signature_name}",
        *(f"  takes {_described(field)}" for field in contract.signature.tensors.inputs),
        *(f"  gives {_described(field)}" for field in contract.signature.tensors.outputs),
        *_listing(model_dir / PAYLOAD_FOLDER),
    ]
    return [*lines, _call_once(load_model(model_dir, contract, settings.runtime, settings.cpus))]


def _call_once(model: Model) -> str:
    try:
        outputs = model(example_inputs(model.contract.signature))
    except ServableError as error:
        if _is_only_refused(error.__cause__, model):
            return f"called with an example: refused, which its values may deserve: {error}"
        raise
    return "called with an example: " + ", ".join(f"{name} = {_short(array)}" for name, array in outputs.items())


def _is_only_refused(cause: BaseException | None, model: Model) -> bool:
    if isinstance(cause, ValueError) and model.runtime == "python":
        return True
    return isinstance(cause, ValueError | LookupError) and _has_legal_values(model.contract)


def _has_legal_values(contract: Contract) -> bool:
    return any(
        field.dtype is DType.STRING or field.profile in ("CATEGORICAL", "NOMINAL", "ORDINAL")
        for field in contract.signature.tensors.inputs
    )


def _described(field: Field) -> str:
    shape = "of any shape" if field.dims is None else f"{list(field.dims)}" if field.dims else "scalar"
    return f"{field.name}: {field.dtype.value} {shape}"


def _listing(files: Path) -> Iterable[str]:
    paths = sorted(path for path in files.rglob("*") if path.is_file())
    yield f"payload of {len(paths)} files"
    for path in paths[:_LONGEST_LISTING]:
        yield f"  {path.stat().st_size:>12,} {path.relative_to(files)}"
    if len(paths) > _LONGEST_LISTING:
        yield f"  ... and {len(paths) - _LONGEST_LISTING} more"


def _short(array: Array) -> str:
    text = " ".join(str(array.tolist()).split())
    return text if len(text) <= 60 else text[:60] + "…"


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        lines = check(Path.cwd(), read_settings(os.environ))
    except ServableError as error:
        sys.stdout.flush()
        sys.stderr.write(f"build failed: {' '.join(str(error).split())}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
