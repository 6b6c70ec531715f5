"""The tools of the local cloud: the CDK command line, the emulator's environment, the functions' environment.

Each is made from a lock and named after its hash, so a changed lock makes a new one and an unchanged one costs a look.
The emulator pins old versions of what the project uses (boto3 among them): it never shares the project's environment.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.machine.commands import Commands
from local.machine.errors import Unsupported
from local.machine.fingerprint import fingerprint
from local.machine.progress import Say
from local.machine.settings import Settings
from local.machine.state import State, exclusive

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
OLDEST_NODE = 20
PATIENCE = 900.0
COMPLETE = ".complete"


class Toolchain:
    """Where the tools are, whether they are there or not."""

    def __init__(self, settings: Settings) -> None:
        version = "{}.{}".format(*sys.version_info)
        root = settings.root
        locks = ("local/requirements.txt", "local/pyproject.toml")
        self.emulator = settings.tools / f"emulator-{fingerprint(root, locks, version, str(root))[:12]}"
        self.functions = settings.tools / f"lambda-{fingerprint(root, ('local/lambda-runtime.txt',), version)[:12]}"
        self.node_stamp = root / "node_modules" / f".dewpoint-{fingerprint(root, ('package-lock.json',))[:12]}"
        self.cdk = root / "node_modules/.bin/cdk"

    def outdated(self, tools: Path) -> list[Path]:
        """Environments made from locks that this clone no longer has."""
        current = {self.emulator, self.functions}
        return [folder for folder in tools.glob("*-*") if folder.is_dir() and folder not in current]

    @property
    def emulator_python(self) -> Path:
        return self.emulator / "bin/python"

    @property
    def lambda_python(self) -> Path:
        return self.functions / "bin/python"

    @property
    def docker(self) -> Path:
        """The process engine's docker command, for CDK's image assets."""
        return self.emulator / "bin/local_cloud_docker"


class CheckMachine:
    """Fails early, and with a sentence, on a machine that cannot run a local cloud."""

    title = "checking the machine"

    def __init__(self, environment: Mapping[str, str], platform: str = sys.platform) -> None:
        self._environment = environment
        self._platform = platform

    def needed(self) -> bool:
        return True

    def run(self, _say: Say) -> None:
        """Raises Unsupported."""
        if self._platform != "linux":
            raise Unsupported(
                f"the local cloud runs on Linux only (it finds its processes in /proc), not on {self._platform}"
            )
        if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
            raise Unsupported(f"Dewpoint needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}")
        search = self._environment.get("PATH")
        for tool in ("node", "npm"):
            if shutil.which(tool, path=search) is None:
                raise Unsupported(f"{tool} is not on the PATH; Dewpoint needs Node {OLDEST_NODE} or newer")
        node = [str(shutil.which("node", path=search)), "--version"]
        version = subprocess.run(node, capture_output=True, text=True, check=False, env=dict(self._environment)).stdout
        if (found := major(version)) is None or found < OLDEST_NODE:
            raise Unsupported(f"Dewpoint needs Node {OLDEST_NODE} or newer; this is {version.strip() or 'unknown'}")


class InstallNodeTools:
    title = "installing the CDK command line"

    def __init__(
        self, settings: Settings, toolchain: Toolchain, commands: Commands, environment: Mapping[str, str], state: State
    ) -> None:
        self._settings = settings
        self._toolchain = toolchain
        self._commands = commands
        self._environment = environment
        self._state = state

    def needed(self) -> bool:
        return not (self._toolchain.node_stamp.exists() and self._toolchain.cdk.exists())

    def run(self, say: Say) -> None:
        with exclusive(self._settings.tools / "lock", PATIENCE, say):
            if not self.needed():
                return
            argv = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            environment = {**self._environment, "npm_config_update_notifier": "false"}
            self._commands.run("npm ci", argv, environment, self._settings.root, self._state.log("npm"))
            self._toolchain.node_stamp.touch()


class InstallEnvironment:
    """A virtual environment from a lock, and a package of ours on top if one is given."""

    def __init__(
        self,
        settings: Settings,
        commands: Commands,
        environment: Mapping[str, str],
        state: State,
        folder: Path,
        lock: str,
        package: str | None = None,
    ) -> None:
        self.title = f"installing {folder.name.partition('-')[0]} environment"
        self._settings = settings
        self._commands = commands
        self._environment = environment
        self._state = state
        self._folder = folder
        self._lock = lock
        self._package = package

    def needed(self) -> bool:
        return not (self._folder / COMPLETE).exists()

    def run(self, say: Say) -> None:
        with exclusive(self._settings.tools / "lock", PATIENCE, say):
            if not self.needed():
                return
            shutil.rmtree(self._folder, ignore_errors=True)
            python = str(self._folder / "bin/python")
            self._uv(say, "venv", "--python", str(self._settings.python), str(self._folder))
            self._uv(say, "pip", "install", "--python", python, "-r", self._lock)
            if self._package:
                self._uv(say, "pip", "install", "--python", python, "--no-deps", "-e", self._package)
            (self._folder / COMPLETE).touch()

    def _uv(self, say: Say, *arguments: str) -> None:
        say(" ".join(("uv", *arguments[:2])))
        log = self._state.log(f"uv-{self._folder.name.partition('-')[0]}")
        self._commands.run("uv", [str(self._settings.uv), *arguments], self._environment, self._settings.root, log)


def major(version: str) -> int | None:
    """The first number of a version such as `v20.20.2`."""
    match = re.match(r"v?(\d+)", version.strip())
    return int(match[1]) if match else None
