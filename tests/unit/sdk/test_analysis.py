"""Predictions that were made elsewhere, from Python and from the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from dewpoint import Dewpoint
from dewpoint.analysis import TOGETHER, Record
from dewpoint.errors import InvalidInput

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.platform_double import PlatformDouble

pytestmark = pytest.mark.xdist_group("pandas")  # one worker loads it

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_k07_records_are_sent_as_the_api_takes_them(client: Dewpoint, platform: PlatformDouble) -> None:
    good = Record(inputs={"x": np.float64(1.5)}, outputs={"y": np.arange(2)}, request_id="a", at=MOMENT, latency_ms=2.5)
    bad = Record(inputs={"x": 1}, error="out of memory", application="elsewhere")
    assert client.analysis.analyze(7, [good, bad, {"inputs": {}, "outputs": {}}]) == ["a", "id-1", "id-2"]
    [call] = platform.calls("POST", "/monitoring/analyze/7")
    assert call.body["records"] == [
        {
            "inputs": {"x": 1.5},
            "outputs": {"y": [0, 1]},
            "requestId": "a",
            "at": "2026-01-02T03:04:05+00:00",
            "latencyMs": 2.5,
        },
        {"inputs": {"x": 1}, "error": "out of memory", "application": "elsewhere"},
        {"inputs": {}, "outputs": {}},
    ]


def test_k07_many_records_go_a_thousand_at_a_time(client: Dewpoint, platform: PlatformDouble) -> None:
    seen: list[int] = []
    records = (Record(inputs={"x": n}, outputs={"y": n}) for n in range(2 * TOGETHER + 5))
    assert len(client.analysis.analyze(7, records, seen.append)) == 2 * TOGETHER + 5
    assert seen == [TOGETHER, 2 * TOGETHER, 2 * TOGETHER + 5]
    assert len(platform.calls("POST", "/monitoring/analyze/7")) == 3


def test_k07_frames_are_a_record_for_each_row(client: Dewpoint, platform: PlatformDouble) -> None:
    import pandas as pd

    inputs, outputs = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]}), pd.DataFrame({"y": [3, 4]})
    client.analysis.analyze_frames(7, inputs, outputs)
    [call] = platform.calls("POST", "/monitoring/analyze/7")
    assert call.body["records"][1] == {"inputs": {"x": 2.0, "name": "b"}, "outputs": {"y": 4}}
    with pytest.raises(InvalidInput, match="2 rows of inputs and 1 of outputs"):
        client.analysis.analyze_frames(7, inputs, outputs[:1])
    with pytest.raises(InvalidInput, match="time zone"):
        client.analysis.analyze(7, [Record(inputs={}, outputs={}, at=MOMENT.replace(tzinfo=None))])


def test_k07_the_command_reads_a_record_a_line(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    cli("apply", "-f", model_folder)
    lines = "\n".join([json.dumps({"inputs": {"x": n}, "outputs": {"y": n}}) for n in range(3)] + ["", ""])
    assert cli.json("analyze", "adder:1", "-f", "-", stdin=lines) == {"version": "adder:1", "accepted": 3}
    number = platform.versions[0]["id"]
    assert len(platform.calls("POST", f"/monitoring/analyze/{number}")[0].body["records"]) == 3
    for lines, told in (('{"inputs": {}}\n[1]\n', "line 2 is no JSON object"), ("{\n", "line 1 is not JSON")):
        assert told in cli("analyze", "adder:1", "-f", "-", stdin=lines, code=2).stderr
    assert "cannot be read" in cli("analyze", "adder:1", "-f", "/nowhere", code=2).stderr
