"""What code reaches: the files of this repository that a folder of modules imports, directly or through others."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "functions"


def reach(root: Path, sources: Iterable[str]) -> list[str]:
    """Every file below `root` that the Python of `sources` needs: its own modules, what they import of `functions`,
    and the packages that those are in. An import inside a function counts like one above it.

    Raises FileNotFoundError for a source that does not exist.
    """
    waiting = [module for source in sources for module in modules(root / source)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += packages(root, file)
            waiting += [needed for name in imported(file) for needed in located(root, name)]
    return sorted(str(file.relative_to(root)) for file in found)


def modules(source: Path) -> list[Path]:
    if not source.exists():
        raise FileNotFoundError(f"nothing to stage at {source}")
    return [source] if source.is_file() else sorted(source.rglob("*.py"))


def packages(root: Path, file: Path) -> Iterator[Path]:
    """The `__init__.py` of each package that the file is in."""
    for folder in file.relative_to(root).parents[:-1]:
        yield root / folder / "__init__.py"


def imported(file: Path) -> Iterator[str]:
    """Names of ours that the module imports; of `from a import b` also `a.b`, which may be a module."""
    for node in ast.walk(ast.parse(file.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.partition(".")[0] == PACKAGE)


def located(root: Path, name: str) -> list[Path]:
    """The file of a module or package; none for a name that is something else."""
    path = root.joinpath(*name.split("."))
    return [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
