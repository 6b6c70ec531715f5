"""The tables are a contract between the infrastructure and the adapters."""

from typing import Any

import pytest

from tests.infra.synth import Environments, Template, all_resources, resources, slowly


def shape(table: dict[str, Any]) -> dict[str, Any]:
    kinds = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}

    def keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
        hash_first = sorted(schema, key=lambda key: key["KeyType"])
        return [(key["AttributeName"], kinds[key["AttributeName"]]) for key in hash_first]

    indexes = table.get("GlobalSecondaryIndexes", [])
    return {
        "keys": keys(table["KeySchema"]),
        "indexes": {index["IndexName"]: keys(index["KeySchema"]) for index in indexes},
    }


def test_tables_are_what_the_adapters_expect(stacks: dict[str, Template]) -> None:
    from functions.adapters.dynamo.tables import TABLES, bind

    [prefix] = [stacks["data"]["Outputs"]["TablePrefix"]["Value"]]
    made = {t["TableName"]: shape(t) for t in resources(stacks["data"], "AWS::DynamoDB::Table").values()}
    expected = {}
    for row in TABLES:
        bound = bind(row, prefix)
        schema = bound._get_schema()
        expected[bound.Meta.table_name] = shape(
            {
                "AttributeDefinitions": [
                    {"AttributeName": a["AttributeName"], "AttributeType": a["AttributeType"]}
                    for a in schema["attribute_definitions"]
                ],
                "KeySchema": schema["key_schema"],
                "GlobalSecondaryIndexes": [
                    {"IndexName": index["index_name"], "KeySchema": index["key_schema"]}
                    for index in schema["global_secondary_indexes"]
                ],
            }
        )
    assert made == expected


def test_what_expires_does_so_by_the_attribute_that_the_adapter_writes(stacks: dict[str, Template]) -> None:
    from functions.adapters.dynamo.tables import (
        AlertRow,
        BulletinRow,
        CommitRow,
        EventRow,
        IdempotencyRow,
        QuotaRow,
        RequestRow,
        TrainingFileRow,
        UploadRow,
        UsageRow,
    )

    tables = resources(stacks["data"], "AWS::DynamoDB::Table").values()
    expiring = {
        t["TableName"].split("-", 2)[2]: t["TimeToLiveSpecification"] for t in tables if "TimeToLiveSpecification" in t
    }
    rows = {
        row.Meta.table_name: row
        for row in (
            UploadRow,
            EventRow,
            IdempotencyRow,
            QuotaRow,
            UsageRow,
            RequestRow,
            CommitRow,
            TrainingFileRow,
            BulletinRow,
            AlertRow,
        )
    }
    assert expiring == {name: {"AttributeName": "expires", "Enabled": True} for name in rows}
    assert all("expires" in row.get_attributes() for row in rows.values())


@pytest.mark.parametrize("environment", [slowly("dev"), "prod"])
def test_g20_large_inputs_and_answers_are_forgotten_after_a_day(environments: Environments, environment: str) -> None:
    buckets = resources(environments[environment]["data"], "AWS::S3::Bucket")
    [exchange] = [bucket for name, bucket in buckets.items() if name.startswith("Exchange")]
    rules = exchange["LifecycleConfiguration"]["Rules"]
    assert [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule] == [1]
    assert "Prefix" not in str(rules)
    assert "VersioningConfiguration" not in exchange


def test_production_keeps_its_data(environments: Environments) -> None:
    data = environments["prod"]["data"]
    for name, resource in data["Resources"].items():
        passing = name.startswith("Exchange")  # what goes through it is forgotten after a day anyway
        if resource["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket") and not passing:
            assert resource["DeletionPolicy"] == "Retain"
    for table in resources(data, "AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] is True
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_every_log_ends_one_day(stacks: dict[str, Template]) -> None:
    groups = all_resources(stacks, "AWS::Logs::LogGroup")
    assert len(groups) >= 8
    assert all(group["RetentionInDays"] > 0 for group in groups.values())


def test_no_code_of_others_runs_while_deploying(stacks: dict[str, Template]) -> None:
    kinds = {resource["Type"] for template in stacks.values() for resource in template["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))}
    functions = all_resources(stacks, "AWS::Lambda::Function").values()
    assert all(f.get("PackageType") == "Image" or f["Runtime"].startswith("python3.") for f in functions)
