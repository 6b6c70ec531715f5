"""REST APIs under test, and how they are asked."""

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from .conftest import REGION, Cloud

PROBLEM = '{"type":"about:blank","title":$context.error.messageString,"status":%d,"instance":"$context.requestId"}'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers=named)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())


class Api:
    """A REST API under construction."""

    def __init__(self, cloud: Cloud, **settings: Any) -> None:
        self._cloud = cloud
        self._client = cloud.client("apigateway")
        self.id = self._client.create_rest_api(name=f"api-{uuid.uuid4().hex[:8]}", **settings)["id"]
        self._root = self._client.get_resources(restApiId=self.id)["items"][0]["id"]

    def authorizer(self, function: str, kind: str = "REQUEST", **settings: Any) -> str:
        source = {"REQUEST": "method.request.header.x-api-key", "TOKEN": "method.request.header.Authorization"}[kind]
        return str(
            self._client.create_authorizer(
                restApiId=self.id,
                name="authorizer",
                type=kind,
                authorizerUri=self._uri(function),
                identitySource=source,
                **settings,
            )["id"]
        )

    def route(
        self, method: str, part: str, function: str, authorizer: str | None = None, timeout_ms: int = 29000
    ) -> None:
        existing = {item.get("pathPart"): item["id"] for item in self._client.get_resources(restApiId=self.id)["items"]}
        resource = (
            existing.get(part)
            or self._client.create_resource(restApiId=self.id, parentId=self._root, pathPart=part)["id"]
        )
        guard = (
            {"authorizationType": "CUSTOM", "authorizerId": authorizer} if authorizer else {"authorizationType": "NONE"}
        )
        self._client.put_method(restApiId=self.id, resourceId=resource, httpMethod=method, **guard)
        self._client.put_integration(
            restApiId=self.id,
            resourceId=resource,
            httpMethod=method,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=self._uri(function),
            timeoutInMillis=timeout_ms,
        )

    def response(self, kind: str, status: int, **settings: Any) -> None:
        self._client.put_gateway_response(
            restApiId=self.id,
            responseType=kind,
            statusCode=str(status),
            responseTemplates={"application/json": PROBLEM % status},
            responseParameters={
                "gatewayresponse.header.Content-Type": "'application/problem+json'",
                "gatewayresponse.header.X-Kind": f"'{kind}'",
            },
            **settings,
        )

    def deploy(self) -> str:
        self._client.create_deployment(restApiId=self.id, stageName="v1")
        return self._cloud.api_url(self.id)

    @staticmethod
    def _uri(function: str) -> str:
        return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
