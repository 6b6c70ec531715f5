"""A container engine of this cloud's own, where none answers: `dockerd` as root, in folders of its own.

It makes no bridge, writes no firewall rule and opens no port, so that it changes nothing for the rest of the machine
and leaves nothing behind: its data are in the state folder, what it needs while it runs in a folder below /run.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.machine.errors import MachineError
from local.machine.settings import Settings

RUN = Path("/run")
CGROUPS = Path("/sys/fs/cgroup")
MOUNTS = Path("/proc/self/mounts")
SHIMS = RUN / "containerd/s"
WEIGHT = 20


class OwnEngine:
    """Where it lives, how it is started, and how its last traces go."""

    def __init__(self, settings: Settings) -> None:
        self.data = settings.state / "engine"
        self.folder = RUN / f"dewpoint-{settings.short_id}"
        self._group = f"dewpoint-{settings.short_id}"

    @property
    def host(self) -> str:
        # a socket's path may have 108 characters, which a state folder may exceed
        return f"unix://{self.folder}/docker.sock"

    def argv(self) -> list[str]:
        return [
            "dockerd",
            *("--config-file", str(self.folder / "daemon.json")),
            *("--data-root", str(self.data / "data")),
            *("--exec-root", str(self.folder / "exec")),
            *("--pidfile", str(self.folder / "dockerd.pid")),
            *("--host", self.host),
            *("--cgroup-parent", f"/{self._group}"),
            *("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"),
        ]

    def prepare(self) -> None:
        """Makes the folders. The machine's own configuration of Docker is not for this engine."""
        self.clear()
        self.folder.mkdir(mode=0o700)
        self.data.mkdir(parents=True, exist_ok=True)
        (self.folder / "daemon.json").write_text("{}\n")
        self._weigh()

    def _weigh(self) -> None:
        """The group of all containers competes for processors with each single process outside it: it weighs more."""
        if (CGROUPS / "cgroup.controllers").exists():
            file, weight = CGROUPS / self._group / "cpu.weight", 100 * WEIGHT
        else:  # the older generation: a hierarchy per controller
            file, weight = CGROUPS / "cpu" / self._group / "cpu.shares", 1024 * WEIGHT
        with contextlib.suppress(OSError):  # nothing depends on it
            file.parent.mkdir(exist_ok=True)
            file.write_text(str(weight))

    def clear(self) -> None:
        """Removes mounts, control groups and the folder below /run, once no process is left.

        Raises MachineError when a mount stays: what it shows would otherwise be deleted with the folder.
        """
        for path in mounts_below(self.folder, self.data):
            subprocess.run(["umount", path], capture_output=True, check=False)
        if left := mounts_below(self.folder, self.data):
            raise MachineError(f"these mounts of the container engine stay: {', '.join(left)}")
        shutil.rmtree(self.folder, ignore_errors=True)
        # containerd's shims meet in a fixed place, which another engine may be using
        for folder in (*empty_groups(self._group), SHIMS, SHIMS.parent):
            with contextlib.suppress(OSError):
                folder.rmdir()


def missing_programs(search: Mapping[str, str]) -> list[str]:
    """What Debian calls the packages of the programs that are not on the path."""
    needed = {
        "dockerd": "docker.io",
        "docker": "docker.io",
        "docker-registry": "docker-registry",
        "mmdebstrap": "mmdebstrap",
    }
    path = search.get("PATH")
    return sorted({package for program, package in needed.items() if shutil.which(program, path=path) is None})


def mounts_below(*folders: Path) -> list[str]:
    """Mount points in these folders, the innermost first."""
    points = [line.split()[1].encode().decode("unicode_escape") for line in MOUNTS.read_text().splitlines()]
    inside = [point for point in points if any(Path(point).is_relative_to(folder) for folder in folders)]
    return sorted(inside, key=len, reverse=True)


def empty_groups(name: str) -> Iterator[Path]:
    """The control groups of an engine that has ended, the innermost first, in every hierarchy."""
    hierarchies = [CGROUPS, *(path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink())]
    for hierarchy in hierarchies:
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            yield Path(folder)
