"""Fixtures of the gateway's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.gateway.grpc_client import GrpcGateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GrpcGateway]:
    gateway = GrpcGateway(tmp_path)
    yield gateway
    gateway.channel.close()
    gateway.server.drain(0, 0)
