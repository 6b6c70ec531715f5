"""How profiles are shown: training beside production, each by the names of docs/profiles.md."""

from functions.core.leaves import Leaf, leaves
from functions.core.signature import Signature
from functions.numerics.profiles.compare import compare
from functions.numerics.profiles.field import kind_of
from functions.sonar.read_profile import Production, Sides
from functions.sonar.table import row_fields
from functions.sonar.views import View, moment
from functions.sonar.window import Window, end_of, start_of


def sides_view(name: str, sides: Sides) -> View:
    """`comparison` holds both distributions on the same bars, where there are two."""
    training, production = sides.training, sides.production.profile
    return {
        "field": _field(sides.field) | {"name": name},
        "training": training.view() if training else None,
        "production": production.view() if production else None,
        "comparison": compare(training, production) if training and production else None,
        "window": window_view(sides.production),
    }


def window_view(production: Production) -> View:
    """What of the window the profile covers: whole hours in UTC. `next` is what to ask for to read on."""
    hours = production.hours
    return {
        "from": moment(start_of(hours[0]).timestamp()) if hours else None,
        "till": moment(end_of(hours[1]).timestamp()) if hours else None,
        "granularity": "1 hour",
        "rows": production.rows,
        "segments": production.segments,
        "complete": production.rest is None,
        "next": _rest(production.rest) if production.rest else None,
    }


def fields_view(signature: Signature, trained: list[str]) -> list[View]:
    """`training` says whether there is a profile of training data."""
    outputs = {leaf.name for leaf in leaves(signature.outputs)}
    return [
        _field(field) | {"side": "output" if field.name in outputs else "input", "training": field.name in trained}
        for field in row_fields(signature)
    ]


def _field(field: Leaf) -> View:
    return {
        "name": field.name,
        "dtype": field.dtype.value,
        "shape": None if field.dims is None else list(field.dims),
        "profile": field.profile.value,
        "kind": kind_of(field).value,
    }


def _rest(window: Window) -> View:
    since = moment(start_of(window.since).timestamp()) if window.since else None
    return {"from": since, "till": moment(end_of(window.until).timestamp())}
