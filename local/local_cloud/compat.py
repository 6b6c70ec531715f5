"""Two repairs that let localstack-core 4.13 run on Python before 3.13; its authors exercise it on 3.13 only.

- `localstack.packages.api` annotates with `Lock | None`; `threading.Lock` is a function before 3.13, so the import
  fails unless annotations stay unevaluated.
- KMS derives ids with `uuid5(namespace, bytes)`, which `uuid` accepts from 3.12 on.
"""

import __future__

import sys
import uuid
from collections.abc import Sequence
from hashlib import sha1
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

LAZILY_ANNOTATED = "localstack.packages.api"


class LazyAnnotationsLoader(SourceFileLoader):
    """Compiles a module as if it began with `from __future__ import annotations`."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the interface of loaders
        """The module's code, compiled anew (no cache: the file on disk says otherwise)."""
        flags = __future__.annotations.compiler_flag
        return compile(Path(self.path).read_bytes(), self.path, "exec", flags=flags, dont_inherit=True)


class LazyAnnotationsFinder(MetaPathFinder):
    """Hands the one module that needs it to `LazyAnnotationsLoader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the repaired module; None for every other name."""
        if fullname != LAZILY_ANNOTATED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        spec.loader = LazyAnnotationsLoader(spec.loader.name, str(spec.loader.path))
        return spec


_uuid5 = uuid.uuid5


def uuid5(namespace: uuid.UUID, name: str | bytes) -> uuid.UUID:
    """`uuid.uuid5` as Python 3.12 has it: the name may be bytes."""
    if isinstance(name, bytes):
        return uuid.UUID(bytes=sha1(namespace.bytes + name, usedforsecurity=False).digest()[:16], version=5)
    return _uuid5(namespace, name)


def install() -> None:
    """Repair what this interpreter needs; call before the first import of localstack."""
    if sys.version_info < (3, 13):
        sys.meta_path.insert(0, LazyAnnotationsFinder())
    if sys.version_info < (3, 12):
        uuid.uuid5 = uuid5
