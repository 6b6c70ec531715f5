"""The one blueprint on which this slice's route files register."""

from chalice.app import Blueprint

from functions.alerts.ports import Ports
from functions.core.errors import NotFound
from functions.core.models import ModelVersion
from functions.doors.http import Door

routes = Blueprint("functions.alerts.routes")
route = Door(routes)


def version_named(ports: Ports, text: str) -> ModelVersion:
    """The version with the id in a path. Raises NotFound: nothing is called by another word."""
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise NotFound(f"there is no model version {text}")
    return ports.models.by_id(int(text))
