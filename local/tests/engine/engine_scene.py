"""A workbench: builds and runs images in a folder of the test."""

import sys
from collections.abc import Mapping
from pathlib import Path

from local_cloud.engine import machine
from local_cloud.engine.builder import Builder
from local_cloud.engine.images import Image, ImageStore
from local_cloud.engine.memory import MemoryWatch
from local_cloud.engine.ports import ContainerSpec
from local_cloud.engine.process import ProcessContainer, ProcessEngine
from local_cloud.engine.spawn import Spawner

BASE = "FROM python:3.13-slim\n"


class Workbench:
    """A store, a builder, an engine."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        own = {"DEWPOINT_IMAGES": str(folder), "DEWPOINT_PYTHON": sys.executable, "DEWPOINT_CLOUD": "test-engine"}
        self.machine = machine.read({**environ, "DEWPOINT_UV": "", **own})
        self.store = ImageStore(folder)
        self.engine = ProcessEngine(self.machine, Spawner(), MemoryWatch(0.2))

    def build(self, context: Path, dockerfile: str, **args: str) -> tuple[Image, list[str]]:
        """The image and what the build said."""
        said: list[str] = []
        file = context / "Dockerfile"
        if not file.exists() or file.read_text() != dockerfile:  # two builds at once share the file
            file.write_text(dockerfile)
        return Builder(self.store, self.machine, said.append).build(context, file, args, {}), said

    def start(self, image: Image, lines: list[str] | None = None, **spec: object) -> ProcessContainer:
        """Runs an image."""
        self.store.tag("under-test:latest", image.digest)
        wanted = ContainerSpec("test", "under-test", "127.0.0.1", **spec)
        return self.engine.start(wanted, (lines if lines is not None else []).append)
