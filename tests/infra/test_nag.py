"""cdk-nag's AWS Solutions rules: nothing is found that was not accepted with a reason, nothing accepted in vain."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synth import FINDINGS, Environments, slowly

ENVIRONMENTS = [slowly("dev"), "prod", slowly("public")]
SENTENCE = re.compile(r"[A-Z][^\n]{25,}\.")


@dataclass(frozen=True)
class Accepted:
    path: str
    rule: str
    reason: str

    def covers(self, finding: dict[str, str]) -> bool:
        from cdk.accepted import ANYTHING

        rule = re.escape(self.rule).replace(ANYTHING, ".*")
        return finding["path"].startswith(f"{self.path}/") and re.fullmatch(rule, finding["rule"]) is not None


def findings(assembly: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((assembly / FINDINGS).read_text())
    return found


def accepted(assembly: Path) -> set[Accepted]:
    from cdk.accepted import METADATA

    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"].values()
    entries = [item for artifact in artifacts for item in metadata(assembly, artifact).items()]
    return {
        Accepted(path.strip("/"), rule, entry["data"]["reason"])
        for path, entered in entries
        for entry in entered
        if entry["type"] == METADATA
        for rule in entry["data"]["rules"]
    }


def metadata(folder: Path, artifact: dict[str, Any]) -> dict[str, Any]:
    """The CDK moves what is long to a file beside the manifest."""
    if further := artifact.get("additionalMetadataFile"):
        moved: dict[str, Any] = json.loads((folder / further).read_text())
        return moved
    inline: dict[str, Any] = artifact.get("metadata", {})
    return inline


def uncovered(found: list[dict[str, str]], acceptances: set[Accepted]) -> list[str]:
    return [f"{f['rule']} at {f['path']}: {f['words']}" for f in found if not any(a.covers(f) for a in acceptances)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cdk_nag_finds_nothing_that_was_not_accepted(environments: Environments, environment: str) -> None:
    assembly = environments.folder(environment)
    assert uncovered(findings(assembly), accepted(assembly)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_accepted_in_vain(environments: Environments, environment: str) -> None:
    assembly = environments.folder(environment)
    found = findings(assembly)
    idle = [a for a in accepted(assembly) if not any(a.covers(finding) for finding in found)]
    assert idle == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_reason_is_a_sentence(environments: Environments, environment: str) -> None:
    reasons = {a.reason for a in accepted(environments.folder(environment))}
    assert reasons
    assert [reason for reason in reasons if not SENTENCE.fullmatch(reason)] == []


def test_cdk_nag_would_be_heard(environments: Environments) -> None:
    """The rules did run, and without the acceptances there would be findings of many kinds."""
    found = uncovered(findings(environments.folder("prod")), set())
    assert len({line.split("[")[0].split(" ")[0] for line in found}) > 10
