"""The plan in a distribution's configuration, and where its origins live locally."""

import pytest
from edge_scene import distribution_config

from local.edge.distribution import Distribution, Origin, compile_pattern
from local.edge.origins import API_PAYLOAD_LIMIT, UnknownOrigin, locate

EMULATOR = "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/v2/models/m/infer", "api"),
        ("/v2", "api"),
        ("/v2x", "ui"),
        ("/gateway/application/a", "api"),
        ("/api/v2/model", "api"),
        ("/API/v2/model", "ui"),
        ("/", "ui"),
        ("/assets/app.js", "ui"),
    ],
)
def test_the_first_matching_behaviour_serves_a_path(path: str, origin: str) -> None:
    assert Distribution.from_config("E1", distribution_config()).behaviour_for(path).origin.id == origin


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.js", "/a/b.js", True),
        ("images/*", "/images/x", True),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/a.c", "/abc", False),
        ("/v2/*", "/v2/", True),
        ("/v2/*", "/v2", False),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert bool(compile_pattern(pattern).fullmatch(path)) is matches


def test_the_root_object_stands_for_the_root_alone() -> None:
    distribution = Distribution.from_config("E1", distribution_config())
    assert distribution.origin_path("/") == "/index.html"
    assert distribution.origin_path("/docs/") == "/docs/"


def test_error_responses_without_a_page_only_change_caching_and_are_ignored() -> None:
    items = [
        {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"},
        {"ErrorCode": 404, "ErrorCachingMinTTL": 5},
    ]
    distribution = Distribution.from_config("E1", distribution_config(CustomErrorResponses={"Items": items}))
    replaced = distribution.error_response(403)
    assert replaced is not None
    assert (replaced.page, replaced.status) == ("/index.html", 200)
    assert distribution.error_response(404) is None


@pytest.mark.parametrize(
    "domain",
    [
        "abc123.execute-api.us-east-1.amazonaws.com",
        "abc123.execute-api.localhost.localstack.cloud:4566",
        "abc123.execute-api.localhost:4566",
    ],
)
def test_an_api_is_served_under_the_emulators_address_with_its_stage(domain: str) -> None:
    address = locate(Origin("o", domain, "/local"), EMULATOR)
    assert address.base == f"{EMULATOR}/_aws/execute-api/abc123/local"
    assert address.limit == API_PAYLOAD_LIMIT
    assert not address.is_bucket


@pytest.mark.parametrize(
    "domain",
    [
        "my.site-1.s3.us-east-1.amazonaws.com",
        "my.site-1.s3.amazonaws.com",
        "my.site-1.s3-us-west-2.amazonaws.com",
        "my.site-1.s3.localhost.localstack.cloud:4566",
        "my.site-1.s3.us-east-1.localhost.localstack.cloud:4566",
        "my.site-1.s3.localhost:4566",
        "my.site-1.s3.localhost",
    ],
)
def test_a_bucket_is_served_under_the_emulators_address(domain: str) -> None:
    address = locate(Origin("o", domain), EMULATOR)
    assert address.base == f"{EMULATOR}/my.site-1"
    assert address.is_bucket


def test_another_origin_is_refused() -> None:
    with pytest.raises(UnknownOrigin, match=r"example\.com"):
        locate(Origin("o", "example.com"), EMULATOR)
