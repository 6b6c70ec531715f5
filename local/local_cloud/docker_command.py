"""The `docker` command of this cloud: builds and the CDK call it, whichever engine they have."""

from __future__ import annotations

import os
import sys

from .engine import machine


def main() -> int:
    """Entry point; returns the exit code."""
    settings = machine.read(os.environ)
    if settings.containers is None:
        from .engine.docker import main as process_docker

        return process_docker()
    from .containers.command import main as real_docker

    return real_docker(sys.argv[1:], settings, settings.containers)


if __name__ == "__main__":
    sys.exit(main())
