"""`.dockerignore`: which files of a context a build does not see.

The last pattern that matches decides; `!` takes a file back in.
Reference: https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

WILDCARDS = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def reader(context: Path) -> Callable[[str], bool]:
    """A function that says whether a relative path of the context is ignored."""
    file = context / ".dockerignore"
    lines = file.read_text().splitlines() if file.is_file() else []
    rules = [_rule(line.strip()) for line in lines if line.strip() and not line.strip().startswith("#")]

    def ignored(path: str) -> bool:
        verdict = False
        for pattern, excludes in rules:
            if pattern.match(path):
                verdict = excludes
        return verdict

    return ignored


def _rule(line: str) -> tuple[re.Pattern[str], bool]:
    excludes = not line.startswith("!")
    text = line.removeprefix("!").strip("/").removeprefix("./")
    # a pattern that names a folder holds for everything in it
    return re.compile(f"{glob_expression(text)}(/.*)?$"), excludes


def glob_expression(text: str) -> str:
    """A file pattern (`*`, `?`, `**`, `[a-z]`) as a regular expression over a relative path."""
    return "".join(_token_expression(token) for token in re.findall(r"\*\*/?|\*|\?|\[[^\]]*\]|[^*?\[]+|\[", text))


def _token_expression(token: str) -> str:
    if token in WILDCARDS:
        return WILDCARDS[token]
    return token if token.startswith("[") and token.endswith("]") else re.escape(token)
