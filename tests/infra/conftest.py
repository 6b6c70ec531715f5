import fcntl
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synth import Template, read, synthesise

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker takes all of them: it synthesises while the others are busy with other tests."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the synthesised templates, made once for all processes of a test run: a synth takes seconds."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "assembly"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            synthesise(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def environments(assembly: Path) -> dict[str, dict[str, Template]]:
    """environment -> stack -> template."""
    return read(assembly)


def slowly(environment: str) -> Any:
    """Hardly different from another that is looked at every time."""
    return pytest.param(environment, marks=pytest.mark.slow)


@pytest.fixture(params=["local", "prod", slowly("dev"), slowly("public")])
def stacks(request: pytest.FixtureRequest, environments: dict[str, dict[str, Template]]) -> dict[str, Template]:
    """Stack -> template, of each environment in turn."""
    return environments[request.param]
