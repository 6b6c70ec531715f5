"""Variables in a Dockerfile: `$name`, `${name}`, `${name:-default}`, `${name:+other}` and `\\$`."""

from __future__ import annotations

import re
from collections.abc import Mapping

PATTERN = re.compile(r"\\(?P<escaped>\$)|\$(?P<name>\w+)|\$\{(?P<braced>\w+)(?:(?P<how>:[-+])(?P<word>[^}]*))?\}")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replaces every variable; one that is not set becomes empty, as in Docker."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        found = variables.get(match["name"] or match["braced"], "")
        if match["how"] == ":-":
            return found or expand(match["word"], variables)
        if match["how"] == ":+":
            return expand(match["word"], variables) if found else ""
        return found

    return PATTERN.sub(value, text)
