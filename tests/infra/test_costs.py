"""The costs in the documentation are those of the templates."""

from copy import deepcopy

import pytest

from cdk.costs import ASSUMED, PRICES, idle, per_million, report
from tests.infra.synth import ROOT, Environments, Template, resources, slowly


@pytest.mark.parametrize("name", [slowly("dev"), "prod"])
def test_the_costs_in_the_documentation_are_not_stale(environments: Environments, name: str) -> None:
    text = (ROOT / "docs/operations.md").read_text()
    assert report(name, environments[name]) in text, f"put in the output of: python -m cdk.costs --environment {name}"


def total(stacks: dict[str, Template]) -> float:
    return sum(item.dollars for item in idle(stacks))


def test_costs_follow_the_templates(environments: Environments) -> None:
    stacks = deepcopy(environments["prod"])
    before = total(stacks)
    [service] = resources(stacks["grpc"], "AWS::ECS::Service").values()
    service["DesiredCount"] += 1  # of one vCPU and 2 GB
    assert total(stacks) - before == pytest.approx(730 * (PRICES["vCPU hour"] + 2 * PRICES["GB hour"]))
    stacks["data"]["Resources"]["Key"] = {"Type": "AWS::KMS::Key"}
    assert idle(stacks)[-1].dollars == PRICES["key month"]


@pytest.mark.slow
def test_public_addresses_and_zones_are_paid_for(environments: Environments) -> None:
    items = {item.what: item for item in idle(environments["public"])}
    assert items["its public addresses"].dollars == pytest.approx(2 * 730 * PRICES["public address hour"])
    prod = {item.what: item for item in idle(environments["prod"])}
    assert prod["interface endpoints"].dollars == pytest.approx(2 * items["interface endpoints"].dollars)


def test_a_prediction_costs_its_calls(environments: Environments) -> None:
    doors = per_million(environments["prod"])
    items = {item.what: item.dollars for item in doors["HTTP"]}
    assert items["API Gateway"] == pytest.approx(3.5)
    assert items["DynamoDB"] == pytest.approx(0.25)
    gigabyte_seconds = 1_769 / 1024 * ASSUMED["seconds in the gateway function"]
    assert items["Lambda: gateway"] == pytest.approx(0.2 + gigabyte_seconds * 16.6667)
    assert sum(item.dollars for item in doors["gRPC"]) < sum(items.values())
