"""What runs. The reference system's clients ask each of its services by itself."""

from functions.doors.http import Request, RouteFunction
from functions.manager import wiring
from functions.manager.about import absent, build_info
from functions.manager.door import route

ABSENT = ("rootcause", "stat", "visualization")


@route("GET", "/api/v2/buildinfo")
def get_build_info(_request: Request) -> dict[str, object]:
    return build_info(list(wiring.ports().rules.runtimes))


@route("GET", "/api/buildinfo")
def get_legacy_build_info(_request: Request) -> dict[str, object]:
    """The same, where the reference system says it."""
    return build_info(list(wiring.ports().rules.runtimes))


def _teller(service: str) -> RouteFunction:
    def tell(_request: Request) -> dict[str, object]:
        return absent(service)

    tell.__name__ = f"get_{service}_build_info"
    return tell


for _service in ABSENT:
    route("GET", f"/{_service}/buildinfo")(_teller(_service))
