"""The decisions of the host, without an emulator: policies, filter patterns, tallies."""

import json
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, emulator_python, eventually

sys.path.insert(0, str(ROOT / "local"))

from local_cloud import compat
from local_cloud.functions.process import FunctionProcess, Launch
from local_cloud.functions.spawner import Spawner
from local_cloud.functions.telemetry import Metric, Tally, gathered
from local_cloud.gateway import policy
from local_cloud.gateway.policy import Verdict
from local_cloud.hooks.log_patterns import compiled

ARN = "arn:aws:execute-api:us-east-1:000000000000:api/v1/POST/models/a"


def statement(effect: str, resource: str, action: str = "execute-api:Invoke") -> dict[str, str]:
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], Verdict.NOT_ALLOWED),
        ([statement("Allow", ARN)], Verdict.ALLOWED),
        ([statement("Allow", "*", "execute-api:*")], Verdict.ALLOWED),
        ([statement("Allow", "arn:aws:execute-api:*:*:api/v1/GET/*")], Verdict.NOT_ALLOWED),
        ([statement("Allow", "*"), statement("Deny", "*/POST/*")], Verdict.DENIED),
        ([statement("Deny", "*/POST/*"), statement("Allow", "*")], Verdict.DENIED),
        ([statement("Allow", "*/models/?")], Verdict.ALLOWED),
        ([statement("Allow", "*", "s3:GetObject")], Verdict.NOT_ALLOWED),
    ],
)
def test_policies(statements: list[dict[str, str]], verdict: Verdict) -> None:
    assert policy.decide({"Statement": statements}, ARN) is verdict


@pytest.mark.parametrize("document", [None, {}, {"Statement": "x"}, {"Statement": [{"Effect": "Allow"}]}])
def test_unusable_policies(document: Any) -> None:
    with pytest.raises(policy.UnusablePolicy):
        policy.decide(document, ARN)


def test_conditions_are_not_ignored() -> None:
    with pytest.raises(policy.UnusablePolicy):
        policy.decide({"Statement": [{**statement("Allow", "*"), "Condition": {}}]}, ARN)


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR came", True),
        ("ERROR", "all well", False),
        ('"a b" c', "c before a b", True),
        ('"a b"', "a and b", False),
        ("?one ?two", "two", True),
        ("-debug ERROR", "ERROR in debug", False),
        ('{ $.level = "ERROR" }', '{"level":"ERROR"}', True),
        ('{ $.level = "ERR*" && $.n > 2 }', '{"level":"ERROR","n":3}', True),
        ('{ $.level = "ERR*" && $.n > 2 }', '{"level":"ERROR","n":2}', False),
        ("{ $.a.b = true || $.c = 1 }", '{"a":{"b":true}}', True),
        ('{ $.gone != "x" }', "{}", True),
        ('{ $.level = "ERROR" }', "no document", False),
        ("{ $.a IS NULL }", '{"a":null}', False),
    ],
)
def test_log_patterns(pattern: str, message: str, matches: bool) -> None:
    assert compiled(pattern)(message) is matches


@dataclass
class FakeMetrics:
    put: list[tuple[Metric, int]] = field(default_factory=list)

    def __call__(self, metric: Metric, count: int) -> None:
        self.put.append((metric, count))


def test_metrics_are_summed() -> None:
    metrics = FakeMetrics()
    tally = Tally(metrics, every_s=3600)

    for _ in range(3):
        tally.invocation("f", "1", "r")
    tally.error("f", "1", "r")
    tally.flush()
    tally.flush()

    assert sorted(metrics.put, key=str) == [
        (Metric("1", "r", "f", "Errors"), 1),
        (Metric("1", "r", "f", "Invocations"), 4),
    ]


def test_log_lines_are_gathered_by_stream() -> None:
    @dataclass
    class Item:
        log_group: str
        log_stream: str
        logs: str

    items = [Item("g", "a", "1\n\n2"), Item("g", "b", "x"), Item("g", "a", "3\n")]

    assert gathered(items) == {("g", "a"): ["1\n", "2\n", "3\n"], ("g", "b"): ["x\n"]}


def test_output_is_complete_when_it_is_taken(tmp_path: Any) -> None:
    script = "import sys\nfor i in range(2000): print('line', i)\nprint(input())"
    process = FunctionProcess(Launch([sys.executable, "-c", script], str(tmp_path), {}), Spawner().popen)

    while process.returncode is None:
        pass

    lines = process.take_output().splitlines()
    assert lines[1999] == "line 1999"
    assert process.take_output() == ""


ORPHAN = """
import sys, time
sys.path.insert(0, sys.argv[1])
from threading import Thread
from local_cloud.functions.spawner import Spawner
spawner, child = Spawner(), []
starter = Thread(target=lambda: child.append(spawner.popen([sys.executable, "-c", "import time; time.sleep(60)"])))
starter.start(); starter.join()
print(child[0].pid, flush=True)
time.sleep(60)
"""


def test_children_outlive_the_thread_that_asked_but_not_the_emulator() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN, str(ROOT / "local")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = Path(f"/proc/{int(parent.stdout.readline())}")

    time.sleep(0.3)
    assert child.exists()
    parent.kill()
    parent.wait()

    eventually(lambda: not child.exists(), seconds=5)


def test_uuid5_takes_bytes_as_newer_pythons_do() -> None:
    assert compat.uuid5(uuid.NAMESPACE_DNS, b"python.org") == uuid.uuid5(uuid.NAMESPACE_DNS, "python.org")


def test_the_catalogue_of_types_fits_the_apis() -> None:
    """Every call names an operation that botocore knows, so a typing mistake shows here and not in a deployment."""
    check = (
        "import boto3, json\n"
        "from local_cloud.stacks.catalogue import TYPES\n"
        "from local_cloud.stacks.amendments import AMENDMENTS\n"
        "from local_cloud.stacks.provider import updates\n"
        "client = lambda name: boto3.client(name, region_name='us-east-1')\n"
        "unknown = []\n"
        "for name, spec in TYPES.items():\n"
        "    calls = [spec.create, *updates(spec), *([spec.delete] if spec.delete else []), *spec.follow_up,"
        " *spec.before_delete]\n"
        "    unknown += [(name, c.operation) for c in calls if not hasattr(client(spec.service), c.operation)]\n"
        "for name, spec in AMENDMENTS.items():\n"
        "    unknown += [(name, c.operation) for c in spec.calls if not hasattr(client(spec.service), c.operation)]\n"
        "print(json.dumps([len(TYPES), unknown]))"
    )
    done = subprocess.run([emulator_python(), "-c", check], capture_output=True, text=True, timeout=60, check=True)

    count, unknown = json.loads(done.stdout.splitlines()[-1])
    assert count > 40
    assert unknown == []
