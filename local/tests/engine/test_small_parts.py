"""Rules without files or processes: pip's front, health, identity of references, secrets."""

import json
from typing import Any

import pytest
from local_cloud.engine.health import HEALTHY, UNHEALTHY, UNKNOWN, Health, HealthCheck, from_ecs, pause
from local_cloud.engine.images import normalized
from local_cloud.engine.memory import MemoryWatch
from local_cloud.engine.pip_front import pip_settings, translated
from local_cloud.engine.stored_values import parameter, secret


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("install -r requirements.txt", "--compile-bytecode -r requirements.txt"),
        ("install --no-cache-dir -U --root-user-action=ignore six==1.17", "--compile-bytecode -U six==1.17"),
        ("install --root-user-action ignore --no-compile .", "."),
        ("install --user six", None),
        ("install --target x six", None),
        ("install --index-url u six", None),
        ("list", None),
        ("", None),
    ],
)
def test_plain_installs_go_to_uv_and_everything_else_to_pip(words: str, expected: str | None) -> None:
    assert translated(words.split()) == (expected.split() if expected is not None else None)


def test_an_index_of_the_build_is_a_reason_for_pip() -> None:
    machine = {"PIP_CONFIG_FILE": "/home/pip.conf"}
    assert pip_settings({**machine, "PIP_NO_CACHE_DIR": "1"}) == pip_settings(machine)
    assert pip_settings({"PIP_CONFIG_FILE": "files/pip.conf"}) != pip_settings(machine)
    assert pip_settings({**machine, "PIP_INDEX_URL": "x"}) != pip_settings(machine)


def test_health_follows_the_rule_of_ecs() -> None:
    check = HealthCheck(("probe",), interval=10, retries=2, start_period=30)
    health = Health().after(succeeded=False, age=5, check=check)
    assert (health.status, pause(health, 5, check)) == (UNKNOWN, 1)
    health = health.after(succeeded=False, age=31, check=check)
    assert (health.status, pause(health, 31, check)) == (UNKNOWN, 10)
    health = health.after(succeeded=False, age=41, check=check)
    assert health.status == UNHEALTHY
    health = health.after(succeeded=True, age=51, check=check)
    assert health == Health(HEALTHY)
    assert health.after(succeeded=False, age=61, check=check).status == HEALTHY
    assert (
        health.after(succeeded=False, age=61, check=check).after(succeeded=False, age=71, check=check).status
        == UNHEALTHY
    )


def test_health_checks_of_ecs() -> None:
    found = from_ecs({"command": ["CMD", "python", "-m", "probe"], "startPeriod": 60})
    assert found == HealthCheck(("python", "-m", "probe"), 30, 5, 3, 60)
    shell = from_ecs({"command": ["CMD-SHELL", "probe || exit 1"]})
    assert shell is not None
    assert shell.command == ("/bin/sh", "-c", "probe || exit 1")
    assert from_ecs({"command": ["NONE"]}) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a", "a:latest"), ("h:5000/a", "h:5000/a:latest"), ("a:1", "a:1"), ("a@sha256:0", "a@sha256:0")],
)
def test_references_without_a_tag_mean_latest(given: str, expected: str) -> None:
    assert normalized(given) == expected


def test_the_memory_watch_calls_once_for_what_is_over_its_limit() -> None:
    called: list[str] = []
    watch = MemoryWatch(3600, lambda: {1: 100, 2: 300})
    watch.add(1, 200, lambda: called.append("one"))
    watch.add(2, 200, lambda: called.append("two"))
    watch.look()
    watch.look()
    assert called == ["two"]


class FakeStore:
    """Secrets Manager and Parameter Store in one."""

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        return {"SecretString": json.dumps({"id": SecretId, "k": "v"})}

    def get_parameters(self, Names: list[str], WithDecryption: bool) -> dict[str, Any]:  # noqa: N803
        return {"Parameters": [{"Value": name} for name in Names if name == "/a/b"]}


def test_secrets_and_parameters_by_name_and_arn() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:name-AbCdEf"
    assert secret(FakeStore(), f"{arn}:k::") == "v"
    assert json.loads(secret(FakeStore(), arn))["id"] == arn
    assert secret(FakeStore(), "name:k") == "v"
    assert parameter(FakeStore(), "arn:aws:ssm:us-east-1:000000000000:parameter/a/b") == "/a/b"
    with pytest.raises(LookupError):
        parameter(FakeStore(), "/none")
