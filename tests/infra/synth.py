"""Synthesises every environment in one process, without network: layers are stand-ins, everything else is real."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

FINDINGS = "findings.json"

Template = dict[str, Any]


def synthesise(folder: Path) -> None:
    """Writes <folder>/<environment>/*.template.json for local, dev, prod and `public`: dev with every option."""
    from cdk.environments import DEV, ENVIRONMENTS

    public = replace(
        DEV,
        name="public",
        grpc_certificate=CERTIFICATE,
        edge_certificate=CERTIFICATE,
        edge_domain="models.example.org",
        alarm_email="platform@example.org",
    )
    for environment in (*ENVIRONMENTS.values(), public):
        _synthesise(environment, folder)


def _synthesise(environment: Any, folder: Path) -> None:
    from aws_cdk import App

    from cdk.app import compose, declared
    from cdk.layering import NoLayers
    from cdk.staging import Staging

    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(analytics_reporting=False, context=context, outdir=str(folder / environment.name), tree_metadata=False)
    compose(app, environment, Staging(ROOT, folder / "build", NoLayers()), declared)
    app.synth()
    if environment.name != "local":
        (folder / environment.name / FINDINGS).write_text(json.dumps(nag(app)))


def nag(app: Any) -> list[dict[str, str]]:
    """What cdk-nag says about the constructs of `app`: one entry per rule and resource."""
    from cdk_nag import AwsSolutionsChecks

    return [
        {"rule": violation.rule_name, "path": resource.construct_path, "words": violation.description}
        for violation in AwsSolutionsChecks().validate_scope(app).violations
        for resource in violation.violating_resources
    ]


def read(folder: Path) -> dict[str, dict[str, Template]]:
    """environment -> stack ("api") -> template."""
    found: dict[str, dict[str, Template]] = {}
    for file in sorted(folder.glob("*/*.template.json")):
        environment = file.parent.name
        stack = file.name.removeprefix(f"dewpoint-{environment}-").removesuffix(".template.json")
        found.setdefault(environment, {})[stack] = json.loads(file.read_text())
    return found


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
