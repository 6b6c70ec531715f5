"""One contender in its own process and environment: reads the data, then does its work each time a line comes in.

    python contender.py NAME DATA

Answers every line with one line of JSON: what was done, wall seconds and processor seconds of each part.
"""

import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import data

Parts = dict[str, Callable[[], Any]]
HOURS = 24
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def ours(columns: dict[str, Any]) -> Parts:
    from functions.core.dtypes import DType
    from functions.core.signature import Field, Shape
    from functions.numerics.profiles.column import Column
    from functions.numerics.profiles.stored import from_bytes, merge_profiles, profile_rows, to_bytes

    dtypes = {"f": DType.DOUBLE, "i": DType.INT64, "O": DType.STRING}
    fields = [Field(name, dtypes[values.dtype.kind], Shape()) for name, values in columns.items()]
    whole = {name: Column(values) for name, values in columns.items()}
    rows = len(columns["normal"])
    hours = [
        to_bytes(profile_rows(fields, {name: Column(values[at::HOURS]) for name, values in columns.items()}))
        for at in range(HOURS)
    ]
    profile = profile_rows(fields, whole)
    note("bytes", len(to_bytes(profile)))
    note("rows", rows)
    note("median", profile.view()["fields"]["normal"]["quantile"]["median"])
    return {
        "profile": lambda: profile_rows(fields, whole),
        "profile on one thread": lambda: profile_rows(fields, whole, workers=1),
        "merge of 24 stored hours": lambda: merge_profiles([from_bytes(hour) for hour in hours]),
        "one column: quantiles, moments, distinct, histogram": lambda: profile_rows(fields[:1], whole),
        "one column of strings: frequencies": lambda: profile_rows(fields[-1:], whole),
    }


def whylogs(columns: dict[str, Any]) -> Parts:
    import pandas
    import whylogs as why

    frame = pandas.DataFrame(columns)
    hours = [why.log(frame.iloc[at::HOURS]).profile().view().serialize() for at in range(HOURS)]
    from whylogs.core.view.dataset_profile_view import DatasetProfileView

    def merge() -> Any:
        views = [DatasetProfileView.deserialize(hour) for hour in hours]
        merged = views[0]
        for view in views[1:]:
            merged = merged.merge(view)
        return merged

    return {"profile": lambda: why.log(frame).profile().view(), "merge of 24 stored hours": merge}


def polars_describe(columns: dict[str, Any]) -> Parts:
    import polars

    frame = polars.DataFrame(columns)
    return {"profile": frame.describe}


def polars_expressions(columns: dict[str, Any]) -> Parts:
    import polars
    import polars.selectors as cs

    frame = polars.DataFrame(columns)
    every = [polars.all().null_count().name.suffix(":nulls"), polars.all().approx_n_unique().name.suffix(":distinct")]
    quantiles = [cs.numeric().quantile(share).name.suffix(f":{share}") for share in QUANTILES]
    return {"profile": lambda: frame.lazy().select(*every, *quantiles).collect()}


def duckdb(columns: dict[str, Any]) -> Parts:
    import duckdb as engine

    connection = engine.connect(config={"threads": len(os.sched_getaffinity(0))})
    connection.register("columns", columns)
    connection.execute("CREATE TABLE rows AS SELECT * FROM columns")
    return {"profile": lambda: connection.execute("SUMMARIZE rows").fetchall()}


def datasketches(columns: dict[str, Any]) -> Parts:
    import datasketches as sketches

    values, strings = columns["normal"], columns["customer"].tolist()

    def hll() -> None:
        sketch = sketches.hll_sketch(12)
        for value in values.tolist():
            sketch.update(value)

    def frequent() -> None:
        sketch = sketches.frequent_strings_sketch(12)
        for value in strings:
            sketch.update(value)

    return {
        "one column: quantiles": lambda: sketches.kll_doubles_sketch(510).update(values),
        "one column: distinct": hll,
        "one column of strings: frequencies": frequent,
    }


NOTES: dict[str, Any] = {}
CONTENDERS = {
    "ours": ours,
    "whylogs": whylogs,
    "polars-describe": polars_describe,
    "polars-expressions": polars_expressions,
    "duckdb": duckdb,
    "datasketches": datasketches,
}


def note(name: str, value: Any) -> None:
    NOTES[name] = value


def timed(work: Callable[[], Any]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor}


def answers(parts: Parts) -> Iterator[dict[str, Any]]:
    for _ in sys.stdin:
        yield {part: timed(work) for part, work in parts.items()}


def main(name: str, path: str, *packages: str) -> None:
    parts = CONTENDERS[name](data.read(Path(path)))
    for work in parts.values():
        work()  # imports and caches are not what is measured
    versions = {package: importlib.metadata.version(package) for package in packages}
    print(json.dumps({"versions": versions, "notes": NOTES}), flush=True)
    for answer in answers(parts):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
