"""docs/benchmarks.md: one section per benchmark, each written anew by its own run; and the machine it ran on."""

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "build" / "benchmarks"
INTRODUCTION = """# Benchmarks

`make bench` runs them all and writes this page; each section is what its last run saw, on the machine it names. Peers
run side by side with us, in environments of their own, in interleaved rounds: the ratios are what to look at.
"""


def write_section(name: str, body: str, page: Path = PAGE) -> None:
    """Replaces the section `name` of the page, or adds it; the others stay as they are."""
    text = page.read_text() if page.exists() else INTRODUCTION
    section = f"<!-- {name}: begin -->\n{body.strip()}\n<!-- {name}: end -->\n"
    pattern = re.compile(rf"<!-- {re.escape(name)}: begin -->\n.*?<!-- {re.escape(name)}: end -->\n", re.DOTALL)
    text = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text.rstrip()}\n\n{section}"
    page.write_text(text)


def write_results(name: str, results: Any) -> Path:
    """The numbers behind the section, as JSON under build/."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    return path


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown; every column but the first is aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """Processor, cores, memory and Python in one line."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*:\s*(.+)", info)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = model[1].strip() if model else platform.machine()
    cores = len(os.sched_getaffinity(0))
    return f"{name}, {cores} cores, {memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}"
