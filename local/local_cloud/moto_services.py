"""AWS APIs served by moto inside the emulator's process: same account, region and endpoint as the rest.

moto is a control plane only. What has a data plane here (functions, builds, tasks, the edge) is served elsewhere in
this package and reads moto's state where that is enough.
"""

import threading
from collections.abc import Callable

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider


def forward(context: RequestContext, _request: ServiceRequest) -> ServiceResponse:
    """Hand one API call to moto and return its parsed answer."""
    return call_moto(context)


_one_at_a_time = threading.Lock()


def forward_whole(context: RequestContext, request: ServiceRequest) -> ServiceResponse:
    """`forward`, one call after the other: moto takes a refused transaction back by restoring whole tables, and with
    them it would take back what others wrote meanwhile."""
    with _one_at_a_time:
        return forward(context, request)


Forward = Callable[[RequestContext, ServiceRequest], ServiceResponse]


def moto_service(api: str, plugin: str = "default", forward: Forward = forward) -> Callable[[], Service]:
    """The provider plugin that serves every operation of `api` from moto."""

    @aws_provider(api=api, name=plugin)
    def create() -> Service:
        spec = load_service(api)
        return Service(name=api, skeleton=Skeleton(spec, dict.fromkeys(spec.operation_names, forward)))

    return create


dynamodb = moto_service("dynamodb", "moto", forward_whole)
dynamodbstreams = moto_service("dynamodbstreams", "moto")
kinesis = moto_service("kinesis", "moto")
apigatewayv2 = moto_service("apigatewayv2")
application_autoscaling = moto_service("application-autoscaling")
cognito_identity = moto_service("cognito-identity")
cognito_idp = moto_service("cognito-idp")
ecr = moto_service("ecr")
elbv2 = moto_service("elbv2")
sagemaker = moto_service("sagemaker")
servicediscovery = moto_service("servicediscovery")
