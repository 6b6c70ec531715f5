from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.cloud import EXAMPLES, Cloud, Served, bring_up, machine

# What holds for every input is tried on a few by make check, and by make test (--hypothesis-profile=many) on many.
# The same examples each time, so that a run says something of the change and nothing of chance.
PATIENT = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", PATIENT, max_examples=20)
settings.register_profile("many", PATIENT, max_examples=300)
settings.load_profile("few")

# Loading the CDK, moto and pandas takes seconds: one worker does it for each. (pytest 9.2 is blind to xdist's groups.)
TOGETHER = ("tests/infra/", "tests/contract/", "tests/unit/sdk/")


class ByFolder(LoadScopeScheduling):
    """The tests of some folders go to one worker as a whole, and first; all others one by one to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes the models of all others away comes last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The whole platform on a local cloud of the tests' own; afterwards no process of it is left."""
    running = bring_up()
    yield running
    down = machine("down", running.state)
    assert down.returncode == 0, down.stdout + down.stderr
    assert running.processes() == []


@pytest.fixture(scope="session")
def served(cloud: Cloud) -> Served:
    """All examples, deployed once by the CLI as a user would."""
    done = cloud.cli("apply", *[word for name in EXAMPLES for word in ("-f", f"examples/{name}")])
    assert done.code == 0, done.out + done.err
    return Served(cloud)
