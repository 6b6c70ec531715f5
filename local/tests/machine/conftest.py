"""Fixtures of the machine's tests: a clone with just enough in it."""

from pathlib import Path

import pytest

from local.machine.settings import DEFAULT_PORTS, Settings
from local.machine.state import State


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the files that fingerprints and locks are taken of."""
    root = tmp_path / "clone"
    contents = {
        "local/requirements.txt": "localstack-core==4.13.1\n",
        "local/lambda-runtime.txt": "awslambdaric==4.2.2\n",
        "local/pyproject.toml": "[project]\nname='local-cloud'\n",
        "local/local_cloud/__init__.py": "",
        "local/edge/__init__.py": "",
        "package-lock.json": "{}",
        "functions/a.py": "A = 1\n",
        "app.py": "",
    }
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def settings(clone: Path, tmp_path: Path) -> Settings:
    environ = {
        "DEWPOINT_STATE": str(tmp_path / "state"),
        "DEWPOINT_CONFIG": str(tmp_path / "config.json"),
        "PATH": "/usr/bin",
        "AWS_PROFILE": "production",
    }
    return Settings.from_environment(environ, clone, Path("/project/.venv/bin/python"))


@pytest.fixture
def state(settings: Settings) -> State:
    made = State(settings.state)
    made.record.ports = dict(DEFAULT_PORTS)
    made.save()
    return made
