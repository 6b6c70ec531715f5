"""How far a deployment is, from lines as the CDK command line prints them."""

import json
from pathlib import Path

import pytest

from local.machine.narrator import Narrator

LINES = """
dewpoint-local-api: start: Building gateway code
dewpoint-local-api: creating stack...
dewpoint-local-api | 1 | 9:45:08 PM | CREATE_IN_PROGRESS | AWS::CloudFormation::Stack | dewpoint-local-api User
dewpoint-local-api | 2 | 9:45:08 PM | CREATE_COMPLETE    | AWS::IAM::Role             | Gateway/Role (GatewayRole1)
dewpoint-local-data |  1/14 | 9:45:08 PM | CREATE_COMPLETE    | AWS::S3::Bucket        | Payloads (Payloads2)
dewpoint-local-data |  1/14 | 9:45:08 PM | CREATE_FAILED      | AWS::S3::Bucket        | Other (Other3) no
dewpoint-local-api | 3 | 9:45:09 PM | CREATE_COMPLETE    | AWS::CloudFormation::Stack | dewpoint-local-api
✨  Deployment time: 5.34s
"""


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    for stack, count in (("dewpoint-local-api", 3), ("dewpoint-local-data", 2)):
        template = {"Resources": {str(number): {} for number in range(count)}}
        (tmp_path / f"{stack}.template.json").write_text(json.dumps(template))
    return tmp_path


def told(assembly: Path, text: str) -> list[str]:
    said: list[str] = []
    narrator = Narrator(assembly, said.append)
    for line in text.splitlines():
        narrator.hear(line)
    return said


def test_resources_of_all_stacks_are_counted_once(assembly: Path) -> None:
    said = told(assembly, LINES + LINES)
    assert said[:3] == ["dewpoint-local-api: Building gateway code", "dewpoint-local-api: stack...", "0 of 5 resources"]
    assert said[-1] == "2 of 5 resources"


def test_a_stack_outside_the_assembly_is_counted_without_a_total(assembly: Path) -> None:
    line = "CDKToolkit |  6/12 | 9:42:43 PM | CREATE_COMPLETE | AWS::IAM::Role | FilePublishingRole"
    assert told(assembly, line) == ["1 resources"]
