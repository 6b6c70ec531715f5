"""The stop at which drift is seen: what it asks, what it counts, and when it is content."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local.machine.errors import MachineError
from local.machine.settings import Settings
from local.machine.watching import Document, find_watch_stops, watch

LARGEST = 5.0


class FakeCli:
    def __init__(self) -> None:
        self.ran: list[Sequence[str]] = []

    def run(self, arguments: Sequence[str], code: int = 0) -> str:
        self.ran.append(arguments)
        return json.dumps({"id": 7}) if arguments[:2] == ["model", "show"] else ""


class FakeMonitoring:
    """Checks x1 against LARGEST; with `blind` nothing ever fails, with `strict` everything does."""

    def __init__(self, *, blind: bool = False, strict: bool = False) -> None:
        self.rows: list[dict[str, Any]] = []
        self._blind, self._strict = blind, strict

    def ask(self, application: str, inputs: Mapping[str, float], request_id: str) -> None:
        assert application == "blobs"
        failed = self._strict or (inputs["x1"] > LARGEST and not self._blind)
        check = {
            "verdict": "failed" if failed else "passed",
            "value": inputs["x1"],
            "threshold": LARGEST,
            "description": f"<= {LARGEST}",
        }
        self.rows.append({"_hs_request_id": request_id, "_hs_raw_checks": {"x1": [check], "x2": []}, **inputs})

    def log(self, version_id: int) -> Sequence[Document]:
        assert version_id == 7
        return self.rows


@pytest.fixture
def example(settings: Settings) -> Settings:
    folder = settings.root / "examples/blobs"
    folder.mkdir(parents=True)
    stop = {"title": "Drift", "application": "blobs", "training_data": "data.csv", "inputs": ["x1", "x2"]}
    (folder / "watch.json").write_text(json.dumps(stop | {"calls": 2, "drift": {"x1": 10}}))
    (folder / "data.csv").write_text("x1,x2,y\n1.5,2,0\n-3,4,1\n9,9,1\n")
    return settings


def visit(example: Settings, monitoring: FakeMonitoring) -> tuple[bool, str, FakeCli]:
    screen, cli = io.StringIO(), FakeCli()
    return watch(example, Console(file=screen, width=200), cli, monitoring), screen.getvalue(), cli


def test_usual_calls_pass_and_drifted_ones_fail_with_the_reason(example: Settings) -> None:
    monitoring = FakeMonitoring()
    right, said, cli = visit(example, monitoring)
    assert right
    assert cli.ran[0] == ["profile", "push", "blobs", "examples/blobs/data.csv"]
    assert [(row["x1"], row["x2"]) for row in monitoring.rows] == [(1.5, 2), (-3, 4), (11.5, 2), (7, 4)]
    assert "2 calls like the training data: every check passed" in said
    assert "2 calls that have drifted (x1 +10): checks failed" in said
    assert "x1 failed 2 of 2 times: 11.5 is not <= 5.0, as all training data are" in said


def test_checks_that_see_no_drift_or_nothing_else_are_not_right(example: Settings) -> None:
    assert visit(example, FakeMonitoring(blind=True))[0] is False
    assert visit(example, FakeMonitoring(strict=True))[0] is False


def test_a_broken_stop_is_named(example: Settings, clone: Path) -> None:
    (clone / "examples/blobs/data.csv").write_text("x2\n")
    with pytest.raises(MachineError, match="has no rows with x1, x2"):
        visit(example, FakeMonitoring())
    (clone / "examples/blobs/watch.json").write_text('{"title": 1}')
    with pytest.raises(MachineError, match=r"watch\.json"):
        find_watch_stops(clone)
