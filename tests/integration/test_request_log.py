"""The request log of a cloud: asked for over HTTP, merged by a round, fetched as files, forgotten."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.cloud import Cloud, Served, wait_until
from tests.published import segments, version_id

RECORDS = 30
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)


def analyze(cloud: Cloud, first: int, count: int) -> None:
    """Records of an hour that is over."""
    records = [
        {
            "requestId": f"logged-{n:02}",
            "at": (HOUR + timedelta(minutes=n)).isoformat(),
            "inputs": {"x1": float(n), "x2": 1.0},
            **({"error": "out of memory"} if n == 7 else {"outputs": {"y": n % 2}}),
        }
        for n in range(first, first + count)
    ]
    done = cloud.cli("analyze", "blobs:1", "-f", "-", stdin="\n".join(map(json.dumps, records)))
    assert done.code == 0, done.err


def ask(cloud: Cloud, path: str) -> Any:
    with cloud.http() as http:
        answer = http.get(f"/monitoring{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def of_hour(cloud: Cloud, version: int) -> list[Any]:
    return [each for each in segments(cloud.client, version) if each.hour == f"{HOUR:%Y-%m-%dT%H}"]


def ids(rows: list[Any]) -> list[str]:
    return [row["_hs_request_id"] for row in rows]


def test_s14_s19_s22_a_log_is_read_merged_exported_and_forgotten(served: Served, tmp_path: Path) -> None:
    cloud = served.cloud
    version = version_id(cloud, "blobs")
    window = f"from={HOUR:%Y-%m-%dT%H}:00:00Z&till={HOUR:%Y-%m-%dT%H}:59:59Z"
    for at in range(0, RECORDS, 10):
        analyze(cloud, at, 10)
        wait_until("they are there", lambda at=at: sum(s.rows for s in of_hour(cloud, version)) == at + 10, 120)
    newest = [f"logged-{n:02}" for n in range(RECORDS - 1, -1, -1)]

    def answers() -> dict[str, Any]:
        return {
            "all": ids(ask(cloud, f"/checks/all/{version}?{window}")),
            "some": ids(ask(cloud, f"/checks/all/{version}?{window}&where=x1 >= 20 and y == 1")),
            "failed": [row["_hs_error"] for row in ask(cloud, f"/checks/all/{version}?{window}&error=true")],
            "one": ask(cloud, "/checks/logged-03"),
            "sample": ask(cloud, f"/checks/subsample/{version}?{window}&size=5&seed=1"),
            "hours": ask(cloud, f"/checks/aggregates/{version}?bucket=hour&{window}"),
        }

    before = answers()
    assert before["all"] == newest
    assert before["some"] == [f"logged-{n}" for n in (29, 27, 25, 23, 21)]
    assert before["failed"] == ["out of memory"]
    assert (before["one"]["x1"], before["one"]["y"]) == (3.0, 1)
    assert before["hours"]["results"][0]["_hs_requests"] == RECORDS

    assert len(of_hour(cloud, version)) == 3
    sqs = cloud.client("sqs")
    [queue] = [url for url in sqs.list_queues()["QueueUrls"] if url.endswith("-log-care")]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"time": "2026-01-31T04:00:00Z"}))
    wait_until("the hour is one file", lambda: len(of_hour(cloud, version)) == 1, 120)
    assert answers() == before

    bounds = ("--from", f"{HOUR.isoformat()}", "--till", f"{(HOUR + timedelta(minutes=59)).isoformat()}")
    done = cloud.cli("log", "export", "blobs", "-d", str(tmp_path), *bounds, "-o", "json")
    assert (done.code, done.json()["rows"]) == (0, RECORDS), done.err
    frame = pl.read_parquet(tmp_path / "**/*.parquet").sort("at", descending=True)
    assert frame["request_id"].to_list() == newest
    assert frame["in_x1"].to_list() == [float(n) for n in range(RECORDS - 1, -1, -1)]

    assert cloud.cli("log", "rm", "blobs:1").code == 0
    wait_until("it is forgotten", lambda: ask(cloud, f"/checks/all/{version}?{window}") == [], 120)
