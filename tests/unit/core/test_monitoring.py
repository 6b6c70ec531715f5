from typing import Any

import pytest

from functions.core.monitoring import batch_size_of, log_days_of, monitoring_problems
from tests.fakes import entities


def test_s22_what_a_version_says_wins_and_what_nobody_understands_is_as_usual() -> None:
    version = entities.version(1, monitoring={"batchSize": 7, "logDays": 30})
    assert (batch_size_of(version, 100), log_days_of(version, 90)) == (7, 30)
    for said in ({}, {"batchSize": "many", "logDays": True}, {"batchSize": 0, "logDays": -1}):
        version = entities.version(1, monitoring=said)
        assert (batch_size_of(version, 100), log_days_of(version, 90)) == (100, 90)


@pytest.mark.parametrize("value", [0, -5, 1.5, "30", True, 4000, [30]])
def test_s22_days_that_cannot_be_are_told_by_name(value: Any) -> None:
    [problem] = monitoring_problems({"logDays": value, "batchSize": 10})
    assert (problem.pointer, problem.expected) == ("/monitoringConfiguration/logDays", "a whole number from 1 to 3650")
    assert problem.received == repr(value)
