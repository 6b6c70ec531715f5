"""A buildspec as data.

Version 0.2: one shell for all commands. What the local cloud has no use for (artifacts, reports, cache, batch) is
read over; what would change a build's meaning (`run-as`, another version) is refused.
Reference: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import BuildspecError

PHASES = ("install", "pre_build", "build", "post_build")
FAILURE_WORDS = {None, "ABORT", "CONTINUE"}


@dataclass(frozen=True)
class Phase:
    """Commands of one phase, in order; `closing` run in any case (`finally`)."""

    commands: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    on_failure: str | None = None


@dataclass(frozen=True)
class Buildspec:
    """What to run, and the variables it asks for."""

    phases: Mapping[str, Phase]
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()


def parse(text: str) -> Buildspec:
    """Reads a buildspec in YAML (or JSON, which is YAML).

    Raises:
        BuildspecError: it is not a buildspec of version 0.2, or asks for what is not done here.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(f"YAML parsing error: {error}") from error
    document = _mapping(document, "buildspec")
    if str(document.get("version")) != "0.2":
        raise BuildspecError(f"Unsupported or missing version: {document.get('version')}")
    if "run-as" in document:
        raise BuildspecError("run-as is not supported by the local cloud")
    environment = _mapping(document.get("env") or {}, "env")
    phases = _mapping(document.get("phases") or {}, "phases")
    unknown = set(phases) - set(PHASES)
    if unknown or not phases:
        raise BuildspecError(f"Invalid phase: {', '.join(sorted(unknown))}" if unknown else "Missing phases")
    return Buildspec(
        phases={name: _phase(name, phases[name]) for name in phases},
        variables=_texts(environment, "variables"),
        parameters=_texts(environment, "parameter-store"),
        secrets=_texts(environment, "secrets-manager"),
        exported=tuple(environment.get("exported-variables") or ()),
    )


def _phase(name: str, given: Any) -> Phase:
    phase = _mapping(given or {}, name)
    if "run-as" in phase:
        raise BuildspecError(f"{name}: run-as is not supported by the local cloud")
    on_failure = phase.get("on-failure")
    if on_failure not in FAILURE_WORDS:
        raise BuildspecError(f"{name}: on-failure must be ABORT or CONTINUE, not {on_failure}")
    return Phase(_commands(name, phase, "commands"), _commands(name, phase, "finally"), on_failure)


def _commands(name: str, phase: Mapping[str, Any], key: str) -> tuple[str, ...]:
    given = phase.get(key) or []
    if not isinstance(given, list) or not all(isinstance(command, str) for command in given):
        # an unquoted ": " makes a mapping of what was meant as a command
        raise BuildspecError(f"{name}: Expected {key} to be a list of strings; quote a command that holds ': '")
    return tuple(given)


def _mapping(given: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BuildspecError(f"Expected {name} to be a mapping")
    return given


def _texts(environment: Mapping[str, Any], key: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in _mapping(environment.get(key) or {}, key).items()}
