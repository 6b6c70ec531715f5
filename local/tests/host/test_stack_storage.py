"""Repositories, tables, buckets."""

import json

import pytest

from .conftest import ACCOUNT, REGION, Cloud
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


def test_ecr_repositories(cloud: Cloud, stack: Stack) -> None:
    policy = {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
                "action": {"type": "expire"},
            }
        ]
    }
    properties = {"ImageScanningConfiguration": {"ScanOnPush": "true"}, "EmptyOnDelete": "true"}
    outputs = stack.deploy(
        {
            "Images": resource(
                "ECR::Repository", LifecyclePolicy={"LifecyclePolicyText": json.dumps(policy)}, **properties
            )
        },
        Uri=att("Images", "RepositoryUri"),
        Arn=att("Images", "Arn"),
    )
    name, images = stack.ids()["Images"], cloud.client("ecr")

    assert outputs["Uri"] == f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}"
    assert images.describe_repositories(repositoryNames=[name])["repositories"][0]["imageScanningConfiguration"][
        "scanOnPush"
    ]
    assert json.loads(images.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]) == policy

    stack.deploy({"Images": resource("ECR::Repository", ImageTagMutability="IMMUTABLE", **properties)})
    found = images.describe_repositories(repositoryNames=[name])["repositories"][0]
    assert found["imageTagMutability"] == "IMMUTABLE"

    stack.delete()
    assert name not in [r["repositoryName"] for r in images.describe_repositories()["repositories"]]


def test_tables_and_buckets_take_what_a_change_adds(cloud: Cloud, stack: Stack) -> None:
    def resources(days: str, ttl: str, recovery: str) -> Template:
        return {
            "Table": resource(
                "DynamoDB::Table",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                TimeToLiveSpecification={"AttributeName": ttl, "Enabled": "true"},
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery},
            ),
            "Bucket": resource(
                "S3::Bucket",
                PublicAccessBlockConfiguration={"BlockPublicAcls": "true", "BlockPublicPolicy": "true"},
                LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": days}]},
                BucketEncryption={
                    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
            ),
            "BucketPolicy": resource(
                "S3::BucketPolicy",
                Bucket=ref("Bucket"),
                PolicyDocument={
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": f"s{days}",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": att("Bucket", "Arn"),
                        }
                    ],
                },
            ),
        }

    stack.deploy(resources("30", "expires", "false"))
    stack.deploy(resources("60", "expires", "true"))
    ids, tables, buckets = stack.ids(), cloud.client("dynamodb"), cloud.client("s3", s3={"addressing_style": "path"})

    backups = tables.describe_continuous_backups(TableName=ids["Table"])["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    rules = buckets.get_bucket_lifecycle_configuration(Bucket=ids["Bucket"])["Rules"]
    assert [rule["Expiration"]["Days"] for rule in rules] == [60]
    policy = json.loads(buckets.get_bucket_policy(Bucket=ids["Bucket"])["Policy"])
    assert policy["Statement"][0]["Sid"] == "s60"
    stack.delete()
