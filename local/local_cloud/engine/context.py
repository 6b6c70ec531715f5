"""COPY: files of the build context, found first, placed later.

What an instruction copies is resolved to data as soon as it is read, so that the build cache can be asked before
anything is written.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import digest
from .errors import EngineError
from .ignore import glob_expression
from .images import inside


@dataclass(frozen=True)
class Placement:
    """One source and where it goes. `target` is an absolute path of the image."""

    source: Path
    relative: str
    target: str
    into: bool
    mode: int | None
    content: str
    line: int

    @property
    def identity(self) -> tuple[str | int | bool | None, ...]:
        """What the cache compares."""
        name = self.source.name if self.into else ""
        return (self.content, self.target, self.into, self.mode, name)


class Context:
    """The folder a build may copy from."""

    def __init__(self, root: Path, ignored: Callable[[str], bool]) -> None:
        self.root = root.resolve()
        self._ignored = ignored

    def placements(self, words: Iterable[str], target: str, mode: int | None, line: int) -> list[Placement]:
        """The placements of `COPY words... target`, which stands in this line of the Dockerfile.

        `target` is absolute and ends with "/" when it is a folder.

        Raises:
            EngineError: a source does not exist, or lies outside the context.
        """
        words = list(words)
        sources = [source for word in words for source in self._sources(word)]
        if len(sources) > 1 and not target.endswith("/"):
            raise EngineError("with several sources the target of COPY must be a folder and end with /")
        return [self._placement(source, target, mode, line) for source in sources]

    def place(self, placement: Placement, rootfs: Path) -> None:
        """Writes one placement into a rootfs."""
        target = inside(rootfs, placement.target)
        if placement.into or (target.is_dir() and placement.source.is_file()):
            target = target / placement.source.name
        if not target.parent.resolve().is_relative_to(rootfs.resolve()):
            raise EngineError(f"COPY to {placement.target} would leave the image")
        target.parent.mkdir(parents=True, exist_ok=True)
        if placement.source.is_dir():
            self._copy_folder(placement, target)
        else:
            # a link in the target's place must not lead the copy elsewhere
            target.unlink(missing_ok=True)
            shutil.copy2(placement.source, target, follow_symlinks=False)
        if placement.mode is not None and not target.is_symlink():
            target.chmod(placement.mode)

    def _sources(self, word: str) -> list[Path]:
        pattern = word.strip("/").removeprefix("./") or "."
        if pattern == ".":
            return [self.root]
        if not re.search(r"[*?\[]", pattern):
            source = self.root / pattern
            if not source.parent.resolve().is_relative_to(self.root) or ".." in Path(pattern).parts:
                raise EngineError(f"COPY {word}: forbidden path outside the build context")
            found = [source] if (source.exists() or source.is_symlink()) and not self._ignored(pattern) else []
        else:
            matches = re.compile(glob_expression(pattern) + "$").match
            found = [path for path in sorted(self.root.rglob("*")) if matches(str(path.relative_to(self.root)))]
            found = [path for path in found if not self._ignored(str(path.relative_to(self.root)))]
        if not found:
            raise EngineError(f'failed to compute cache key: "/{pattern}": not found')
        return found

    def _placement(self, source: Path, target: str, mode: int | None, line: int) -> Placement:
        relative = "" if source == self.root else str(source.relative_to(self.root))
        into = target.endswith("/") and not source.is_dir()
        content = digest.of_tree(source, lambda path: not self._ignored(_join(relative, path)))
        return Placement(source, relative, target, into, mode, content, line)

    def _copy_folder(self, placement: Placement, target: Path) -> None:
        def ignore(folder: str, names: list[str]) -> list[str]:
            below = str(Path(folder).relative_to(placement.source))
            prefix = _join(placement.relative, below)
            return [name for name in names if self._ignored(_join(prefix, name))]

        shutil.copytree(placement.source, target, symlinks=True, ignore=ignore, dirs_exist_ok=True)


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part and part != ".")
