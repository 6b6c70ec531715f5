"""Cognito user pools and what hangs on them."""

from typing import Any

from local_cloud.stacks.resource import Call, Named, Resource, ResourceType, answer, given


def pool(item: Resource) -> dict[str, Any]:
    """CreateUserPool calls the name and the tags otherwise."""
    renamed = {"PoolName": item["UserPoolName"], "UserPoolTags": item.get("UserPoolTags", {})}
    return {**item.without("UserPoolName", "UserPoolTags", "EnabledMfas"), **renamed}


def pool_names(item: Resource) -> dict[str, str]:
    """Attributes that the API does not answer."""
    provider = f"cognito-idp.{item.region}.amazonaws.com/{item.id}"
    return {"UserPoolId": item.id, "ProviderName": provider, "ProviderURL": f"https://{provider}"}


TYPES = {
    "AWS::Cognito::UserPool": ResourceType(
        service="cognito-idp",
        create=Call("create_user_pool", pool),
        identifier=answer("UserPool.Id"),
        attributes={"Arn": "UserPool.Arn"},
        derived=pool_names,
        update=Call("update_user_pool", lambda item: {**item.properties, "UserPoolId": item.id}),
        delete=Call("delete_user_pool", lambda item: {"UserPoolId": item.id}),
        named=Named("UserPoolName", limit=128),
    ),
    "AWS::Cognito::UserPoolClient": ResourceType(
        service="cognito-idp",
        create=Call("create_user_pool_client"),
        identifier=answer("UserPoolClient.ClientId"),
        attributes={"ClientId": "UserPoolClient.ClientId", "ClientSecret": "UserPoolClient.ClientSecret"},
        update=Call("update_user_pool_client", lambda item: {**item.properties, "ClientId": item.id}),
        delete=Call("delete_user_pool_client", lambda item: {**item.only("UserPoolId"), "ClientId": item.id}),
        named=Named("ClientName", limit=128),
        create_only=("UserPoolId", "GenerateSecret"),
    ),
    "AWS::Cognito::UserPoolDomain": ResourceType(
        service="cognito-idp",
        create=Call("create_user_pool_domain"),
        identifier=given("Domain"),
        delete=Call("delete_user_pool_domain", lambda item: item.only("Domain", "UserPoolId")),
    ),
    "AWS::Cognito::UserPoolGroup": ResourceType(
        service="cognito-idp",
        create=Call("create_group"),
        identifier=given("GroupName"),
        update=Call("update_group"),
        delete=Call("delete_group", lambda item: item.only("GroupName", "UserPoolId")),
        named=Named("GroupName", limit=128),
        create_only=("GroupName", "UserPoolId"),
    ),
    "AWS::Cognito::UserPoolResourceServer": ResourceType(
        service="cognito-idp",
        create=Call("create_resource_server"),
        identifier=given("Identifier"),
        update=Call("update_resource_server"),
        delete=Call("delete_resource_server", lambda item: item.only("Identifier", "UserPoolId")),
        create_only=("Identifier", "UserPoolId"),
    ),
}
