"""CloudFront."""

from typing import Any

from local_cloud.stacks.casting import as_list
from local_cloud.stacks.provider import client_for
from local_cloud.stacks.resource import Call, Named, Resource, ResourceType, answer


def distribution(item: Resource) -> dict[str, Any]:
    """A distribution's configuration in the API's words."""
    config = dict(item["DistributionConfig"])
    config["Origins"] = [origin(found) for found in as_list(config.get("Origins", []))]
    config["DefaultCacheBehavior"] = behavior(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = [behavior(found) for found in as_list(config.get("CacheBehaviors", []))]
    if geo := config.get("Restrictions", {}).get("GeoRestriction"):
        locations = geo.get("Locations", [])
        wrapped = {"RestrictionType": geo["RestrictionType"], "Quantity": len(locations), "Items": locations}
        config["Restrictions"] = {"GeoRestriction": wrapped}
    if logging := config.get("Logging"):
        config["Logging"] = {"Enabled": True, "IncludeCookies": False, "Prefix": "", **logging}
    return {"CallerReference": f"{item.stack}-{item.logical_id}", "Comment": "", **config}


def origin(found: dict[str, Any]) -> dict[str, Any]:
    """An origin; its headers are named differently, its ports have defaults."""
    renamed = {"OriginPath": "", **found, "CustomHeaders": found.get("OriginCustomHeaders", [])}
    renamed.pop("OriginCustomHeaders", None)
    if custom := renamed.get("CustomOriginConfig"):
        renamed["CustomOriginConfig"] = {"HTTPPort": 80, "HTTPSPort": 443, **custom}
    return renamed


def behavior(found: dict[str, Any]) -> dict[str, Any]:
    """A cache behavior; the cached methods are part of the allowed ones."""
    allowed = found.get("AllowedMethods", ["GET", "HEAD"])
    cached = found.get("CachedMethods", ["GET", "HEAD"])
    methods = {"Quantity": len(allowed), "Items": allowed, "CachedMethods": cached}
    return {**{name: value for name, value in found.items() if name != "CachedMethods"}, "AllowedMethods": methods}


def etag(item: Resource, operation: str) -> str:
    """The current version of a record, which changes and deletions must name."""
    client = client_for("cloudfront", item.account, item.region)
    return str(getattr(client, operation)(Id=item.id)["ETag"])


def versioned(kind: str, config: str, attributes: dict[str, str]) -> ResourceType:
    """The type of records that CloudFront keeps by id and version and that are given as one object."""

    def own(item: Resource) -> dict[str, str]:
        return {"Id": item.id, "IfMatch": etag(item, f"get_{kind}")}

    return ResourceType(
        service="cloudfront",
        create=Call(f"create_{kind}", lambda item: {config: item[config]}),
        identifier=answer(f"{config.removesuffix('Config')}.Id"),
        attributes=attributes,
        update=Call(f"update_{kind}", lambda item: {config: item[config], **own(item)}),
        delete=Call(f"delete_{kind}", own),
    )


def own_distribution(item: Resource) -> dict[str, str]:
    """Which distribution, in which version."""
    return {"Id": item.id, "IfMatch": etag(item, "get_distribution")}


TYPES = {
    "AWS::CloudFront::Distribution": ResourceType(
        service="cloudfront",
        create=Call("create_distribution", lambda item: {"DistributionConfig": distribution(item)}),
        identifier=answer("Distribution.Id"),
        attributes={"Id": "Distribution.Id", "DomainName": "Distribution.DomainName"},
        update=Call(
            "update_distribution",
            lambda item: {"DistributionConfig": distribution(item), **own_distribution(item)},
        ),
        delete=Call("delete_distribution", own_distribution),
    ),
    "AWS::CloudFront::OriginAccessControl": versioned(
        "origin_access_control", "OriginAccessControlConfig", {"Id": "OriginAccessControl.Id"}
    ),
    "AWS::CloudFront::CachePolicy": versioned("cache_policy", "CachePolicyConfig", {"Id": "CachePolicy.Id"}),
    "AWS::CloudFront::OriginRequestPolicy": versioned(
        "origin_request_policy", "OriginRequestPolicyConfig", {"Id": "OriginRequestPolicy.Id"}
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": versioned(
        "response_headers_policy", "ResponseHeadersPolicyConfig", {"Id": "ResponseHeadersPolicy.Id"}
    ),
    "AWS::CloudFront::Function": ResourceType(
        service="cloudfront",
        create=Call("create_function"),
        identifier=answer("FunctionSummary.FunctionMetadata.FunctionARN"),
        attributes={
            "FunctionARN": "FunctionSummary.FunctionMetadata.FunctionARN",
            "FunctionMetadata.FunctionARN": "FunctionSummary.FunctionMetadata.FunctionARN",
            "Stage": "FunctionSummary.FunctionMetadata.Stage",
        },
        update=Call("update_function", lambda item: {**item.properties, "IfMatch": "*"}),
        delete=Call("delete_function", lambda item: {**item.only("Name"), "IfMatch": "*"}),
        named=Named("Name", limit=64),
        create_only=("Name",),
    ),
}
