"""Profiles of a million rows: ours, whylogs, Polars and DuckDB on the same data, in turns; writes docs/benchmarks.md.

python benchmarks/monitoring/run.py [--rounds 7] [--peers ours duckdb …]
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.monitoring import data
from benchmarks.monitoring.peers import PEERS, python_of
from benchmarks.report import RESULTS, machine, table, write_results, write_section

CONTENDER = Path(__file__).parent / "contender.py"
TARGET_ROWS, TARGET_MERGE = 5_000_000, 0.050


class Contender:
    """A process that works when told."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        command = [python_of(name), CONTENDER, name, path, *PEERS[name].packages]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self._answer()

    def work(self) -> dict[str, dict[str, float]]:
        assert self._process.stdin
        self._process.stdin.write("work\n")
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
            raise SystemExit(f"{self.name} ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def measure(names: list[str], rounds: int, path: Path) -> dict[str, Any]:
    """Medians of wall and processor seconds, by contender and part."""
    contenders = [Contender(name, path) for name in names]
    seen: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in names}
    for at in range(rounds):
        print(f"round {at + 1} of {rounds}", flush=True)
        for contender in contenders:
            seen[contender.name].append(contender.work())
    for contender in contenders:
        contender.stop()
    return {
        contender.name: {
            **contender.about,
            "parts": {part: summary([turn[part] for turn in seen[contender.name]]) for part in seen[contender.name][0]},
        }
        for contender in contenders
    }


def summary(turns: list[dict[str, float]]) -> dict[str, float]:
    wall = [turn["wall"] for turn in turns]
    return {
        "wall": statistics.median(wall),
        "best": min(wall),
        "worst": max(wall),
        "cpu": statistics.median(turn["cpu"] for turn in turns),
    }


def report(found: dict[str, Any]) -> str:
    """The section of the page."""
    notes, mine = found["ours"]["notes"], found["ours"]["parts"]["profile"]
    merge = found["ours"]["parts"]["merge of 24 stored hours"]
    versions = {package: version for one in found.values() for package, version in one["versions"].items()}
    paragraphs = [
        "## Monitoring: profiles",
        f"{notes['rows']:,} rows, 10 columns ({data.CONTENT}), medians of interleaved rounds. {machine()}.",
        table(
            ["", "what it computes", "ms", "fastest", "processor ms", "M rows/s", "times ours"],
            [profile_row(name, one["parts"]["profile"], mine, notes["rows"]) for name, one in profiled(found)],
        ),
        targets(notes, mine, merge),
        table(["", "part", "ms", "processor ms"], part_rows(found)),
        "Versions: " + ", ".join(f"{package} {version}" for package, version in sorted(versions.items())) + ".",
    ]
    return "\n\n".join(paragraphs)


def targets(notes: dict[str, Any], mine: dict[str, float], merge: dict[str, float]) -> str:
    typical, best = (notes["rows"] / mine[kind] / 1e6 for kind in ("wall", "best"))
    day, hours = 1000 * TARGET_MERGE, 1000 * merge["wall"]
    return (
        f"Targets: {TARGET_ROWS / 1e6:.0f} M rows/s (reached: {typical:.1f}, in the fastest round {best:.1f}); a day "
        f"merged from its stored hours in {day:.0f} ms (reached: {hours:.0f}). The profile of the ten columns is "
        f"{notes['bytes'] / 1000:.0f} kB."
    )


def profiled(found: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, one) for name, one in found.items() if "profile" in one["parts"]]


def profile_row(name: str, part: dict[str, float], mine: dict[str, float], rows: int) -> list[str]:
    milliseconds = [f"{1000 * part[kind]:,.0f}" for kind in ("wall", "best", "cpu")]
    speed, ratio = rows / part["wall"] / 1e6, part["wall"] / mine["wall"]
    return [PEERS[name].title, PEERS[name].computes, *milliseconds, f"{speed:.2f}", f"{ratio:.1f}"]


def part_rows(found: dict[str, Any]) -> list[list[str]]:
    return [
        [PEERS[name].title, part, f"{1000 * values['wall']:,.1f}", f"{1000 * values['cpu']:,.1f}"]
        for name, one in found.items()
        for part, values in one["parts"].items()
        if part != "profile"
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=data.ROWS)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    asked = parser.parse_args()
    path = RESULTS / f"monitoring-{asked.rows}.npz"
    if not path.exists():
        data.write(path, asked.rows)
    found = measure(["ours", *(name for name in asked.peers if name != "ours")], asked.rounds, path)
    write_results("monitoring", found)
    section = report(found)
    print(section)
    if set(asked.peers) == set(PEERS) and asked.rows == data.ROWS:
        write_section("monitoring-profiles", section)


if __name__ == "__main__":
    main()
