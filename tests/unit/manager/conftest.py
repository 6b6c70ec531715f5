from collections.abc import Iterator

import pytest

from functions.manager import wiring
from tests.unit.manager.world import Http, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[Http]:
    yield Http(world)
    wiring.use(None)
