"""Installs the Debian packages that an engine of our own needs; only when it was asked for."""

import os
import shutil
from collections.abc import Mapping

from local.machine.commands import Commands
from local.machine.errors import Unsupported
from local.machine.own_engine import missing_programs
from local.machine.progress import Say
from local.machine.settings import Settings
from local.machine.state import State


class InstallPackages:
    title = "installing the container engine from Debian"

    def __init__(
        self,
        settings: Settings,
        state: State,
        commands: Commands,
        environment: Mapping[str, str],
        user: int | None = None,
    ) -> None:
        """`user` is the effective user id."""
        self._settings = settings
        self._state = state
        self._commands = commands
        self._environment = environment
        self._user = os.geteuid() if user is None else user

    def needed(self) -> bool:
        return bool(missing_programs(self._environment))

    def run(self, say: Say) -> None:
        """Raises Unsupported without apt-get or for a user who is not root, CommandFailed for apt's errors."""
        if self._user != 0:
            raise Unsupported("only root can install packages")
        if shutil.which("apt-get", path=self._environment.get("PATH")) is None:
            raise Unsupported("there is no apt-get on this machine")
        # RUNLEVEL: as in a machine that is just starting, what is installed is not started
        environment = {**self._environment, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        install = ["install", "--yes", "--no-install-recommends", *missing_programs(self._environment)]
        for words in (["update"], install):
            say(f"apt-get {words[0]}")
            self._commands.run(
                "apt-get", ["apt-get", "--quiet", *words], environment, self._settings.root, self._state.log("apt-get")
            )
