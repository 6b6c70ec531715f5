"""What is published of the request log, read past the platform: the segments of a version, and their files."""

import io
from collections.abc import Callable
from typing import Any

import msgspec
import polars as pl

from functions.core.ledger import Segment
from tests.cloud import Cloud

PREFIX = "dewpoint-local"  # of the tables
Client = Callable[[str], Any]  # a service's name -> a boto3 client of it


def published(client: Client, version_id: int) -> list[dict[str, Any]]:
    """The rows by their numbers. Every segment has its file, with as many rows as it says."""
    s3 = client("s3")
    [bucket] = [each["Name"] for each in s3.list_buckets()["Buckets"] if "observations" in each["Name"]]
    frames = []
    for segment in sorted(segments(client, version_id), key=lambda each: each.first):
        frame = pl.read_parquet(io.BytesIO(s3.get_object(Bucket=bucket, Key=segment.key)["Body"].read()))
        assert len(frame) == segment.rows
        frames.append(frame)
    return pl.concat(frames).to_dicts() if frames else []


def segments(client: Client, version_id: int) -> list[Segment]:
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=f"{PREFIX}-segments",
            KeyConditionExpression="version_id = :version",
            ExpressionAttributeValues={":version": {"N": str(version_id)}},
            ConsistentRead=True,
        )
    )
    return [msgspec.json.decode(item["document"]["S"], type=Segment) for page in pages for item in page["Items"]]


def version_id(cloud: Cloud, model: str, version: int = 1) -> int:
    with cloud.http() as http:
        return int(http.get(f"/api/v2/model/version/{model}/{version}").json()["id"])
