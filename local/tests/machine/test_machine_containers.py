"""Which engine a cloud has, and what is done for containers; the programs are scripts that answer as they are told."""

import os
from pathlib import Path

import pytest
from machine_fakes import FakeCommands, FakeProcesses

from local.machine.containers import Containers, MakeBaseImage, StartEngine, base_label, registry_configuration
from local.machine.debian_packages import InstallPackages
from local.machine.docker_client import DEFAULT_HOST, DockerClient, find_client
from local.machine.environment import Environments
from local.machine.errors import MachineError, Unsupported
from local.machine.own_engine import OwnEngine, missing_programs, mounts_below
from local.machine.settings import AUTO, CONTAINERS, PROCESSES, Settings
from local.machine.state import State
from local.machine.toolchain import Toolchain

DOCKER = """#!/bin/sh
here=$(dirname "$0")
echo "$DOCKER_HOST $*" >> "$here/calls"
case "$1 $2" in
  "build --help") [ -f "$here/old" ] || echo "      --secret  a secret" ;;
  "version "*) grep -qx "$DOCKER_HOST" "$here/answering" && echo 20.10 || { echo "cannot connect" >&2; exit 1; } ;;
  "images "*) cat "$here/images" 2>/dev/null; true ;;
  "ps "*) cat "$here/running" 2>/dev/null; true ;;
esac
"""


class Docker:
    """A docker client on a path of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "docker").write_text(DOCKER)
        (folder / "docker").chmod(0o755)
        self.answer_at()

    def answer_at(self, *hosts: str) -> None:
        (self.folder / "answering").write_text("".join(f"{host}\n" for host in hosts))

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    @property
    def path(self) -> str:
        return f"{self.folder}:/usr/bin:/bin"


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    return Docker(tmp_path / "bin")


class Scene:
    """The containers of a cloud in which the user asked for something."""

    def __init__(self, clone: Path, folder: Path, path: str, **asked: str) -> None:
        environ = {"DEWPOINT_STATE": str(folder), "PATH": path, **asked}
        self.settings = Settings.from_environment(environ, clone, Path("/project/.venv/bin/python"))
        self.state = State(self.settings.state)
        environments = Environments(self.settings, self.state, Toolchain(self.settings))
        self.commands = FakeCommands()
        self.containers = Containers(self.settings, self.state, environments, self.commands)
        self.containers.services = FakeProcesses()
        self.left = 0

    def choose(self) -> str:
        is_containers = self.containers.choose(leave=self._leave)
        assert is_containers == (self.state.record.engine == CONTAINERS)
        return self.state.record.engine

    def _leave(self) -> None:
        self.left += 1


def test_without_a_word_processes_do_and_no_client_is_looked_for(clone: Path, tmp_path: Path, docker: Docker) -> None:
    docker.answer_at(DEFAULT_HOST)
    scene = Scene(clone, tmp_path / "state", docker.path)
    assert scene.choose() == PROCESSES
    assert not (docker.folder / "calls").exists()


def test_auto_takes_containers_where_an_engine_answers(clone: Path, tmp_path: Path, docker: Docker) -> None:
    assert Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=AUTO).choose() == PROCESSES
    docker.answer_at(DEFAULT_HOST)
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=AUTO)
    assert scene.choose() == CONTAINERS
    assert scene.state.record.docker_host == DEFAULT_HOST


def test_what_was_chosen_stays_until_something_else_is_asked_for(clone: Path, tmp_path: Path, docker: Docker) -> None:
    docker.answer_at(DEFAULT_HOST)
    Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=CONTAINERS).choose()
    assert Scene(clone, tmp_path / "state", docker.path).choose() == CONTAINERS
    (docker.folder / "running").write_text("c1\nc2\n")
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=PROCESSES)
    assert scene.choose() == PROCESSES
    assert scene.left == 1, "the emulator, which would start others, ends before the containers"
    assert f"{DEFAULT_HOST} rm -f -v c1 c2" in docker.calls
    assert f"label=dewpoint.cloud={scene.state.record.cloud}" in "\n".join(docker.calls)


def test_the_engine_asked_for_comes_before_the_machines_and_that_before_our_own(
    clone: Path, tmp_path: Path, docker: Docker
) -> None:
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=CONTAINERS)
    scene.choose()
    assert scene.state.record.docker_host == scene.containers.own.host
    docker.answer_at(DEFAULT_HOST)
    scene.choose()
    assert scene.state.record.docker_host == DEFAULT_HOST
    other = Scene(clone, tmp_path / "state", docker.path, DOCKER_HOST="tcp://127.0.0.1:2375")
    other.choose()
    assert other.state.record.docker_host == "tcp://127.0.0.1:2375"
    with pytest.raises(Unsupported, match=r"no container engine answers at tcp://127\.0\.0\.1:2375"):
        StartEngine(other.containers).run(lambda _: None)


def test_only_root_starts_an_engine_and_only_with_its_packages(clone: Path, tmp_path: Path, docker: Docker) -> None:
    scene = Scene(clone, tmp_path / "state", str(docker.folder), DEWPOINT_ENGINE=CONTAINERS)
    scene.choose()
    with pytest.raises(Unsupported, match="only root can start one"):
        StartEngine(scene.containers, user=1000).run(lambda _: None)
    with pytest.raises(Unsupported, match=r"docker-registry, docker\.io, mmdebstrap is missing; on Debian: apt-get"):
        StartEngine(scene.containers, user=0).run(lambda _: None)


def test_an_own_engine_that_runs_is_kept_although_another_comes_up(clone: Path, tmp_path: Path, docker: Docker) -> None:
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=CONTAINERS)
    scene.choose()
    docker.answer_at(DEFAULT_HOST, scene.containers.own.host)
    scene.choose()
    assert scene.state.record.docker_host == scene.containers.own.host


def test_a_client_without_buildkit_is_passed_over(clone: Path, tmp_path: Path, docker: Docker) -> None:
    old = Docker(tmp_path / "old")
    (old.folder / "old").touch()
    assert find_client(f"{old.folder}:{docker.folder}") == docker.folder / "docker"
    assert find_client(str(old.folder)) is None
    with pytest.raises(Unsupported, match=r"no docker client that builds with BuildKit.*apt-get install"):
        Scene(clone, tmp_path / "state", str(old.folder), DEWPOINT_ENGINE=CONTAINERS).choose()


def test_an_engine_of_another_name_is_refused(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="DEWPOINT_ENGINE=podman is neither processes nor containers nor auto"):
        Scene(clone, tmp_path / "state", "", DEWPOINT_ENGINE="podman")


def test_the_emulator_hears_of_the_engine_only_when_there_is_one(clone: Path, tmp_path: Path, docker: Docker) -> None:
    docker.answer_at(DEFAULT_HOST)
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=CONTAINERS)
    scene.state.record.ports = {"emulator": 4566, "registry": 5001}
    assert "DEWPOINT_ENGINE" not in scene.containers.environments.emulator()
    scene.choose()
    for environment in (scene.containers.environments.emulator(), scene.containers.environments.cdk()):
        assert environment["DEWPOINT_DOCKER"] == str(docker.folder / "docker")
        assert environment["DOCKER_HOST"] == DEFAULT_HOST
        assert environment["DEWPOINT_REGISTRY"] == "127.0.0.1:5001"


def test_only_an_own_engine_needs_a_base_image_and_only_once(clone: Path, tmp_path: Path, docker: Docker) -> None:
    scene = Scene(clone, tmp_path / "state", docker.path, DEWPOINT_ENGINE=CONTAINERS)
    scene.choose()
    assert MakeBaseImage(scene.containers).needed()
    (docker.folder / "images").write_text("0123456789ab\n")
    assert not MakeBaseImage(scene.containers).needed()
    assert f"--filter label={base_label()}" in docker.calls[-1]
    (docker.folder / "images").unlink()
    docker.answer_at(DEFAULT_HOST)
    scene.choose()
    assert not MakeBaseImage(scene.containers).needed()


def test_an_own_engine_touches_nothing_of_the_machines_network(settings: Settings) -> None:
    argv = OwnEngine(settings).argv()
    assert {"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"} <= set(argv)
    [host] = [argv[at + 1] for at, word in enumerate(argv) if word == "--host"]
    assert host.startswith("unix:///run/dewpoint-")
    assert len(host.removeprefix("unix://")) < 100, "longer names of sockets are refused"


def test_the_registry_listens_on_loopback_only() -> None:
    assert "addr: '127.0.0.1:5000'" in registry_configuration(Path("/state/registry"), "127.0.0.1:5000")


def test_a_mount_is_found_below_a_folder_and_not_beside_it() -> None:
    assert mounts_below(Path("/proc"))[-1] == "/proc"
    assert mounts_below(Path("/pro")) == []


def test_packages_are_installed_by_root_alone(settings: Settings, state: State, tmp_path: Path) -> None:
    commands = FakeCommands()
    (tmp_path / "apt-get").touch(mode=0o755)
    environment = {"PATH": str(tmp_path)}
    assert missing_programs(environment) == ["docker-registry", "docker.io", "mmdebstrap"]
    with pytest.raises(Unsupported, match="only root"):
        InstallPackages(settings, state, commands, environment, user=1000).run(lambda _: None)
    step = InstallPackages(settings, state, commands, environment, user=0)
    assert step.needed()
    step.run(lambda _: None)
    assert [argv[2] for argv in commands.ran] == ["update", "install"]
    assert commands.environments[-1]["DEBIAN_FRONTEND"] == "noninteractive"


def test_a_client_that_fails_says_why(tmp_path: Path, docker: Docker) -> None:
    client = DockerClient(str(docker.folder / "docker"), "unix:///none", os.environ)
    assert not client.answers()
    with pytest.raises(MachineError, match="docker version failed: cannot connect"):
        client.ask("version")
    assert not DockerClient(str(tmp_path / "no-docker"), "unix:///none", os.environ).answers()
