"""The command line and the client against a platform in memory, over a real socket on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dewpoint import Dewpoint
from dewpoint.cli.main import app
from typer.testing import CliRunner

from tests.unit.sdk.platform_double import ADMIN, PlatformDouble


class Cli:
    """Runs `dewpoint …` in this process, in an environment of its own."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.environment: dict[str, str | None] = {
            "DEWPOINT_CONFIG": str(config),
            "DEWPOINT_CONTEXT": None,
            "DEWPOINT_URL": None,
            "DEWPOINT_API_KEY": None,
            "NO_COLOR": "1",
        }

    def __call__(self, *arguments: object, stdin: str | None = None, code: int = 0, **environment: str) -> Any:
        result = CliRunner().invoke(app, list(map(str, arguments)), input=stdin, env=self.environment | environment)
        said = f"{result.exit_code}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"
        assert result.exit_code == code, said
        return result

    def json(self, *arguments: object, **options: Any) -> Any:
        return json.loads(self(*arguments, "-o", "json", **options).stdout)


@pytest.fixture
def platform(socket_enabled: None) -> Iterator[PlatformDouble]:
    double = PlatformDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def client(platform: PlatformDouble) -> Iterator[Dewpoint]:
    with Dewpoint(platform.url, ADMIN, timeout=10) as opened:
        yield opened


@pytest.fixture
def offline_cli(tmp_path: Path) -> Cli:
    """A command line that knows no platform."""
    return Cli(tmp_path / "settings" / "config.json")


@pytest.fixture
def cli(platform: PlatformDouble, offline_cli: Cli) -> Cli:
    """A command line whose current context is the platform."""
    offline_cli("context", "add", "test", "--url", platform.url, "--api-key", ADMIN)
    return offline_cli


@pytest.fixture
def manager(socket_enabled: None, offline_cli: Cli) -> Iterator[Cli]:
    """A command line whose current context is the manager's real code, which is loaded for those who use it."""
    from functions.manager import wiring
    from tests.unit.sdk.managed_platform import Platform

    platform = Platform()
    platform.server.start()
    offline_cli("context", "add", "manager", "--url", platform.server.url)
    yield offline_cli
    platform.server.stop()
    wiring.use(None)


MODEL = """\
kind: Model
name: adder
runtime: python
payload: [src/, requirements.txt]
install-command: pip install -r requirements.txt
contract:
  name: infer
  inputs:
    x1: {shape: scalar, type: double, profile: numerical}
    x2: {shape: scalar, type: double, profile: numerical}
  outputs:
    y: {shape: scalar, type: double, profile: numerical}
"""
APPLICATION = """\
kind: Application
name: adder
singular: {model: adder}
"""


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A model's files, with junk among them."""
    folder = tmp_path / "adder"
    for name, text in {
        "src/func_main.py": "def infer(x1, x2): return {'y': x1 + x2}",
        "src/__pycache__/func_main.cpython-311.pyc": "junk",
        "src/.DS_Store": "junk",
        "requirements.txt": "numpy",
        "serving.yaml": f"{MODEL}---\n{APPLICATION}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    """Writes a YAML text to a file and gives its path."""

    def written(text: str) -> str:
        path = tmp_path / "document.yaml"
        path.write_text(text)
        return str(path)

    return written
