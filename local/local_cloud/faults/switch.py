"""Puts the rules before every call to AWS, and their switch beside the emulator's own addresses."""

from typing import Any

from local_cloud.faults.rules import Faults
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.http import Request, Resource, Response

PATH = "/_dewpoint/faults"


class Switch:
    """The address at which faults are switched on and off."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def on_get(self, _request: Request) -> Response:
        return Response(self._faults.listed(), 200, content_type="application/json")

    def on_put(self, request: Request) -> Response:
        try:
            self._faults.add(request.json)
        except TypeError as error:
            return Response(str(error), 400)
        return Response(self._faults.listed(), 200, content_type="application/json")

    def on_delete(self, _request: Request) -> Response:
        self._faults.clear()
        return Response("", 204)


class Inject:
    """Handler: a call that meets a fault is refused as AWS would refuse it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, _chain: Any, context: RequestContext, _response: Response) -> None:
        """Raises CommonServiceException."""
        if context.service is None or context.operation is None:
            return
        fault = self._faults.meet(context.service.service_name, context.operation.name, context.service_request)
        if fault is not None and fault.error:
            raise CommonServiceException(fault.error, "a fault on command", status_code=fault.status)


def install() -> None:
    """Before the first call."""
    from localstack.aws import handlers
    from localstack.services.internal import get_internal_apis

    faults = Faults()
    handlers.serve_custom_service_request_handlers.append(Inject(faults))
    get_internal_apis().add(Resource(PATH, Switch(faults)))
