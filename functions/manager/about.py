"""What the manager says about itself."""

import platform

VERSION = "0.1.0"


def build_info(runtimes: list[str]) -> dict[str, object]:
    return {
        "name": "dewpoint-manager",
        "version": VERSION,
        "pythonVersion": platform.python_version(),
        "runtimes": sorted(runtimes),
    }
