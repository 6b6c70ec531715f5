"""A Dockerfile as data.

The dialect is the part of Docker's that a folder and a virtual environment can honour: one stage, COPY from the
context, RUN. Everything else is refused here, before anything runs, with the file and the line.
Reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from .errors import DockerfileError

KNOWN = {"FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "USER", "LABEL", "EXPOSE", "VOLUME", "ENTRYPOINT", "CMD"}
FLAGS = {"FROM": {"platform"}, "COPY": {"chown", "chmod", "link"}, "RUN": {"mount", "network", "security"}}
JSON_FORMS = {"RUN", "CMD", "ENTRYPOINT", "COPY", "VOLUME"}


@dataclass(frozen=True)
class Instruction:
    """One instruction. `words` holds the exec form when `is_exec`, else the raw text is in `text`."""

    line: int
    keyword: str
    text: str
    words: tuple[str, ...] = ()
    is_exec: bool = False
    flags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.keyword} {self.text}"


def parse(path: Path) -> list[Instruction]:
    """Reads a Dockerfile.

    Raises:
        DockerfileError: it is not a Dockerfile, or needs what the process engine cannot do.
    """
    name = str(path)
    if not path.is_file():
        raise DockerfileError(name, 0, "no such Dockerfile")
    instructions = [_instruction(name, line, text) for line, text in _logical_lines(path.read_text())]
    _check_stages(name, instructions)
    return instructions


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """(number of the first line, text without continuations and comments)."""
    found: list[tuple[int, str]] = []
    begun, parts = 0, []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        begun = begun or number
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        found.append((begun, "".join([*parts, line]).strip()))
        begun, parts = 0, []
    if parts:
        found.append((begun, "".join(parts).strip()))
    return found


def _instruction(file: str, line: int, text: str) -> Instruction:
    word, _, rest = text.partition(" ")
    keyword, rest = word.upper(), rest.strip()
    if keyword not in KNOWN:
        raise DockerfileError(file, line, f"the process engine cannot do {keyword}")
    if not rest:
        raise DockerfileError(file, line, f"{keyword} needs an argument")
    flags: list[tuple[str, str]] = []
    while match := re.match(r"--([a-z-]+)(?:=(\S+))?\s+", rest):
        if match[1] not in FLAGS.get(keyword, set()):
            raise DockerfileError(file, line, f"the process engine cannot do {keyword} --{match[1]}")
        flags.append((match[1], match[2] or ""))
        rest = rest[match.end() :]
    if keyword in ("RUN", "COPY") and "<<" in rest and re.search(r"<<-?['\"]?\w+['\"]?\s*$", rest):
        raise DockerfileError(file, line, f"the process engine cannot do {keyword} with a here-document")
    words, is_exec = _words(file, line, keyword, rest)
    return Instruction(line, keyword, rest, words, is_exec, tuple(flags))


def _words(file: str, line: int, keyword: str, rest: str) -> tuple[tuple[str, ...], bool]:
    if keyword in JSON_FORMS and rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return tuple(words), True
        raise DockerfileError(file, line, f"{keyword} has an exec form that is not a JSON list of strings: {rest}")
    if keyword in ("RUN", "CMD", "ENTRYPOINT"):
        return ("/bin/sh", "-c", rest), False
    try:
        return tuple(shlex.split(rest)), False
    except ValueError as error:
        raise DockerfileError(file, line, f"{keyword}: {error}") from None


def _check_stages(file: str, instructions: list[Instruction]) -> None:
    stages = [step for step in instructions if step.keyword == "FROM"]
    if not stages:
        raise DockerfileError(file, 1, "no FROM instruction")
    if len(stages) > 1:
        raise DockerfileError(file, stages[1].line, "the process engine cannot do a build of several stages")
    first = next(step for step in instructions if step.keyword != "ARG")
    if first.keyword != "FROM":
        raise DockerfileError(file, first.line, f"{first.keyword} before FROM")
