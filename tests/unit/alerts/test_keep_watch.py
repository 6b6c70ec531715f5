"""An alert is one for each version and check, from its first failure that counts until it is over."""

from collections.abc import Sequence

import pytest

from functions.alerts.judge import MOST_FIRING
from functions.alerts.look_around import look_around
from functions.core.alerts import Alert, AlertState, Watch
from functions.core.bulletins import MOST_FINDINGS, Trouble
from functions.core.models import encode_entity
from tests.fakes.alerts import FakeWatchStore
from tests.unit.alerts.world import COOL_DOWN, QUIET, WINDOW, World, finding


def test_s17_a_check_that_fails_is_one_alert_with_all_that_is_known_of_it() -> None:
    world = World()
    world.happen(finding(), rows=20)
    (alert,) = world.firing()
    assert (alert.key, alert.state, alert.failures, alert.requests) == ("check:x/max", AlertState.FIRING, 5, 20)
    assert (alert.model_name, alert.model_version, alert.application, alert.stage) == ("penguins", 1, "adders", 0)
    assert (alert.threshold, alert.value, alert.description) == ("9", "12.5", "healthy when value <= 9")
    assert alert.examples == ("r1", "r2", "r3")
    assert (alert.first_seen, alert.last_seen, alert.started) == (1_767_225_000.0, 1_767_225_100.0, world.now)
    assert world.told == [("fired", "check:x/max")]


def test_s17_failures_are_grouped_and_never_told_one_by_one() -> None:
    world = World()
    for _ in range(20):
        world.happen(finding(), finding(field="y"))
        world.clock.advance(5)
    assert world.told == [("fired", "check:x/max"), ("fired", "check:y/max")]
    assert len(world.notices) == 1  # both at once
    assert [alert.failures for alert in world.firing()] == [100, 100]


def test_s17_rules_metrics_errors_of_checks_and_of_predictions_are_alerts_of_their_own() -> None:
    world = World()
    world.happen(
        finding(),
        finding(name="min"),
        finding(field="", name="drift", trouble=Trouble.METRIC, metric_spec_id="m1"),
        finding(field="", name="drift", trouble=Trouble.ERRORED, reason="no replica"),
        finding(field="", name="", trouble=Trouble.PREDICTION, reason="it raised"),
    )
    keys = {alert.key for alert in world.firing()}
    assert keys == {"check:x/max", "check:x/min", "metric:drift", "errored:drift", "prediction"}


def test_s17_what_goes_on_is_told_again_after_the_cool_down_only() -> None:
    world = World()
    for _ in range(COOL_DOWN // 50 - 1):
        world.happen(finding())
        world.clock.advance(50)
    assert world.told == [("fired", "check:x/max")]
    world.clock.advance(50)
    world.happen(finding())
    world.happen(finding())
    assert world.told == [("fired", "check:x/max"), ("reminder", "check:x/max")]


@pytest.mark.parametrize(("count", "rows", "fires"), [(1, 5, False), (2, 5, True), (9, 100, False), (10, 100, True)])
def test_s17_few_failures_are_no_alert(count: int, rows: int, *, fires: bool) -> None:
    """At least two, and at least a tenth of all predictions."""
    world = World()
    world.happen(finding(count), rows=rows)
    assert bool(world.firing()) is fires


def test_s17_failures_count_within_the_window() -> None:
    world = World()
    for _ in range(3):
        world.happen(finding(1))
        world.clock.advance(WINDOW + WINDOW / 10 + 1)
    assert world.firing() == []
    world.happen(finding(1))
    world.clock.advance(WINDOW / 2)
    world.happen(finding(1))
    assert len(world.firing()) == 1


def test_s17_a_healthy_window_ends_an_alert() -> None:
    world = World()
    world.happen(finding())
    for _ in range(3):
        world.clock.advance(WINDOW / 3)
        world.happen()
    assert len(world.firing()) == 1  # what failed is still in the window
    world.clock.advance(WINDOW / 3)
    world.happen()
    assert world.firing() == []
    (alert,) = world.archive.of_version(1)
    assert (alert.state, alert.ended) == (AlertState.RESOLVED, world.now)
    assert alert.ending.startswith("healthy: 0 of ")
    assert world.told == [("fired", "check:x/max"), ("resolved", "check:x/max")]


def test_s17_silence_of_the_traffic_ends_an_alert_as_well() -> None:
    world = World()
    world.happen(finding())
    world.clock.advance(QUIET - 1)
    look_around(world)
    assert len(world.firing()) == 1
    world.clock.advance(1)
    look_around(world)
    assert world.firing() == []
    assert world.told[-1] == ("resolved", "check:x/max")
    assert world.archive.of_version(1)[0].ending.startswith("quiet: no predictions")


def test_s17_what_fails_again_later_is_another_alert() -> None:
    world = World()
    world.happen(finding())
    world.clock.advance(QUIET)
    look_around(world)
    world.happen(finding())
    assert [alert.number for alert in world.firing()] == [2]
    assert [alert.number for alert in world.archive.of_version(1)] == [1]


def test_more_alerts_than_a_transaction_holds_end_all_the_same() -> None:
    world = World()
    world.happen(*(finding(field=f"x_{n}") for n in range(100)))
    assert len(world.firing()) == 80  # there is no room for more in one item
    world.clock.advance(QUIET)
    look_around(world)
    assert world.firing() == []
    assert len(world.archive.of_version(1)) == 80


def test_s17_a_model_with_thousands_of_fields_has_a_watch_that_fits_into_an_item() -> None:
    """Others fail in each bulletin, all of them with long words."""
    sizes: list[int] = []

    class Weighed(FakeWatchStore):
        def save(self, watch: Watch, expected: int, over: Sequence[Alert], expires: int) -> bool:
            sizes.append(len(encode_entity(watch)))
            return super().save(watch, expected, over, expires)

    world = World(minFailures=1, minShare=0)
    world.watches = world.archive = Weighed()
    for turn in range(60):
        fields = [f"a_rather_long_name_of_a_field_{turn * 250 + n:05}" for n in range(MOST_FINDINGS)]
        world.happen(
            *(finding(1 + n % 7, field, description="d" * 200, value="9" * 100) for n, field in enumerate(fields))
        )
        world.clock.advance(WINDOW / 60)
    assert len(world.firing()) == MOST_FIRING
    assert max(sizes) < 350_000


def test_a_version_that_was_deleted_raises_no_alert_and_its_last_ones_end() -> None:
    world = World()
    world.happen(finding())
    world.models.delete("penguins", 1)
    world.happen(finding(field="y"))
    assert [alert.key for alert in world.firing()] == ["check:x/max"]
    world.clock.advance(901)
    look_around(world)
    assert world.firing() == []


def test_alerts_can_be_switched_off_for_a_version() -> None:
    world = World(enabled=False)
    world.happen(finding())
    assert world.firing() == []
    assert world.watches.get(1)[0].rows == 10
