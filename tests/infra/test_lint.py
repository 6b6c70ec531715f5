"""cfn-lint over every template, offline, with its rules loaded once: loading takes longer than applying them."""

import json

import pytest

from tests.infra.synth import Environments

pytestmark = pytest.mark.slow

STACKS = {"network", "data", "alerts", "workers", "serving", "events", "api", "grpc", "edge", "dashboard"}
# W3005: the CDK writes dependencies down even where a reference already makes them
IGNORED = ("W3005",)


def findings(texts: dict[str, str]) -> list[str]:
    """What cfn-lint says about templates by name, one line each."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import Runner

    runner = Runner(ConfigMixIn(regions=["us-east-1", "eu-central-1"]))
    found = []
    for name, text in texts.items():
        template, errors = decode_str(text)
        matches = errors or runner.validate_template(template)
        found += [f"{name}: {m.rule.id} {m.message} at {m.path}" for m in matches if m.rule.id not in IGNORED]
    return found


@pytest.mark.parametrize("environment", ["dev", "prod", "public"])
def test_cfn_lint_finds_nothing(environments: Environments, environment: str) -> None:
    texts = {file.name: file.read_text() for file in environments.folder(environment).glob("*.template.json")}
    assert len(texts) == len(STACKS)
    assert findings(texts) == []


def test_cfn_lint_would_find_something() -> None:
    bad = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Nonsense": 1}}}}
    [finding] = findings({"bad": json.dumps(bad)})
    assert "E3002" in finding


def test_the_stacks_are_those_of_the_design(environments: Environments) -> None:
    assert set(environments) == {"local", "dev", "prod", "public"}
    assert all(set(stacks) == STACKS for stacks in environments.values())
