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
