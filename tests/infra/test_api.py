"""What the API would lose or leak if it were composed wrongly."""

import json
from typing import Any

from app import app
from functions.manager.about_routes import ABSENT
from tests.infra.synth import Template, resources

REST = "AWS::ApiGateway::"


def methods(template: Template) -> set[tuple[str, str]]:
    """(method, path) of every method, paths put together from the tree of resources."""
    tree = resources(template, f"{REST}Resource")

    def path(reference: Any) -> str:
        if "Fn::GetAtt" in reference:  # the root
            return ""
        node = tree[reference["Ref"]]
        return f"{path(node['ParentId'])}/{node['PathPart']}"

    return {(m["HttpMethod"], path(m["ResourceId"])) for m in resources(template, f"{REST}Method").values()}


def function_behind(method: dict[str, Any]) -> str:
    """The logical id of the function that a method integrates."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "Fn::GetAtt" in value:
                found.add(value["Fn::GetAtt"][0])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(method["Integration"]["Uri"])
    assert len(found) == 1
    return found.pop()


def test_the_api_has_the_routes_of_the_application_and_no_other(stacks: dict[str, Template]) -> None:
    declared = {(method, path) for path, entries in app.routes.items() for method in entries}
    assert len(declared) > 20
    assert methods(stacks["api"]) == declared


def test_x01_no_method_goes_without_the_authorizer(stacks: dict[str, Template]) -> None:
    [authorizer] = resources(stacks["api"], f"{REST}Authorizer")
    for method in resources(stacks["api"], f"{REST}Method").values():
        assert method["AuthorizationType"] == "CUSTOM"
        assert method["AuthorizerId"] == {"Ref": authorizer}


def test_the_authorizer_asks_for_the_key_and_forgets_it_in_time(stacks: dict[str, Template]) -> None:
    [authorizer] = resources(stacks["api"], f"{REST}Authorizer").values()
    assert authorizer["Type"] == "REQUEST"
    assert authorizer["IdentitySource"] == "method.request.header.x-api-key"
    assert 0 < authorizer["AuthorizerResultTtlInSeconds"] <= 300


def test_each_route_reaches_the_function_of_its_own_slice(stacks: dict[str, Template]) -> None:
    tree = resources(stacks["api"], f"{REST}Resource")
    names = {n: f["FunctionName"] for n, f in resources(stacks["api"], "AWS::Lambda::Function").items()}
    slices = {"v2": "gateway", "gateway": "gateway", "api": "manager", "monitoring": "sonar-api"}
    slices |= dict.fromkeys(ABSENT, "manager")
    for method in resources(stacks["api"], f"{REST}Method").values():
        parts = []
        reference = method["ResourceId"]
        while "Ref" in reference:
            parts.insert(0, tree[reference["Ref"]]["PathPart"])
            reference = tree[reference["Ref"]]["ParentId"]
        own = "alerts" if parts[1:2] in (["alerts"], ["receivers"]) else slices[parts[0]]
        wanted = "access" if "api_key" in parts else own
        assert names[function_behind(method)].endswith(f"-{wanted}"), parts


def test_the_key_issuer_is_not_reachable_over_http(stacks: dict[str, Template]) -> None:
    functions = resources(stacks["api"], "AWS::Lambda::Function")
    [issuer] = [name for name, function in functions.items() if function["FunctionName"].endswith("key-issuer")]
    assert issuer not in {function_behind(m) for m in resources(stacks["api"], f"{REST}Method").values()}
    allowed = json.dumps(resources(stacks["api"], "AWS::Lambda::Permission"))
    assert issuer not in allowed


def test_m25_errors_of_the_api_itself_are_problem_documents(stacks: dict[str, Template]) -> None:
    responses = resources(stacks["api"], f"{REST}GatewayResponse").values()
    by_type = {response["ResponseType"]: response for response in responses}
    for kind, status in {
        "UNAUTHORIZED": "401",
        "ACCESS_DENIED": "403",
        "MISSING_AUTHENTICATION_TOKEN": "404",
        "RESOURCE_NOT_FOUND": "404",
        "REQUEST_TOO_LARGE": "413",
        "THROTTLED": "429",
        "INTEGRATION_TIMEOUT": "504",
    }.items():
        assert by_type[kind]["StatusCode"] == status
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(by_type)
    assert "gatewayresponse.header.Retry-After" in by_type["THROTTLED"]["ResponseParameters"]
    for response in responses:
        assert response["ResponseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        body = rendered(response["ResponseTemplates"]["application/json"])
        assert body["type"].startswith("urn:dewpoint:")
        assert body["detail"] == body["error"]
        assert body["requestId"] == "the id"
        assert body.get("status", 0) == int(response.get("StatusCode", 0))


def rendered(template: str) -> Any:
    """As API Gateway fills it in: `messageString` comes with its quotes."""
    return json.loads(
        template.replace("$context.error.messageString", '"a \\"message\\""').replace("$context.requestId", "the id")
    )


def test_x02_no_page_of_another_site_may_call_the_api(stacks: dict[str, Template]) -> None:
    """A browser asks with OPTIONS and reads Access-Control headers: nobody answers, nobody sets any."""
    assert "OPTIONS" not in {method for method, _ in methods(stacks["api"])}
    responses = resources(stacks["api"], f"{REST}GatewayResponse")
    assert responses
    assert "access-control-" not in json.dumps([responses, stacks["edge"]]).lower()
    [distribution] = resources(stacks["edge"], "AWS::CloudFront::Distribution").values()
    assert "ResponseHeadersPolicyId" not in json.dumps(distribution["DistributionConfig"]["CacheBehaviors"])


def test_binary_bodies_pass_unharmed(stacks: dict[str, Template]) -> None:
    [api] = resources(stacks["api"], f"{REST}RestApi").values()
    assert api["BinaryMediaTypes"] == ["*/*"]


def test_the_edge_hands_the_api_paths_over_uncached(stacks: dict[str, Template]) -> None:
    [distribution] = resources(stacks["edge"], "AWS::CloudFront::Distribution").values()
    behaviors = distribution["DistributionConfig"]["CacheBehaviors"]
    origins = {origin["Id"]: origin for origin in distribution["DistributionConfig"]["Origins"]}
    absent = [f"/{service}/*" for service in ABSENT]
    assert [behavior["PathPattern"] for behavior in behaviors] == [
        "/v2*",
        "/gateway*",
        "/api*",
        "/monitoring/*",
        *absent,
    ]
    [carry_key] = resources(stacks["edge"], "AWS::CloudFront::Function")
    for behavior in behaviors:
        assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
        assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # all but the host header
        assert {"GET", "POST", "PUT", "DELETE"} <= set(behavior["AllowedMethods"])
        assert origins[behavior["TargetOriginId"]]["OriginPath"] == "/live"
        [association] = behavior["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"
        assert association["FunctionARN"] == {"Fn::GetAtt": [carry_key, "FunctionARN"]}
    assert "CustomErrorResponses" not in distribution["DistributionConfig"]
