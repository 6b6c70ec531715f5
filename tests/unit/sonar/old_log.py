"""A log of hours that have passed."""

from functions.core.request_log import Wanted
from functions.sonar.find_rows import find_rows
from tests.unit.sonar.world import START, World, prediction

HOUR = 3600.0
DAY = 24 * HOUR


def log_of_hours(world: World, *hours: int) -> None:
    """A prediction in each of these hours of the first day, in this order, each a commit of its own."""
    for n, hour in enumerate(hours):
        world.observe(prediction(f"r{n:02}", START + hour * HOUR + n, x=float(n)))


def later(world: World, seconds: float = 12 * HOUR) -> World:
    world.clock.advance(seconds)
    return world


def found(world: World, version_id: int = 1) -> list[tuple[str, int]]:
    """Request id and number of every row, newest first."""
    rows = find_rows(world, world.models.by_id(version_id), Wanted(), 1000).rows
    return [(row.observation.request_id, spot.number) for spot, row in rows]
