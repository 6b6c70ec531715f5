"""`docker build`: instructions become an image.

Instructions are folded into a plan as they are read: configuration, and the copies that are still to be made. Files
are touched only where they must exist, before a RUN and at the end; and not even there when the build cache knows
where the same plan led before. So each RUN ends a layer, and a second build of the same content runs nothing.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from . import base_image, digest, ignore, layers, secrets
from .commit import commit_layer, reconfigured
from .configure import configured, declared, target_path
from .context import Context, Placement
from .dockerfile import Instruction, parse
from .errors import BuildFailed, DockerfileError, EngineError
from .images import Image, ImageConfig, ImageStore, inside
from .machine import Machine
from .run_step import RunStep, execute
from .variables import expand

Say = Callable[[str], None]


@dataclass
class Plan:
    """What has been read so far."""

    parent: Image
    config: ImageConfig
    args: dict[str, str] = field(default_factory=dict)
    copies: list[Placement] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    has_own_command: bool = False

    @property
    def variables(self) -> dict[str, str]:
        return {**self.args, **self.config.env}


class Builder:
    """Builds images of one store.

    Args:
        say: takes the build's output line by line, in the words of `docker build --progress=plain`.
        secrets: contents by id, for the RUNs that mount them.
    """

    def __init__(
        self, store: ImageStore, machine: Machine, say: Say, secrets: Mapping[str, bytes] | None = None
    ) -> None:
        self._store = store
        self._machine = machine
        self._say = say
        self._secrets = secrets or {}
        self._file = ""

    def build(self, context: Path, dockerfile: Path, build_args: dict[str, str], labels: dict[str, str]) -> Image:
        """Builds one image and returns it untagged.

        Raises:
            DockerfileError: the Dockerfile is wrong or outside the dialect.
            BuildFailed: a RUN instruction failed.
        """
        files, self._file = Context(context, ignore.reader(context)), str(dockerfile)
        outer: dict[str, str] = {}
        plan: Plan | None = None
        steps = parse(dockerfile)
        for number, step in enumerate(steps, start=1):
            self._say(f"#{number} [{number}/{len(steps)}] {step}")
            try:
                if plan is None:
                    plan = self._begin(step, outer, build_args)
                else:
                    self._fold(plan, step, number, files, {**outer, **build_args})
            except BuildFailed as error:
                self._say(f"#{number} ERROR: {error}")
                raise
            except DockerfileError:
                raise
            except EngineError as error:
                raise DockerfileError(self._file, step.line, str(error)) from error
        if plan is None:
            raise DockerfileError(str(dockerfile), 1, "no FROM instruction")
        plan.config = replace(plan.config, labels={**plan.config.labels, **labels})
        return self._commit(plan, None, len(steps) + 1, files)

    def _begin(self, step: Instruction, outer: dict[str, str], build_args: dict[str, str]) -> Plan | None:
        if step.keyword == "ARG":
            name, _, default = step.words[0].partition("=")
            outer[name] = build_args.get(name, expand(default, outer))
            return None
        reference = expand(step.text.split()[0], outer)
        if not reference:
            raise EngineError(f"base name ({step.text}) should not be blank")
        image = self._store.find(reference) or base_image.find(reference, self._store, self._machine, self._say)
        if image is None:
            raise EngineError(f"{reference}: not found: neither an image of this store nor python:*")
        return Plan(image, image.config)

    def _fold(self, plan: Plan, step: Instruction, number: int, files: Context, given: dict[str, str]) -> None:
        match step.keyword:
            case "ARG":
                plan.args |= declared(step, plan.variables, given)
            case "COPY":
                *sources, target = [expand(word, plan.variables) for word in step.words]
                mode = next((int(value, 8) for name, value in step.flags if name == "chmod"), None)
                plan.copies += files.placements(sources, target_path(plan.config.workdir, target), mode, step.line)
            case "RUN":
                run = RunStep(step.words, step.text, dict(plan.args), secrets.mounts(step.flags))
                plan.parent = self._commit(plan, run, number, files)
                plan.copies, plan.folders = [], []
            case _:
                plan.config = configured(plan.config, step, plan.variables, plan.has_own_command)
                plan.has_own_command = plan.has_own_command or step.keyword == "CMD"
                if step.keyword == "WORKDIR":
                    plan.folders.append(plan.config.workdir)

    def _commit(self, plan: Plan, run: RunStep | None, number: int, files: Context) -> Image:
        """The image after what is planned and, when given, one command; from the cache when it is known there."""
        if not (run or plan.copies or plan.folders):
            return reconfigured(self._store, plan.parent, plan.config)
        key = digest.of_values(
            plan.parent.digest,
            asdict(plan.config),
            plan.folders,
            [copy.identity for copy in plan.copies],
            [run.words, sorted(run.args.items())] if run else None,
        )
        with _locked(self._store.lock_file(key)):
            image = self._store.cached(key)
            if image:
                self._say(f"#{number} CACHED")
                return image
            started = time.monotonic()
            image = self._make(plan, run, number, files, started)
            self._store.remember(key, image.digest)
            self._say(f"#{number} DONE {time.monotonic() - started:.1f}s")
            return image

    def _make(self, plan: Plan, run: RunStep | None, number: int, files: Context, started: float) -> Image:
        layer = layers.fork(self._store.root / "layers", plan.parent.layer)
        try:
            for folder in plan.folders:
                inside(layer / "rootfs", folder).mkdir(parents=True, exist_ok=True)
            for copy in plan.copies:
                self._place(copy, files, layer / "rootfs")
            if run:
                say = lambda line: self._say(f"#{number} {time.monotonic() - started:.3f} {line}")  # noqa: E731
                execute(run, layer, plan.config, self._machine, say, self._secrets)
            return commit_layer(self._store, layer, plan.config, plan.parent)
        except BaseException:
            layers.discard(layer)
            raise

    def _place(self, copy: Placement, files: Context, rootfs: Path) -> None:
        try:
            files.place(copy, rootfs)
        except EngineError as error:
            raise DockerfileError(self._file, copy.line, str(error)) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One build at a time makes a step; the others then find it in the cache."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
