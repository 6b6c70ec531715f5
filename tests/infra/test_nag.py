"""cdk-nag's AWS Solutions rules: nothing is found that was not accepted with a reason, nothing accepted in vain."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cdk.accepted import ANYTHING, METADATA
from tests.infra.synth import FINDINGS

ENVIRONMENTS = ["dev", "prod", "public"]
SENTENCE = re.compile(r"[A-Z][^\n]{25,}\.")


@dataclass(frozen=True)
class Accepted:
    path: str
    rule: str
    reason: str

    def covers(self, finding: dict[str, str]) -> bool:
        rule = re.escape(self.rule).replace(ANYTHING, ".*")
        return finding["path"].startswith(f"{self.path}/") and re.fullmatch(rule, finding["rule"]) is not None


def findings(assembly: Path, environment: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((assembly / environment / FINDINGS).read_text())
    return found


def accepted(assembly: Path, environment: str) -> set[Accepted]:
    folder = assembly / environment
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"].values()
    entries = [item for artifact in artifacts for item in metadata(folder, artifact).items()]
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
def test_cdk_nag_finds_nothing_that_was_not_accepted(assembly: Path, environment: str) -> None:
    assert uncovered(findings(assembly, environment), accepted(assembly, environment)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_accepted_in_vain(assembly: Path, environment: str) -> None:
    found = findings(assembly, environment)
    idle = [a for a in accepted(assembly, environment) if not any(a.covers(finding) for finding in found)]
    assert idle == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_reason_is_a_sentence(assembly: Path, environment: str) -> None:
    reasons = {a.reason for a in accepted(assembly, environment)}
    assert reasons
    assert [reason for reason in reasons if not SENTENCE.fullmatch(reason)] == []


def test_cdk_nag_would_be_heard(assembly: Path) -> None:
    """The rules did run, and without the acceptances there would be findings of many kinds."""
    found = uncovered(findings(assembly, "prod"), set())
    assert len({line.split("[")[0].split(" ")[0] for line in found}) > 10
