"""Fixtures of the edge's tests."""

import asyncio

import pytest
from edge_scene import FakeDeployment, Run, distribution_config

from local.edge.distribution import Distribution


@pytest.fixture
def deployed() -> FakeDeployment:
    return FakeDeployment(Distribution.from_config("E1", distribution_config()))


@pytest.fixture
def run() -> Run:
    """Runs a scenario, with a limit so that a stall fails instead of hanging."""
    return lambda scenario: asyncio.run(asyncio.wait_for(scenario, 20))
