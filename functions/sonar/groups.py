"""Messages that are recorded together: as many as a transaction can hold."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from functions.core.messages import PredictionMade
from functions.sonar.plan_addition import hour_of
from functions.sonar.watched import Watched

ITEMS = 99  # DynamoDB takes 100 in a transaction, and one is the commit itself
PER_VERSION = 3  # where its log ends, its bulletin, and one batch more than rows fill
Places = Counter[tuple[int, str]]  # version and hour -> rows


class Delivered(msgspec.Struct, frozen=True):
    """A prediction that could be read, its message's place in the delivery, and how often that was delivered."""

    at: int
    made: PredictionMade
    deliveries: int = 1


def groups(delivered: Sequence[Delivered], watched: Watched) -> Iterator[list[Delivered]]:
    """In the order of delivery. One message that is too large by itself is a group of its own, and will fail."""
    group: list[Delivered] = []
    places: Places = Counter()
    for one in delivered:
        wanted = places + _places(one.made, watched)
        if group and _items(wanted, watched) > ITEMS:
            yield group
            group, wanted = [], _places(one.made, watched)
        group.append(one)
        places = wanted
    if group:
        yield group


def _places(made: PredictionMade, watched: Watched) -> Places:
    hour = hour_of(made.at)
    answering = [call.model_version_id for call in made.calls]
    shadows = [watched.servable(name) for call in made.calls for name in call.shadows]
    return Counter((version, hour) for version in [*answering, *(s.model_version_id for s in shadows if s)])


def _items(places: Places, watched: Watched) -> int:
    """A segment for each place, a batch for each that is begun or filled, and what every version has."""
    rows: Counter[int] = Counter()
    for (version, _), count in places.items():
        rows[version] += count
    batches = sum(count // watched.batch_size(version) + PER_VERSION for version, count in rows.items())
    return len(places) + batches
