"""An engine, a registry and a base image of the tests' own; an emulator on them; a model image built by the buildspec.

Where no engine can be started the tests are skipped with the reason. At the end everything is stopped by the command
that users have, and nothing may be left.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "builds"), str(HERE.parents[1])]

from container_scene import Engine, Hosts, Model  # noqa: E402
from running_cloud import Cloud, running  # noqa: E402

RELEASE, STATUS = Path("/etc/os-release"), Path("/proc/self/status")
SYS_ADMIN = 21


def reason_to_skip() -> str | None:
    """Why this machine cannot start an engine of its own; None when it can."""
    if os.geteuid() != 0:
        return "only root can start a container engine"
    if not RELEASE.exists() or "ID=debian" not in RELEASE.read_text().splitlines():
        return "the container engine and the base image are made of Debian's packages, and this is not Debian"
    if not has_power(SYS_ADMIN):
        return "this root may not mount (an unprivileged container?), which a container engine must"
    return None if shutil.which("apt-get") else "there is no apt-get to install Debian's packages with"


def has_power(capability: int) -> bool:
    """Whether this process has a capability, by its number."""
    [effective] = [line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("CapEff:")]
    return bool(int(effective, 16) >> capability & 1)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if reason := reason_to_skip():
        pytest.skip(reason)
    made = Engine(tmp_path_factory.mktemp("engine"))
    try:
        made.start()
        yield made
    finally:
        made.stop()
    assert made.traces() == []


@pytest.fixture(scope="session")
def cloud(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("cloud"), **engine.variables, DEWPOINT_CLOUD=engine.cloud) as started:
        yield started


@pytest.fixture(scope="session")
def model(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Built from the platform's Dockerfiles, by its buildspec, in the local CodeBuild."""
    made = Model(cloud, tmp_path_factory.mktemp("model"))
    made.build_runtime()
    made.build()
    return made


@pytest.fixture(scope="session")
def hosts(cloud: Cloud) -> Hosts:
    return Hosts(cloud)
