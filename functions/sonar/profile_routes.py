"""Profiles of a version's fields, training beside production."""

from functions.core.observations import training_profile_key
from functions.doors.http import Request
from functions.numerics.profiles.stored import names_in_bytes
from functions.sonar import wiring
from functions.sonar.door import number, route
from functions.sonar.profile_views import fields_view, sides_view
from functions.sonar.read_profile import read_profile
from functions.sonar.views import View
from functions.sonar.window import read_window


@route("GET", "/monitoring/fields/{version_id}")
def get_fields(_request: Request, version_id: str) -> list[View]:
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version with id"))
    stored = ports.profiles.read(training_profile_key(version.id))
    return fields_view(version.released_signature, names_in_bytes(stored) if stored else [])


@route("GET", "/monitoring/profiles/{version_id}/{field}")
def get_profile(request: Request, version_id: str, field: str) -> View:
    """`from` and `till` bound the hours of production; the element `x_3` of a vector is a field as well."""
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version with id"))
    window = read_window(request.query.get("from"), request.query.get("till"))
    return sides_view(field, read_profile(ports, version, field, window))
