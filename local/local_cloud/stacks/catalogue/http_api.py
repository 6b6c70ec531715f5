"""HTTP APIs (API Gateway v2): kept as configuration, not served."""

from local_cloud.stacks.resource import Call, Named, Resource, ResourceType, answer


def part(kind: str, key: str) -> ResourceType:
    """The type of a part of an API, identified by `key` within it."""

    def own(item: Resource) -> dict[str, str]:
        return {"ApiId": item["ApiId"], key: item.id}

    return ResourceType(
        service="apigatewayv2",
        create=Call(f"create_{kind}"),
        identifier=answer(key),
        attributes={key: key},
        update=Call(f"update_{kind}", lambda item: {**item.properties, **own(item)}),
        delete=Call(f"delete_{kind}", own),
        create_only=("ApiId",),
    )


TYPES = {
    "AWS::ApiGatewayV2::Api": ResourceType(
        service="apigatewayv2",
        create=Call("create_api"),
        identifier=answer("ApiId"),
        attributes={"ApiId": "ApiId", "ApiEndpoint": "ApiEndpoint"},
        update=Call("update_api", lambda item: {**item.properties, "ApiId": item.id}),
        delete=Call("delete_api", lambda item: {"ApiId": item.id}),
        named=Named("Name", limit=128),
        create_only=("ProtocolType",),
    ),
    "AWS::ApiGatewayV2::Authorizer": part("authorizer", "AuthorizerId"),
    "AWS::ApiGatewayV2::Integration": part("integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Route": part("route", "RouteId"),
    "AWS::ApiGatewayV2::Stage": part("stage", "StageName"),
}
