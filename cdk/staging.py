"""What a unit ships: a list of files, copied to build/<unit> with its top folders kept.

One mechanism fills zips and image contexts, so imports are the same everywhere and a diff of build/ shows what ships.
Copying goes through the difference only: two synths at a time do not pull files from under each other.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cdk.layering import LayerBuilder
from cdk.reach import reach

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "build", "dist")
LEFT_OUT_SUFFIXES = (".pyc", ".egg-info", ".pyi")
BESIDE = {"manager": ("docs/openapi.json",)}  # what a slice serves that is not its code


class Staging:
    """Copies from `root` to `build`; `layers` makes the folders of third-party layers."""

    def __init__(self, root: Path, build: Path, layers: LayerBuilder) -> None:
        self._root = root
        self._build = build
        self._layers = layers

    def slice(self, name: str) -> str:
        """The folder of a function's zip: the slice `name`, the HTTP door, and what they import."""
        return self.code(name, (f"functions/{name}", "app.py"), {path: path for path in BESIDE.get(name, ())})

    def code(self, name: str, sources: Iterable[str], beside: Mapping[str, str]) -> str:
        """The folder build/<name> with the Python of `sources` and all of ours that it imports (cdk/reach.py), so that
        a change ships where it matters; `beside` maps further files to their place."""
        return self.unit(name, reach(self._root, sources), beside)

    def unit(self, name: str, sources: Iterable[str], moved: Mapping[str, str] | None = None) -> str:
        """The folder build/<name> with `sources`; `moved` maps further sources to another place.

        Raises FileNotFoundError for a source that does not exist.
        """
        places = {source: source for source in sources} | dict(moved or {})
        target = self._build / name
        mirror(self._root, places, target)
        return str(target)

    def layer(self, name: str) -> str:
        """The folder of the layer layers/<name>."""
        return self._layers.build(
            name, self._root / "layers" / name / "requirements.txt", self._build / "layers" / name
        )


def mirror(root: Path, places: Mapping[str, str], target: Path) -> None:
    """Makes `target` hold exactly the files of `places` (source below root -> place below target)."""
    wanted = {
        Path(place, file.relative_to(root / source)) if (root / source).is_dir() else Path(place): file
        for source, place in places.items()
        for file in files(root / source)
    }
    for place, file in wanted.items():
        copy(file, target / place)
    for stale in {file.relative_to(target) for file in files(target)} - set(wanted):
        (target / stale).unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copies content and mode, unless both are there already; atomic."""
    if target.is_file() and same(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy(source, fresh)
    fresh.replace(target)


def same(one: Path, other: Path) -> bool:
    return one.stat().st_mode == other.stat().st_mode and one.read_bytes() == other.read_bytes()


def files(path: Path) -> Iterator[Path]:
    """The files of a file or folder, in a stable order, without what tools leave behind."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise FileNotFoundError(f"nothing to stage at {path}")
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = sorted(name for name in subfolders if not is_left_out(name))
        yield from (Path(folder, name) for name in sorted(names) if not is_left_out(name))


def is_left_out(name: str) -> bool:
    return name in LEFT_OUT or name.endswith(LEFT_OUT_SUFFIXES)
