"""REST APIs: authorizers, gateway responses, deployments (deleting the community's deletes every stage)."""

from typing import Any

from local_cloud.stacks.casting import text
from local_cloud.stacks.resource import Call, Named, Resource, ResourceType, answer

PATCHED = (
    "AuthorizerCredentials",
    "AuthorizerResultTtlInSeconds",
    "AuthorizerUri",
    "AuthType",
    "IdentitySource",
    "IdentityValidationExpression",
    "Name",
)


def patches(item: Resource) -> dict[str, Any]:
    """An update as the list of replacements that API Gateway takes."""
    operations = [
        {"op": "replace", "path": f"/{name[:1].lower()}{name[1:]}", "value": text(value)}
        for name, value in item.only(*PATCHED).items()
    ]
    return {"restApiId": item["RestApiId"], "authorizerId": item.id, "patchOperations": operations}


def deployment_patches(item: Resource) -> dict[str, Any]:
    """Only the description of a deployment can change."""
    operations = [{"op": "replace", "path": "/description", "value": item.get("Description", "")}]
    return {"restApiId": item["RestApiId"], "deploymentId": item.id, "patchOperations": operations}


PUT_RESPONSE = Call("put_gateway_response")

TYPES = {
    "AWS::ApiGateway::Authorizer": ResourceType(
        service="apigateway",
        create=Call("create_authorizer"),
        identifier=answer("id"),
        attributes={"AuthorizerId": "id"},
        update=Call("update_authorizer", patches),
        delete=Call("delete_authorizer", lambda item: {**item.only("RestApiId"), "authorizerId": item.id}),
        named=Named("Name", limit=128),
        create_only=("RestApiId", "Type"),
    ),
    "AWS::ApiGateway::Deployment": ResourceType(
        service="apigateway",
        create=Call("create_deployment", lambda item: item.without("DeploymentCanarySettings", "StageDescription")),
        identifier=answer("id"),
        attributes={"DeploymentId": "id"},
        update=Call("update_deployment", deployment_patches),
        delete=Call("delete_deployment", lambda item: {**item.only("RestApiId"), "deploymentId": item.id}),
        create_only=("RestApiId",),
    ),
    "AWS::ApiGateway::GatewayResponse": ResourceType(
        service="apigateway",
        create=PUT_RESPONSE,
        identifier=lambda _reply, item: f"{item['RestApiId']}:{item['ResponseType']}",
        update=PUT_RESPONSE,
        delete=Call("delete_gateway_response", lambda item: item.only("RestApiId", "ResponseType")),
        create_only=("RestApiId", "ResponseType"),
    ),
}
