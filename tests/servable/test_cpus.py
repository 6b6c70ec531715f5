"""A container's processor limit is found in both generations of control groups."""

import os
from pathlib import Path

import pytest

from servable.cpus import available_cpus


def test_without_a_limit(tmp_path: Path) -> None:
    assert available_cpus(tmp_path) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(("text", "cpus"), [("25000 100000", 1), ("100000 100000", 1), ("max 100000", None)])
def test_version_two(tmp_path: Path, text: str, cpus: int | None) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert available_cpus(tmp_path) == (cpus or len(os.sched_getaffinity(0)))


def test_version_one(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("50000")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert available_cpus(tmp_path) == 1
