"""Questions to ten million logged rows of one day: ours, and DuckDB on the same files, in turns; writes
docs/benchmarks.md.

python benchmarks/request_log/run.py [--rounds 3] [--rows 10000000]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.monitoring.peers import python_of
from benchmarks.report import RESULTS, machine, table, write_results, write_section
from benchmarks.request_log import data
from functions.adapters.log_reader import S3LogReader
from functions.core.ledger import Segment
from functions.core.models import Image, ModelVersion, VersionStatus
from functions.core.request_log import Wanted
from functions.sonar.documents import document_of
from functions.sonar.find_aggregates import find_buckets
from functions.sonar.find_rows import find_rows
from functions.sonar.read_where import read_where
from functions.sonar.sample_rows import sample_rows

PAGE, TARGET = 100, 2.0  # rows, seconds
ROWS = 'SELECT * REPLACE (epoch_us("at") AS "at") FROM ({})'
NEWEST = ROWS.format('SELECT * FROM log WHERE {} ORDER BY "at" DESC LIMIT 100')
CHANCE = "USING SAMPLE reservoir(100 ROWS)"


class Index:
    """The segments, as the table has them."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments

    def segments(self, _version_id: int, since: str = "", until: str = "") -> list[Segment]:
        return [one for one in self._segments if since <= one.hour and (not until or one.hour <= until)]


class World:
    """What the use cases need of the platform."""

    def __init__(self, folder: Path) -> None:
        self.index = Index(data.read_segments(folder))
        self.reader = S3LogReader(str(folder))
        self.clock = self

    def now(self) -> datetime:
        return datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC)


class Question(NamedTuple):
    words: str
    ours: Callable[[], int]
    sql: str


def questions(world: Any) -> list[Question]:
    version = ModelVersion(
        id=1,
        model_id=1,
        name="penguins",
        version=1,
        runtime="python",
        signature=data.SIGNATURE,
        status=VersionStatus.RELEASED,
        payload_key="",
        payload_sha256="",
        image=Image(name="", tag=""),
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )

    def page(**wanted: Any) -> Callable[[], int]:
        asked = Wanted(**wanted)
        return lambda: len([document_of(row, s.number) for s, row in find_rows(world, version, asked, PAGE).rows])

    def where(text: str) -> Callable[[], int]:
        return page(comparisons=read_where(text, data.SIGNATURE))

    def sample(**wanted: Any) -> Callable[[], int]:
        asked = Wanted(**wanted)
        return lambda: len(
            [document_of(row, s.number) for s, row in sample_rows(world, version, asked, PAGE, time.time_ns())]
        )

    few = "x > 4.5 and v_2 > 0"
    return [
        Question("the newest 100 rows", page(), NEWEST.format("true")),
        Question(
            "the newest 100 with a failed check of x", page(failed="x"), NEWEST.format("list_contains(failed, 'x')")
        ),
        Question(f"the newest 100 with {few}", where(few), NEWEST.format("in_x > 4.5 AND in_v[3] > 0")),
        Question("100 with v_2 > 5, which hardly a row has", where("v_2 > 5"), NEWEST.format("in_v[3] > 5")),
        Question('none: s == "Adelie"', where('s == "Adelie"'), NEWEST.format("in_s = 'Adelie'")),
        Question("100 by chance", sample(), ROWS.format(f"SELECT * FROM log {CHANCE}")),
        Question(
            "100 by chance with a failed check",
            sample(failed="x"),
            ROWS.format(f"SELECT * FROM (SELECT * FROM log WHERE list_contains(failed, 'x')) {CHANCE}"),
        ),
        Question(
            "counts of each hour",
            lambda: len(find_buckets(world, 1, Wanted(), "hour", 100, 0).page),
            'SELECT epoch_us("at") // 3600000000, count(*), avg(latency_ms), max(latency_ms) FROM log GROUP BY 1',
        ),
    ]


class Peer:
    def __init__(self, folder: Path) -> None:
        command = [python_of("duckdb"), Path(__file__).with_name("peer.py"), folder]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self._answer()["version"]

    def ask(self, sql: str) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(sql) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"duckdb ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def timed(work: Callable[[], int]) -> dict[str, Any]:
    wall, processor = time.perf_counter(), time.process_time()
    rows = work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor, "rows": rows}


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    asked, peer = questions(World(folder)), Peer(folder)
    seen: dict[str, dict[str, list[Any]]] = {one.words: {"ours": [], "duckdb": []} for one in asked}
    for turn in range(rounds + 1):  # the first warms up
        print(f"round {turn} of {rounds}", flush=True)
        for one in asked:
            found = {"ours": timed(one.ours), "duckdb": peer.ask(one.sql)}
            for name, took in found.items():
                seen[one.words][name] += [took] if turn else []
    peer.stop()
    return {"version": peer.version, "questions": seen}


def report(found: dict[str, Any], rows: int, size: int, load: float) -> str:
    lines = []
    worst = 0.0
    for words, both in found["questions"].items():
        ours, theirs = (
            {kind: statistics.median(turn[kind] for turn in both[name]) for kind in ("wall", "cpu")}
            for name in ("ours", "duckdb")
        )
        worst = max(worst, ours["wall"])
        ratio = f"{theirs['wall'] / ours['wall']:.1f}"
        times = [f"{1000 * one[kind]:,.0f}" for one in (ours, theirs) for kind in ("wall", "cpu")]
        lines.append([words, *times, ratio])
    cores = len(os.sched_getaffinity(0))
    busy = "Nothing else ran." if load < 1 else f"Others were at work (load {load:.0f} on {cores} cores)."
    about = (
        f"{rows:,} rows of one version and day ({data.CONTENT}; {size / 1e9:.1f} GB) in {data.HOURS} files on the "
        f"local disk; medians, in turns. An answer of ours is documents, of DuckDB {found['version']} rows. "
        f"{machine()}. {busy}"
    )
    return "\n\n".join(
        [
            "## Request log: questions",
            about,
            table(["", "ms", "processor ms", "DuckDB: ms", "processor ms", "times ours"], lines),
            f"Target: each answer within {TARGET:.0f} s on 2 cores (slowest: {worst:.2f} s).",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=data.ROWS)
    asked = parser.parse_args()
    folder = RESULTS / f"request-log-{asked.rows}"
    if not (folder / "segments.json").exists():
        print("writing the log", flush=True)
        data.write(folder, asked.rows)
    load = os.getloadavg()[0]
    found = measure(folder, asked.rounds)
    write_results("request-log", found)
    size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
    rows = sum(segment.rows for segment in data.read_segments(folder))
    section = report(found, rows, size, load)
    print(section)
    if asked.rows == data.ROWS:
        write_section("request-log", section)


if __name__ == "__main__":
    main()
