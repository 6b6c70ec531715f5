"""Third-party layers: installed by uv for the Lambda runtime, not for this machine, and only when the list changed.

No Docker: uv takes wheels for the target platform. A layer that is up to date needs no network.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

STAMP = ".made-from"


class LayerBuilder(Protocol):
    def build(self, name: str, requirements: Path, target: Path) -> str:
        """The folder with the layer's content, made when needed."""


class UvLayers:
    """Installs the exact list, without dependencies: every package that ships is written down."""

    def __init__(self, python: str, platform: str | None) -> None:
        self._python = python
        self._platform = platform

    def build(self, name: str, requirements: Path, target: Path) -> str:
        """Raises SystemExit with uv's words when the layer cannot be made."""
        folder = target.with_name(f"{target.name}-{self._python}-{self._platform or 'host'}".replace(".", "_"))
        stamp = hashlib.sha256(f"{self._python} {self._platform}".encode() + requirements.read_bytes()).hexdigest()
        if not (folder / STAMP).is_file() or (folder / STAMP).read_text() != stamp:
            self._install(name, requirements, folder)
            (folder / STAMP).write_text(stamp)
        return str(folder)

    def _install(self, name: str, requirements: Path, folder: Path) -> None:
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
        command = [*self._command(str(fresh / "python")), "-r", str(requirements)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise SystemExit(f"cannot build the layer {name}:\n{done.stderr.strip()}")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)

    def _command(self, target: str) -> list[str]:
        platform = ["--python-platform", self._platform] if self._platform else []
        return [
            *(str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--no-deps"),
            *("--only-binary", ":all:", "--python", sys.executable, "--python-version", self._python, *platform),
            *("--link-mode", "copy", "--target", target),
        ]


class NoLayers:
    """Empty layers: enough to look at templates (`-c layers=skip`), never to deploy them."""

    def build(self, name: str, requirements: Path, target: Path) -> str:
        """Copies the list only, so that the asset's hash still follows it."""
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(requirements, target / f"{name}.txt")
        return str(target)
