"""How many tasks a service is to have, without tasks."""

import pytest
from local_cloud.tasks.tracking import Target, wanted

TARGET = Target(least=1, most=5, percent=50)


@pytest.mark.parametrize(
    ("tasks", "used", "expected"),
    [
        (2, [100, 100], 2),
        (2, [100, 100, 100], 4),
        (2, [100, 50, 100], 2),
        (2, [51, 51, 51], 3),
        (4, [100, 100, 100], 5),
        (5, [100, 100, 100], 5),
        (6, [100, 100, 100], 6),
        (4, [20] * 14, 4),
        (4, [20] * 15, 2),
        (4, [20] * 14 + [46], 4),
        (4, [45] * 15, 4),
        (4, [44] * 15, 4),
        (4, [0] * 15, 1),
        (1, [0] * 15, 1),
    ],
)
def test_tasks_follow_three_minutes_above_and_fifteen_below(tasks: int, used: list[float], expected: int) -> None:
    assert wanted(tasks, used, TARGET) == expected


def test_what_is_suspended_does_not_happen() -> None:
    still = Target(least=1, most=5, percent=50, may_grow=False, may_shrink=False)
    assert wanted(2, [100] * 15, still) == 2
    assert wanted(2, [0] * 15, still) == 2
