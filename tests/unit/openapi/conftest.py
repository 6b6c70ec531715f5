"""The committed document, and the manager it describes, in memory."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cdk.openapi.__main__ import TARGET
from functions.manager import wiring
from tests.unit.manager.world import Http, World


@pytest.fixture(scope="session")
def document() -> Any:
    return json.loads(TARGET.read_text())


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[Http]:
    yield Http(world)
    wiring.use(None)
