"""Where an MLflow model lies in a payload."""

from pathlib import Path

from servable.errors import CannotLoad

DESCRIPTION = "MLmodel"


def find_folder(files: Path) -> Path:
    """The only folder with an `MLmodel` file, the payload's own first. Raises CannotLoad."""
    if (files / DESCRIPTION).is_file():
        return files
    found = sorted(path.parent for path in files.rglob(DESCRIPTION) if path.is_file())
    if len(found) != 1:
        names = ", ".join(str(path.relative_to(files)) for path in found) or "none"
        raise CannotLoad(f"expected one folder with a file {DESCRIPTION} in the payload, found {names}")
    return found[0]
