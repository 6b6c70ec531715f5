"""What runs, as the reference system's clients ask each of its services."""

import platform

from functions.core.version import VERSION
from functions.doors.http import Request
from functions.sonar.door import route


@route("GET", "/monitoring/buildinfo")
def get_build_info(_request: Request) -> dict[str, str]:
    return {"name": "dewpoint-sonar", "version": VERSION, "pythonVersion": platform.python_version()}
