"""Puts the parts of this package into LocalStack's chain of REST API handlers."""

import json

from local_cloud.gateway.authorizers import FunctionAnswer


def call_function(arn: str, event: bytes) -> FunctionAnswer:
    """Invoke a function synchronously in this cloud; the account and region are the ARN's."""
    from localstack.aws.connect import connect_to

    _, _, _, region, account, *_ = arn.split(":")
    client = connect_to(aws_access_key_id=account, region_name=region).lambda_
    result = client.request_metadata(service_principal="apigateway").invoke(FunctionName=arn, Payload=event)
    document = json.loads(result["Payload"].read() or b"null")
    return FunctionAnswer(document, failed="FunctionError" in result)


def install() -> None:
    """Before the API Gateway provider is loaded: it takes its handlers when it is."""
    from local_cloud.gateway import proxy
    from local_cloud.gateway.authorizers import Authorize
    from local_cloud.gateway.responses import GatewayResponses
    from localstack.services.apigateway.next_gen.execute_api import handlers
    from localstack.services.apigateway.next_gen.execute_api.handlers import integration_request, parse
    from localstack.services.apigateway.next_gen.execute_api.integrations import REST_API_INTEGRATIONS, aws

    for module in (aws, integration_request):
        module.mime_type_matches_binary_media_types = proxy.is_binary
    parse.restore_payload = proxy.body_as_sent
    REST_API_INTEGRATIONS[proxy.LambdaProxy.name] = proxy.LambdaProxy()
    handlers.gateway_exception_handler = GatewayResponses()
    handlers.modify_request.append(proxy.limit_size)
    handlers.preprocess_request.append(Authorize(call_function))
