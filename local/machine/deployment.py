"""Deploys the stacks with the ordinary CDK command line, exactly as to a real account, only the endpoint differs."""

import json
from pathlib import Path

from local.machine.commands import Commands
from local.machine.environment import ACCOUNT, REGION, Environments
from local.machine.errors import MachineError
from local.machine.fingerprint import fingerprint
from local.machine.narrator import Narrator
from local.machine.progress import Say
from local.machine.settings import Settings
from local.machine.state import State, exclusive
from local.machine.toolchain import Toolchain

DEPLOYED = ("app.py", "cdk", "cdk.json", "functions", "layers", "proto", "requirements.txt", "servable", "ui")
PATIENCE = 900.0
QUIETLY = ("--no-notices", "--no-color")


class Cdk:
    """The CDK command line against this cloud."""

    def __init__(
        self, settings: Settings, state: State, toolchain: Toolchain, environments: Environments, commands: Commands
    ) -> None:
        self.settings = settings
        self.state = state
        self._toolchain = toolchain
        self._environments = environments
        self._commands = commands

    @property
    def outputs(self) -> Path:
        return self.state.folder / "stack-outputs.json"

    @property
    def assembly(self) -> Path:
        return self.state.folder / "cdk.out"

    @property
    def instance(self) -> str:
        """The emulator process that everything is deployed to; a new one knows of nothing."""
        emulator = self.state.record.emulator
        return emulator.instance if emulator else ""

    def run(self, what: str, say: Say, cwd: Path, *arguments: str) -> None:
        """Raises CommandFailed with the lines that tell why."""
        argv = [str(self._toolchain.cdk), *arguments, *QUIETLY]
        environment = self._environments.cdk()
        log = self.state.log(what)
        narrator = Narrator(self.assembly, say)
        self._commands.run(f"cdk {what}", argv, environment, cwd, log, narrator.hear)


class Bootstrap:
    title = "preparing the account for CDK"

    def __init__(self, cdk: Cdk) -> None:
        self._cdk = cdk

    def needed(self) -> bool:
        return self._cdk.state.record.bootstrapped != self._cdk.instance

    def run(self, say: Say) -> None:
        # away from cdk.json: beside it, the application would be synthesized only to be ignored
        self._cdk.run("bootstrap", say, self._cdk.state.folder, "bootstrap", f"aws://{ACCOUNT}/{REGION}")
        self._cdk.state.record.bootstrapped = self._cdk.instance
        self._cdk.state.save()


class Deploy:
    title = "deploying the stacks"

    def __init__(self, cdk: Cdk) -> None:
        self._cdk = cdk

    def needed(self) -> bool:
        return self._cdk.state.record.deployed != self._wanted() or not self._cdk.outputs.exists()

    def run(self, say: Say) -> None:
        wanted = self._wanted()
        # what is staged for the functions lies in the clone: two state folders must not write it at once
        with exclusive(self._cdk.settings.tools / "deploy.lock", PATIENCE, say):
            say("synthesizing")
            self._cdk.run(
                "deploy",
                say,
                self._cdk.settings.root,
                *("deploy", "--all", "--require-approval", "never", "--progress", "events"),
                *("--method", "direct", "--concurrency", "4"),
                *("--context", "environment=local"),
                *("--output", str(self._cdk.assembly)),
                *("--outputs-file", str(self._cdk.outputs)),
            )
        self._cdk.state.record.deployed = wanted
        self._cdk.state.save()

    def _wanted(self) -> str:
        return fingerprint(self._cdk.settings.root, DEPLOYED, self._cdk.instance)


def stack_output(outputs: Path, name: str) -> str:
    """An output by its name, whichever stack has it. Raises MachineError when none has."""
    stacks: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    for values in stacks.values():
        if name in values:
            return values[name]
    raise MachineError(f"no stack has an output called {name} (looked in {outputs})")
