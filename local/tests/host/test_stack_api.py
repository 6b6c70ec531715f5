"""An updated REST API is served updated."""

import pytest

from .conftest import REGION, ROLE, Cloud
from .rest import ask
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


INLINE = "def handler(event, context): return {'statusCode': 200, 'body': '%s'}"


def rest_api(answer: str, title: str, ttl: str) -> Template:
    uri = {"Fn::Sub": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/${{Function.Arn}}/invocations"}
    return {
        "Function": resource(
            "Lambda::Function",
            Runtime="python3.13",
            Handler="index.handler",
            Role=ROLE,
            Code={"ZipFile": INLINE % answer},
        ),
        "Api": resource("ApiGateway::RestApi", Name="api", BinaryMediaTypes=["*/*"]),
        "Guard": resource(
            "ApiGateway::Authorizer",
            RestApiId=ref("Api"),
            Name="guard",
            Type="REQUEST",
            AuthorizerUri=uri,
            IdentitySource="method.request.header.x-api-key",
            AuthorizerResultTtlInSeconds=ttl,
        ),
        "Missing": resource(
            "ApiGateway::GatewayResponse",
            RestApiId=ref("Api"),
            ResponseType="MISSING_AUTHENTICATION_TOKEN",
            StatusCode="404",
            ResponseTemplates={"application/json": f'{{"title":"{title}"}}'},
        ),
        "Method": resource(
            "ApiGateway::Method",
            RestApiId=ref("Api"),
            ResourceId=att("Api", "RootResourceId"),
            HttpMethod="GET",
            AuthorizationType="NONE" if answer == "one" else "CUSTOM",
            **({} if answer == "one" else {"AuthorizerId": ref("Guard")}),
            Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": uri},
        ),
        f"Deployment{answer}": {
            **resource("ApiGateway::Deployment", RestApiId=ref("Api")),
            "DependsOn": ["Method", "Missing"],
        },
        "Stage": resource(
            "ApiGateway::Stage", RestApiId=ref("Api"), DeploymentId=ref(f"Deployment{answer}"), StageName="v1"
        ),
    }


def test_an_updated_rest_api_is_what_its_stage_serves(cloud: Cloud, stack: Stack) -> None:
    stack.deploy(rest_api("one", "not here", "60"))
    ids = stack.ids()
    url = cloud.api_url(ids["Api"])

    assert ask(f"{url}/").body == b"one"
    assert ask(f"{url}/x").json() == {"title": "not here"}

    stack.deploy(rest_api("two", "nowhere", "0"))

    assert stack.ids()["Guard"] == ids["Guard"]
    assert ask(f"{url}/").status == 401
    assert ask(f"{url}/x").json() == {"title": "nowhere"}
    guard = cloud.client("apigateway").get_authorizer(restApiId=ids["Api"], authorizerId=ids["Guard"])
    assert guard["authorizerResultTtlInSeconds"] == 0
    stack.delete()
