"""A store with a base image, shared by the session, and a machine without uv so that no test needs an index."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine_scene import Workbench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return Workbench(tmp_path_factory.mktemp("images"), dict(os.environ))


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """An empty build context."""
    folder = tmp_path / "context"
    folder.mkdir()
    return folder
