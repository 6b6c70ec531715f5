from collections.abc import Iterator

import pytest

from functions.sonar import wiring
from tests.unit.sonar.http import Http
from tests.unit.sonar.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[Http]:
    yield Http(world)
    wiring.use(None)
