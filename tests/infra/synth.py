"""Synthesises environments, without network: layers are stand-ins, everything else is real.

The CDK is imported where it is used: loading it takes seconds, and only one worker of a test run needs it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

FINDINGS = "findings.json"

Template = dict[str, Any]


class Environments(Mapping[str, dict[str, Template]]):
    """environment -> stack -> template, for local, dev, prod and `public`: dev with every option.

    Each is synthesised when somebody first asks for it, for that takes seconds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, dict[str, Template]] = {}

    def __getitem__(self, name: str) -> dict[str, Template]:
        if name not in self._read:
            synthesise(name, self._folder)
            self._read[name] = read(self._folder / name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["local", "dev", "prod", "public"])

    def __len__(self) -> int:
        return len(list(self))

    def folder(self, name: str) -> Path:
        """Where its assembly lies, with cdk-nag's findings beside it."""
        assert self[name]
        return self._folder / name

    @property
    def build(self) -> Path:
        """What the units ship, a folder each."""
        assert self["prod"]
        return self._folder / "build"


def slowly(environment: str) -> Any:
    """Hardly different from another that is looked at every time."""
    return pytest.param(environment, marks=pytest.mark.slow)


EVERYWHERE = ["local", "prod", slowly("dev"), slowly("public")]


def environment_named(name: str) -> Any:
    from cdk.environments import DEV, ENVIRONMENTS

    if name != "public":
        return ENVIRONMENTS[name]
    return replace(
        DEV,
        name="public",
        grpc_certificate=CERTIFICATE,
        edge_certificate=CERTIFICATE,
        edge_domain="models.example.org",
        alarm_email="platform@example.org",
    )


def synthesise(name: str, folder: Path) -> None:
    """Writes <folder>/<name>/*.template.json, and what its functions ship to <folder>/build."""
    from aws_cdk import App

    from cdk.app import compose, declared
    from cdk.layering import NoLayers
    from cdk.staging import Staging

    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(analytics_reporting=False, context=context, outdir=str(folder / name), tree_metadata=False)
    compose(app, environment_named(name), Staging(ROOT, folder / "build", NoLayers()), declared)
    app.synth()
    if name != "local":
        (folder / name / FINDINGS).write_text(json.dumps(nag(app)))


def nag(app: Any) -> list[dict[str, str]]:
    """What cdk-nag says about the constructs of `app`: one entry per rule and resource."""
    from cdk_nag import AwsSolutionsChecks

    return [
        {"rule": violation.rule_name, "path": resource.construct_path, "words": violation.description}
        for violation in AwsSolutionsChecks().validate_scope(app).violations
        for resource in violation.violating_resources
    ]


def read(folder: Path) -> dict[str, Template]:
    """stack ("api") -> template."""
    beginning, end = f"dewpoint-{folder.name}-", ".template.json"
    files = sorted(folder.glob(f"*{end}"))
    return {file.name.removeprefix(beginning).removesuffix(end): json.loads(file.read_text()) for file in files}


def resources(template: Template, kind: str) -> dict[str, Any]:
    """Logical id -> properties, for the resources of one type."""
    found = {name: item for name, item in template["Resources"].items() if item["Type"] == kind}
    return {name: item.get("Properties", {}) for name, item in found.items()}


def all_resources(stacks: dict[str, Template], kind: str) -> dict[str, Any]:
    """The same over all stacks of an environment: "stack/logical id" -> properties."""
    return {
        f"{stack}/{name}": properties
        for stack, template in stacks.items()
        for name, properties in resources(template, kind).items()
    }
