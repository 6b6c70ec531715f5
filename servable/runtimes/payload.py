"""Finding the model file in a payload."""

from pathlib import Path

from servable.errors import CannotLoad


def find_model_file(files: Path, *preferences: tuple[str, ...]) -> Path:
    """The only file with one of the suffixes that are preferred most; in the top folder if there, else anywhere.

    Raises CannotLoad when there is none, or when several are equally good.
    """
    for suffixes in preferences:
        everywhere = sorted(path for path in files.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
        found = [path for path in everywhere if path.parent == files] or everywhere
        if len(found) > 1:
            names = ", ".join(str(path.relative_to(files)) for path in found)
            raise CannotLoad(f"the payload holds several models: {names}; keep one")
        if found:
            return found[0]
    wanted = ", ".join(f"*{suffix}" for suffixes in preferences for suffix in suffixes)
    raise CannotLoad(f"the payload holds no model file; expected one of {wanted}")
