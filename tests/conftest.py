from collections.abc import Iterator

import pytest

from tests.cloud import STATE, Cloud, bring_up, machine


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The whole platform on a local cloud of the tests' own; afterwards no process of it is left."""
    running = bring_up()
    yield running
    down = machine("down", running.state)
    assert down.returncode == 0, down.stdout + down.stderr
