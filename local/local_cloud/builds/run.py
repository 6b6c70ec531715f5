"""One build, from its source to its last phase.

What follows a failure is CodeBuild's rule: a failed install or pre_build ends the build, a failed build phase is
still followed by post_build, `on-failure` changes either, and `finally` runs in any case.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import buildspec, environment, source
from .errors import BuildError, BuildStopped, BuildTimedOut, CommandFailed, SourceError
from .record import BuildRecord, now
from .shell import ShellSession
from .workshop import Workshop

FOLLOWED_BY_MORE = {"build"}


class BuildRun:
    """Runs one build; its facts go to the record, its output to `say`."""

    def __init__(self, record: BuildRecord, workshop: Workshop, say: Callable[[str], None]) -> None:
        self._record = record
        self._workshop = workshop
        self._say = say
        self._deadline = time.monotonic() + 60 * record.project["timeoutInMinutes"]
        self._environment: dict[str, str] = {}
        self._shell: ShellSession | None = None

    def run(self) -> str:
        """Runs everything; returns the build's final status."""
        with tempfile.TemporaryDirectory(prefix="build-", dir=self._workshop.scratch) as name:
            root = Path(name)
            for folder in ("src", "home", "commands"):
                (root / folder).mkdir()
            try:
                return self._in(root)
            finally:
                if self._shell:
                    self._shell.close()

    def _in(self, root: Path) -> str:
        record = self._record
        record.enter("PROVISIONING")
        record.enter("DOWNLOAD_SOURCE")
        self._note("Waiting for agent ping")
        try:
            self._check()
            spec = self._prepare(root)
        except BuildError as error:
            return self._failed(error)
        status = self._phases(spec, root)
        if status == "SUCCEEDED":
            status = self._export(spec, root)
        record.enter("UPLOAD_ARTIFACTS")
        record.enter("FINALIZING")
        return status

    def _prepare(self, root: Path) -> buildspec.Buildspec:
        record = self._record
        if record.project["artifacts"]["type"] != "NO_ARTIFACTS":
            raise SourceError("the local cloud uploads no artifacts: the project must say NO_ARTIFACTS")
        source.fetch(record.project["source"], root / "src", self._client("s3"))
        spec = buildspec.parse(source.buildspec_text(record.project["source"], root / "src"))
        own = environment.variables(spec, record, self._client)
        self._environment = environment.complete(own, record, self._workshop, root / "src", root / "home")
        self._note("Phase is DOWNLOAD_SOURCE")
        self._note(f"CODEBUILD_SRC_DIR={root / 'src'}")
        return spec

    def _phases(self, spec: buildspec.Buildspec, root: Path) -> str:
        status = "SUCCEEDED"
        for name in buildspec.PHASES:
            phase = spec.phases.get(name, buildspec.Phase())
            self._record.enter(name.upper())
            try:
                self._phase(name, phase, root)
            except BuildError as error:
                status = self._failed(error)
                goes_on = phase.on_failure == "CONTINUE" or (name in FOLLOWED_BY_MORE and phase.on_failure != "ABORT")
                if not isinstance(error, CommandFailed) or not goes_on:
                    return status
                self._environment["CODEBUILD_BUILD_SUCCEEDING"] = "0"
                self._session(root).run("export CODEBUILD_BUILD_SUCCEEDING=0")
        return status

    def _phase(self, name: str, phase: buildspec.Phase, root: Path) -> None:
        self._note(f"Entering phase {name.upper()}")
        try:
            self._commands(phase.commands, root)
        finally:
            self._commands(phase.closing, root)
        self._note(f"Phase complete: {name.upper()} State: SUCCEEDED")

    def _commands(self, commands: tuple[str, ...], root: Path) -> None:
        for command in commands:
            self._check()
            self._note(f"Running command {command.strip()}")
            status = self._session(root).run(command)
            if status:
                raise CommandFailed(command, status)

    def _export(self, spec: buildspec.Buildspec, root: Path) -> str:
        if not spec.exported:
            return "SUCCEEDED"
        file = root / "exported"
        values = " ".join(f'"${{{name}-}}"' for name in spec.exported)
        self._session(root).run(f"printf '%s\\0' {values} >'{file}'")
        found = file.read_text().split("\0") if file.exists() else []
        self._record.exported = dict(zip(spec.exported, found, strict=False))
        return "SUCCEEDED"

    def _session(self, root: Path) -> ShellSession:
        """The build's shell; a new one when a command has ended it."""
        if self._shell is None or not self._shell.is_alive:
            self._shell = ShellSession(
                self._workshop.spawner, self._environment, root / "src", root / "commands", self._say, self._check
            )
        return self._shell

    def _failed(self, error: BuildError) -> str:
        name = self._record.current.name
        if error.code:
            self._note(f"Phase complete: {name} State: {error.status}")
            self._note(f"Phase context status code: {error.code} Message: {error}")
        self._record.leave(error.status, error.code, str(error))
        return error.status

    def _client(self, service: str) -> Any:
        return self._workshop.emulator.client(service, self._record.account, self._record.region)

    def _check(self) -> None:
        if self._record.stop_requested.is_set():
            raise BuildStopped("the build was stopped")
        if time.monotonic() > self._deadline:
            raise BuildTimedOut(f"Build has timed out after {self._record.project['timeoutInMinutes']} minutes.")

    def _note(self, text: str) -> None:
        self._say(f"[Container] {now():%Y/%m/%d %H:%M:%S.%f} {text}")
