"""What the manager says about itself."""

import platform

from functions.core.version import VERSION


def build_info(runtimes: list[str]) -> dict[str, object]:
    return {
        "name": "dewpoint-manager",
        "version": VERSION,
        "pythonVersion": platform.python_version(),
        "runtimes": sorted(runtimes),
    }


def absent(service: str) -> dict[str, object]:
    """What the reference system's clients understand of a service that is not part of this version."""
    return {
        "name": f"dewpoint-{service}",
        "version": VERSION,
        "status": "Unavailable",
        "reason": f"{service} is not part of this version",
    }
