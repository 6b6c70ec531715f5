"""The one blueprint on which this slice's route files register."""

from chalice.app import Blueprint

from functions.core.errors import NotFound
from functions.doors.http import Door

routes = Blueprint("functions.sonar.routes")
route = Door(routes)


def number(text: str, noun: str) -> int:
    """A path's number. Raises NotFound: nothing is called by another word."""
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise NotFound(f"there is no {noun} {text}")
    return int(text)
