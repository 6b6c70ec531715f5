"""`python -m servable.infer_signature`: the step of a model image's build that finds a missing signature.

A `signature.json` in the payload wins; else the runtime reads what its format carries (runtimes/<runtime>/infer.py).
The contract of the image gets the signature, and a line of the build's log tells it to the build, which has no other
way to read from an image that it does not run. A contract with a signature is left as it is.

Exit status 1 and a last line beginning with "build failed:" when the payload carries no signature.
"""

import importlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from servable.contract import CONTRACT_FILE, PAYLOAD_FOLDER, Signature, check_signature, read_document
from servable.errors import CannotLoad, ServableError
from servable.load import RUNTIMES
from servable.runtimes.names import checked_names
from servable.settings import read_settings

SIGNATURE_FILE = "signature.json"
TOLD = "inferred signature: "  # buildspec.yml looks for this
ADVICE = f"give the model a contract (modelSignature), or put {SIGNATURE_FILE} into its payload"

Infer = Callable[[Path], Signature]


def infer_signature(model_dir: Path, runtime: str = "") -> Signature | None:
    """The signature that the payload carries, which the contract then has too; None when it had one before.

    Raises CannotLoad saying what is missing.
    """
    document = read_document(model_dir)
    if document.get("signature") is not None:
        return None
    files = model_dir / PAYLOAD_FOLDER
    signature = checked_names(_find(files, runtime or str(document.get("runtime", ""))))
    check_signature(signature)
    document["signature"] = msgspec.to_builtins(signature)
    (model_dir / CONTRACT_FILE).write_bytes(msgspec.json.encode(document))
    return signature


def _find(files: Path, runtime: str) -> Signature:
    if (files / SIGNATURE_FILE).is_file():
        return read_signature_file(files / SIGNATURE_FILE)
    if runtime not in RUNTIMES:
        raise CannotLoad(f"runtime '{runtime}' is not one of {', '.join(RUNTIMES)}; {ADVICE}")
    infer: Infer = importlib.import_module(f"servable.runtimes.{runtime}.infer").infer
    try:
        return infer(files)
    except CannotLoad as error:
        raise CannotLoad(f"{error}; {ADVICE}") from error
    except Exception as error:  # libraries of many kinds open the payload here
        raise CannotLoad(f"the signature cannot be read: {type(error).__name__}: {error}; {ADVICE}") from error


def read_signature_file(path: Path) -> Signature:
    """Raises CannotLoad, naming the key that is wrong."""
    try:
        document = msgspec.json.decode(path.read_bytes())
        return msgspec.convert(without_map_types(document), type=Signature)
    except msgspec.DecodeError as error:  # msgspec's ValidationError is one
        raise CannotLoad(f"{path.name}: {error}") from error


def without_map_types(document: Any) -> Any:
    """The signature without the `DT_MAP` that may stand beside subfields and says nothing more."""
    if isinstance(document, list):
        return [without_map_types(each) for each in document]
    if isinstance(document, dict):
        said = document.get("subfields") and str(document.get("dtype")).upper().removeprefix("DT_") == "MAP"
        kept = {key: value for key, value in document.items() if not (said and key == "dtype")}
        return {key: without_map_types(value) for key, value in kept.items()}
    return document


def told(signature: Any) -> str:
    """The line for the log: JSON has no line breaks of its own."""
    return TOLD + msgspec.json.encode(signature).decode()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        signature = infer_signature(Path.cwd(), read_settings(os.environ).runtime)
    except ServableError as error:
        sys.stdout.flush()
        sys.stderr.write(f"build failed: {' '.join(str(error).split())}\n")
        return 1
    sys.stdout.write(told(signature) + "\n" if signature else "the contract has its signature\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
