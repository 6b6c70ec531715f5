"""The `docker` command of a cloud with containers, in front of a client that writes down what it is asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_cloud.containers import package_index
from local_cloud.containers.command import main
from local_cloud.containers.names import is_ecr, on_loopback, split
from local_cloud.engine import machine
from local_cloud.engine.machine import ContainerSettings, Machine

REGISTRY = "127.0.0.1:5000"
ECR = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
HERE = f"{REGISTRY}/000000000000/us-east-1"
CLIENT = """#!/bin/sh
echo "host $DOCKER_HOST buildkit $DOCKER_BUILDKIT" > "$0.calls"
for word in "$@"; do
  echo "$word" >> "$0.calls"
  case "$word" in id=*,src=*) cp "${word#*src=}" "$0.$(echo "${word%%,*}" | cut -d= -f2)" ;; esac
done
exit 3
"""


class Client:
    """A client program that always fails with 3, after keeping its words and the secrets it was given."""

    def __init__(self, folder: Path) -> None:
        self._program = folder / "docker"
        self._program.write_text(CLIENT)
        self._program.chmod(0o755)
        self.settings = ContainerSettings(str(self._program), "unix:///engine.sock", REGISTRY)

    def run(self, *words: str, **network: str) -> list[str]:
        here = Machine(Path("/images"), sys.executable, None, None, network, self.settings)
        assert main(words, here, self.settings) == 3
        _, *asked = (self._program.parent / "docker.calls").read_text().splitlines()
        return asked

    def secret(self, name: str) -> str | None:
        file = self._program.parent / f"docker.{name}"
        return file.read_text() if file.exists() else None


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_the_engine_never_hears_of_ecr(client: Client) -> None:
    asked = client.run("build", "--build-arg", f"RUNTIME={ECR}/runtime:python", "--tag", f"{ECR}/models:a-1", "image")
    assert f"RUNTIME={HERE}/runtime:python" in asked
    assert f"{HERE}/models:a-1" in asked
    assert client.run("push", f"{ECR}/models:a-1") == ["push", f"{HERE}/models:a-1"]
    assert client.run("inspect", "--format", "{{.Id}}", f"{ECR}/m@sha256:00")[-1] == f"{HERE}/m@sha256:00"


def test_a_build_has_the_machines_network_and_every_other_command_what_it_was_given(client: Client) -> None:
    asked = client.run("--config", "somewhere", "build", "--tag", "a", ".")
    assert asked[:4] == ["--config", "somewhere", "build", "--network=host"]
    assert asked[-3:] == ["--tag", "a", "."]
    assert client.run("tag", "a", "b") == ["tag", "a", "b"]


def test_the_client_builds_with_buildkit_on_this_clouds_engine(client: Client, tmp_path: Path) -> None:
    client.run("version")
    assert (tmp_path / "docker.calls").read_text().startswith("host unix:///engine.sock buildkit 1\n")


def test_nobody_is_asked_for_a_login_to_ecr(client: Client, tmp_path: Path) -> None:
    here = Machine(Path("/images"), sys.executable, None, None, {}, client.settings)
    for host in (ECR, f"https://{ECR}"):
        assert main(["login", "--username", "AWS", host], here, client.settings) == 0
    assert not (tmp_path / "docker.calls").exists()
    assert client.run("login", "registry.example")[-1] == "registry.example"


def test_a_build_gets_the_certificates_and_the_package_index_of_this_machine(client: Client, tmp_path: Path) -> None:
    bundle, configured = tmp_path / "bundle.pem", tmp_path / "user.conf"
    bundle.write_text("certificates")
    configured.write_text(
        "[global]\nindex-url = https://index.example/simple\nextra-index-url =\n  file:///opt/a\n  file:///opt/b\n"
    )
    client.run("build", ".", SSL_CERT_FILE=str(bundle), PIP_CONFIG_FILE=str(configured), PIP_DEFAULT_TIMEOUT="180")
    assert client.secret("ca") == "certificates"
    said = client.secret("pip")
    assert said is not None
    assert said.splitlines() == [
        "[global]",
        "index-url = https://index.example/simple",
        "timeout = 180",
        "cert = /run/secrets/ca",
    ]


def test_a_machine_that_says_nothing_gives_an_empty_pip_conf(client: Client) -> None:
    client.run("build", ".", SSL_CERT_FILE="/no/such/file")
    assert client.secret("ca") is None
    assert client.secret("pip") == "[global]\n"


def test_proxies_are_passed_by_name_alone(client: Client) -> None:
    asked = client.run("build", ".", HTTPS_PROXY="http://user:word@proxy", no_proxy="localhost")
    assert [word for at, word in enumerate(asked) if asked[at - 1] == "--build-arg"] == ["HTTPS_PROXY", "no_proxy"]
    assert "word" not in " ".join(asked)


def test_the_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://file.example\ntimeout = 5\n")
    network = {"PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": "https://variable.example"}
    assert package_index.pip_conf(network, None) == "[global]\nindex-url = https://variable.example\ntimeout = 5\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ECR}/a/b:c", f"{HERE}/a/b:c"),
        (f"X={ECR}/a", f"X={HERE}/a"),
        (ECR, HERE),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn/a", f"{REGISTRY}/123456789012/eu-west-1/a"),
        ("python:3.11-slim", "python:3.11-slim"),
        ("example.org/1.dkr.ecr.us-east-1.amazonaws.com/a", "example.org/1.dkr.ecr.us-east-1.amazonaws.com/a"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert on_loopback(text, REGISTRY) == expected
    assert on_loopback(expected, REGISTRY) == expected


def test_what_belongs_to_ecr() -> None:
    assert is_ecr(f"{ECR}/a:b")
    assert is_ecr(f"https://{ECR}")
    assert not is_ecr(f"registry.example/{ECR}/a")


@given(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}", fullmatch=True), st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
def test_repository_and_tag(repository: str, tag: str) -> None:
    assert split(f"{ECR}/{repository}:{tag}") == (f"{ECR}/{repository}", tag)
    assert split(f"{HERE}/{repository}") == (f"{HERE}/{repository}", "latest")


def test_the_command_is_the_process_engines_unless_containers_are_asked_for(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "local_cloud.docker_command", "version"]
    folder, images = Path(machine.__file__).parents[2], {"DEWPOINT_IMAGES": str(tmp_path)}
    plain = subprocess.run(program, cwd=folder, env=images, capture_output=True, text=True, check=True)
    assert "process engine" in plain.stdout
    client = Client(tmp_path)
    variables = {**images, **client.settings.variables}
    assert subprocess.run(program, cwd=folder, env=variables, check=False).returncode == 3
