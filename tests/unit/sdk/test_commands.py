"""Every other command, its formats and its exit codes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dewpoint.cli.root import to_front

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.platform_double import VIEWER, PlatformDouble


@pytest.fixture
def served(cli: Cli, platform: PlatformDouble, model_folder: Path) -> Cli:
    cli("apply", "-f", model_folder)
    platform.requests.clear()
    return cli


def test_k12_models_are_listed_shown_and_removed_and_their_logs_read(served: Cli, platform: PlatformDouble) -> None:
    assert served.json("model", "list")[0]["aFieldOfTomorrow"] is True
    assert "adder:1" in served("model", "list", "adder").stdout
    assert "nothing there" in served("model", "list", "other").stderr
    assert served.json("model", "show", "adder:1") == served.json("model", "show", "adder:latest")
    assert yaml.safe_load(served("model", "show", "adder").stdout)["modelVersion"] == 1
    assert served("model", "logs", "adder").stdout.splitlines() == ["Step 1: unpack", "�[31mStep 2: install"]
    assert served("model", "logs", "adder:1", "-f").stdout.count("Step") == 2
    served("model", "rm", "adder:1")
    assert not platform.versions
    assert "there is no model 'adder'" in served("model", "rm", "adder", code=1).stderr


def test_a_model_with_all_its_versions(served: Cli, platform: PlatformDouble) -> None:
    served("model", "rm", "adder")
    assert not platform.versions


def test_k12_servables_are_deployed_listed_and_removed_and_their_logs_read(
    served: Cli, platform: PlatformDouble
) -> None:
    (deployed,) = served.json("servable", "deploy", "adder", "-c", "default", "-m", "team=blue")
    name = deployed["fullName"]
    assert (deployed["status"], deployed["metadata"]) == ("Serving", {"team": "blue"})
    assert "0/1" in served("servable", "list").stdout
    assert served.json("servable", "show", name)["fullName"] == name
    assert served("servable", "logs", name).stdout == "started\n"
    assert served("servable", "logs", name, "--follow").stdout == "started\n"
    served("servable", "rm", name)
    assert not platform.servables
    assert "is not KEY=VALUE" in served("servable", "deploy", "adder", "-m", "team", code=2).stderr


def test_a_servable_that_does_not_start(served: Cli, platform: PlatformDouble) -> None:
    platform.fail_starts = "exit code 1: cannot load model"
    assert "cannot load model" in served("servable", "deploy", "adder:1", code=1).stderr


def test_k12_applications_and_configurations_are_listed_and_removed(served: Cli, platform: PlatformDouble) -> None:
    assert "adder:1" in served("app", "list").stdout
    assert served.json("app", "show", "adder")["status"] == "Ready"
    served("app", "rm", "adder")
    assert not platform.applications
    assert served.json("depconf", "list") == [{"name": "default"}]
    assert served.json("depconf", "show", "default") == {"name": "default"}
    served("depconf", "rm", "default")
    assert "Not found (404)" in served("depconf", "rm", "default", code=1).stderr


def test_keys(cli: Cli, platform: PlatformDouble) -> None:
    created = cli("key", "create", "ci", "--role", "operator", "-o", "json")
    assert json.loads(created.stdout)["key"] == "dp_ci"
    assert "not shown again" in created.stderr
    assert {key["name"]: key["role"] for key in cli.json("key", "list")}["ci"] == "operator"
    assert "dp_ci" not in cli("key", "list").stdout
    cli("key", "rm", "ci")
    cli("key", "create", "ci", "--role", "owner", code=2)


def test_buildinfo(cli: Cli) -> None:
    info = cli.json("buildinfo")
    assert info["platform"]["version"] == "1.2.3"
    assert info["client"]["version"]


def test_refusals(cli: Cli, platform: PlatformDouble) -> None:
    assert "Unauthenticated (401)" in cli("app", "list", code=1, DEWPOINT_API_KEY="dp_wrong").stderr
    told = cli("depconf", "rm", "default", code=1, DEWPOINT_API_KEY=VIEWER).stderr
    assert "role viewer may not DELETE" in told


def test_not_now_is_asked_again_but_not_for_ever(cli: Cli, platform: PlatformDouble) -> None:
    platform.not_now = 2
    cli("app", "list")
    platform.not_now = 3
    assert "Unavailable (503)" in cli("app", "list", code=1).stderr


def test_nobody_there(offline_cli: Cli, socket_enabled: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert f"nothing answers at {url}" in offline_cli("app", "list", code=3, DEWPOINT_URL=url).stderr
    offline_cli("app", "list", code=3, DEWPOINT_URL="no-address")


def test_usage(cli: Cli) -> None:
    cli("frobnicate", code=2)
    cli("app", "show", code=2)
    cli("model", "show", "adder:one", code=2)
    cli("app", "list", "-o", "xml", code=2)


def test_formats(served: Cli) -> None:
    as_json = served.json("model", "list")
    assert yaml.safe_load(served("-o", "yaml", "model", "list").stdout) == as_json
    assert json.loads(served("model", "list", "--output=json").stdout) == as_json
    table = served("model", "list").stdout.splitlines()
    assert table[0].split() == ["ID", "MODEL", "STATUS", "RUNTIME", "APPLICATIONS", "CREATED"]
    assert served.json("model", "list", "other") == []


def test_options_move_to_the_front_but_not_past_two_dashes() -> None:
    assert to_front(["a", "-o", "json", "b", "--context=c", "-oyaml"]) == [
        "-o",
        "json",
        "--context=c",
        "-oyaml",
        "a",
        "b",
    ]
    assert to_front(["a", "--", "-o", "json"]) == ["a", "--", "-o", "json"]
    assert to_front(["a", "-o"]) == ["-o", "a"]


@pytest.mark.slow
def test_the_installed_command(cli: Cli, served: Cli) -> None:
    """As a user starts it: clean JSON on standard output, colours nowhere, the exit code of the process."""
    command = str(Path(sys.executable).with_name("dewpoint"))
    environment = {**os.environ, "DEWPOINT_CONFIG": str(cli.config), "TERM": "xterm-256color"}
    for name in ("DEWPOINT_URL", "DEWPOINT_API_KEY", "DEWPOINT_CONTEXT", "FORCE_COLOR", "NO_COLOR"):
        environment.pop(name, None)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([command, *arguments], env=environment, capture_output=True, text=True, timeout=60)

    done = run("predict", "adder", "--data", '{"x1": 1, "x2": 2, "x3": 3}')
    assert (done.returncode, json.loads(done.stdout)) == (0, {"y": 3})
    assert done.stderr == "warning: ignored inputs: x3\n"
    assert "\x1b" not in run("model", "list").stdout
    assert run("app", "show", "nothing").returncode == 1
