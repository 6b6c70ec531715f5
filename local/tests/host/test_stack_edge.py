"""CloudFront keeps what it is given."""

import pytest

from .conftest import Cloud
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


def distribution(pattern: str) -> Template:
    methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
    behavior = {
        "ViewerProtocolPolicy": "allow-all",
        "TargetOriginId": "api",
        "AllowedMethods": methods,
        "CachePolicyId": ref("Cache"),
    }
    origins = [
        {
            "Id": "api",
            "DomainName": "abc.execute-api.us-east-1.amazonaws.com",
            "OriginPath": "/v1",
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
            "OriginCustomHeaders": [{"HeaderName": "x-from", "HeaderValue": "edge"}],
        },
        {
            "Id": "ui",
            "DomainName": "ui.s3.us-east-1.amazonaws.com",
            "OriginAccessControlId": att("Access", "Id"),
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        },
    ]
    return {
        "Cache": resource(
            "CloudFront::CachePolicy",
            CachePolicyConfig={
                "Name": "none",
                "DefaultTTL": "0",
                "MaxTTL": "0",
                "MinTTL": "0",
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["x-api-key"]},
                    "QueryStringsConfig": {"QueryStringBehavior": "all"},
                    "EnableAcceptEncodingGzip": "false",
                },
            },
        ),
        "Access": resource(
            "CloudFront::OriginAccessControl",
            OriginAccessControlConfig={
                "Name": "ui",
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            },
        ),
        "Rewrite": resource(
            "CloudFront::Function",
            Name="rewrite",
            AutoPublish="true",
            FunctionCode="function handler(event) { return event.request; }",
            FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        ),
        "Headers": resource(
            "CloudFront::ResponseHeadersPolicy",
            ResponseHeadersPolicyConfig={
                "Name": "safe",
                "CustomHeadersConfig": {"Items": [{"Header": "x-a", "Value": "b", "Override": "true"}]},
            },
        ),
        "Edge": resource(
            "CloudFront::Distribution",
            DistributionConfig={
                "Enabled": "true",
                "DefaultRootObject": "index.html",
                "Origins": origins,
                "DefaultCacheBehavior": {
                    **behavior,
                    "TargetOriginId": "ui",
                    "FunctionAssociations": [
                        {"EventType": "viewer-request", "FunctionARN": att("Rewrite", "FunctionARN")}
                    ],
                },
                "CacheBehaviors": [{**behavior, "PathPattern": pattern}],
                "CustomErrorResponses": [
                    {"ErrorCode": "404", "ResponseCode": "200", "ResponsePagePath": "/index.html"}
                ],
            },
        ),
    }


def test_cloudfront_keeps_the_whole_configuration(cloud: Cloud, stack: Stack) -> None:
    outputs = stack.deploy(distribution("/v2/*"), Domain=att("Edge", "DomainName"))
    ids, edge = stack.ids(), cloud.client("cloudfront")

    config = edge.get_distribution_config(Id=ids["Edge"])["DistributionConfig"]

    assert outputs["Domain"].endswith(".cloudfront.net")
    assert config["Origins"]["Quantity"] == 2
    api, ui = config["Origins"]["Items"]
    assert (api["OriginPath"], api["CustomHeaders"]["Items"][0]["HeaderName"]) == ("/v1", "x-from")
    assert ui["OriginAccessControlId"] == ids["Access"]
    assert config["CacheBehaviors"]["Items"][0]["PathPattern"] == "/v2/*"
    assert "POST" in config["CacheBehaviors"]["Items"][0]["AllowedMethods"]["Items"]
    assert config["CustomErrorResponses"]["Items"][0]["ErrorCode"] == 404
    assert config["DefaultCacheBehavior"]["FunctionAssociations"]["Items"][0]["FunctionARN"] == ids["Rewrite"]
    listed = edge.list_distributions()["DistributionList"]["Items"]
    assert ids["Edge"] in [item["Id"] for item in listed]
    policy = edge.get_cache_policy(Id=ids["Cache"])["CachePolicy"]["CachePolicyConfig"]
    assert policy["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]["Items"] == ["x-api-key"]

    stack.deploy(distribution("/v3/*"))
    config = edge.get_distribution_config(Id=ids["Edge"])["DistributionConfig"]
    assert config["CacheBehaviors"]["Items"][0]["PathPattern"] == "/v3/*"

    stack.delete()
    with pytest.raises(edge.exceptions.NoSuchDistribution):
        edge.get_distribution(Id=ids["Edge"])
