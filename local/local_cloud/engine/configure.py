"""Instructions that touch no file: they only change how the image is run, or what a build knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .dockerfile import Instruction
from .errors import EngineError
from .images import ImageConfig, inside
from .variables import expand


def configured(
    config: ImageConfig, step: Instruction, variables: Mapping[str, str], has_own_command: bool
) -> ImageConfig:
    """The configuration after one instruction.

    Raises:
        EngineError: the instruction does not belong here.
    """
    text = expand(step.text, variables)
    match step.keyword:
        case "ENV":
            return replace(config, env={**config.env, **_pairs(step, variables)})
        case "LABEL":
            return replace(config, labels={**config.labels, **_pairs(step, variables)})
        case "WORKDIR":
            return replace(config, workdir=_absolute(config.workdir, text.strip("\"'")))
        case "USER":
            return replace(config, user=text)
        case "EXPOSE":
            return replace(config, ports=(*config.ports, *text.split()))
        case "VOLUME":
            words = step.words if step.is_exec else tuple(text.split())
            return replace(config, volumes=(*config.volumes, *words))
        case "ENTRYPOINT":
            # as in Docker, a new entry point makes the inherited command void
            return replace(config, entrypoint=step.words, command=config.command if has_own_command else ())
        case "CMD":
            return replace(config, command=step.words)
    raise EngineError(f"{step.keyword} is not allowed here")


def declared(step: Instruction, variables: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The build argument an ARG instruction declares; nothing when it has no value."""
    name, has_default, default = step.words[0].partition("=")
    if name in given:
        return {name: given[name]}
    return {name: expand(default, variables)} if has_default else {}


def _pairs(step: Instruction, variables: Mapping[str, str]) -> dict[str, str]:
    """`a=1 b="two words"`, or the old form `a rest of the line`."""
    first = step.words[0]
    if "=" not in first:
        return {first: expand(step.text.removeprefix(first).strip(), variables)}
    pairs = (word.partition("=") for word in step.words)
    return {name: expand(value, variables) for name, _, value in pairs}


def _absolute(workdir: str, path: str) -> str:
    joined = path if path.startswith("/") else f"{workdir.rstrip('/')}/{path}"
    return "/" + str(inside(Path("/"), joined)).lstrip("/")


def target_path(workdir: str, path: str) -> str:
    """Where COPY puts things, as an absolute path of the image; with a `/` at its end when it is a folder."""
    is_folder = path.endswith(("/", "/.")) or path in (".", "..")
    return _absolute(workdir, path).rstrip("/") + ("/" if is_folder else "") or "/"
