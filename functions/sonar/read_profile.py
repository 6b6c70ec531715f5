"""The profiles of a field: of the training data, and of production in a window of time.

A window is merged from the stored profiles of its segments, never read again from the log. A call merges at most
LARGEST segments, the newest whole hours of the window first, and says where it stopped.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import msgspec

from functions.core.errors import NotFound, Unavailable
from functions.core.leaves import Leaf
from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.observations import training_profile_key
from functions.numerics.profiles.field import FieldProfile
from functions.numerics.profiles.stored import Profiles, field_from_bytes, merge_profiles
from functions.numerics.profiles.vector import VectorProfile
from functions.sonar.ports import Ports
from functions.sonar.table import row_fields
from functions.sonar.window import Window

LARGEST = 1000  # segments
AT_ONCE = 32


class Production(msgspec.Struct, frozen=True):
    """`hours` are the first and the last that is in the profile; `rest` is the window that was left out."""

    rows: int
    profile: FieldProfile | None
    segments: int
    hours: tuple[str, str] | None
    rest: Window | None


class Sides(msgspec.Struct, frozen=True):
    field: Leaf
    training: FieldProfile | None
    production: Production


def read_profile(ports: Ports, version: ModelVersion, name: str, window: Window) -> Sides:
    """`name` is a field's, or an element's (`x_3`). Raises NotFound, Conflict for a version without signature."""
    field, position = _find(version, name)
    stored = ports.profiles.read(training_profile_key(version.id))
    training = field_from_bytes(stored, field.name).fields.get(field.name) if stored else None
    production = _production(ports, version.id, field.name, window)
    if position is None:
        return Sides(field, training, production)
    sides = _element(training, position), _element(production.profile, position)
    if sides == (None, None) and (training or production.profile):
        raise NotFound(f"no element {name} of field {field.name} has a profile of its own")
    return Sides(field, sides[0], msgspec.structs.replace(production, profile=sides[1]))


def _find(version: ModelVersion, name: str) -> tuple[Leaf, int | None]:
    """The field, and the element of it that `name` means."""
    fields = {field.name: field for field in row_fields(version.released_signature)}
    if name in fields:
        return fields[name], None
    whole, _, position = name.rpartition("_")
    if whole in fields and fields[whole].dims != () and position.isdecimal() and position.isascii():
        return fields[whole], int(position)
    raise NotFound(f"model version {version.full_name} has no field {name}; it has {', '.join(fields)}")


def _element(profile: FieldProfile | None, position: int) -> FieldProfile | None:
    """None for elements that are profiled together."""
    if isinstance(profile, VectorProfile) and not profile.together and position < len(profile.elements):
        return profile.elements[position]
    return None


def _production(ports: Ports, version_id: int, field: str, window: Window) -> Production:
    found = ports.index.segments(version_id, window.since, window.until)
    taken, rest = _newest(found, window)
    merged = Profiles()
    for part in _read(ports, taken, field):
        merged = merge_profiles([merged, *part])
    hours = (taken[0].hour, taken[-1].hour) if taken else None
    return Production(merged.rows, merged.fields.get(field), len(taken), hours, rest)


def _newest(segments: Sequence[Segment], window: Window) -> tuple[list[Segment], Window | None]:
    """Those of the newest hours that fit, by hour, and what of the window is left. At least one hour is taken."""
    hours = [list(of_hour) for _, of_hour in groupby(segments, key=lambda segment: segment.hour)]
    taken: list[list[Segment]] = []
    count = 0
    while hours and (not taken or count + len(hours[-1]) <= LARGEST):
        taken.insert(0, hours.pop())
        count += len(taken[0])
    rest = Window(window.since, hours[-1][0].hour) if hours else None
    return [segment for of_hour in taken for segment in of_hour], rest


def _read(ports: Ports, segments: Sequence[Segment], field: str) -> Iterator[list[Profiles]]:
    """A few at a time, so that memory holds as many and no more."""

    def read(segment: Segment) -> Profiles:
        stored = ports.profiles.read(segment.profile_key)
        if stored is None:
            raise Unavailable(f"the log of {segment.hour} is being put together anew; ask again")
        return field_from_bytes(stored, field)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="profiles") as pool:
        for at in range(0, len(segments), AT_ONCE):
            yield list(pool.map(read, segments[at : at + AT_ONCE]))
