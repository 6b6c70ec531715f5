"""The operations of sonar."""

from cdk.openapi.alerts import ALERTS
from cdk.openapi.answers import Answered, BuildInfo
from cdk.openapi.operation import Operation, Operations
from cdk.openapi.request_log import REQUEST_LOG
from cdk.openapi.training import TRAINING
from functions.sonar.analyze import Records


class Accepted(Answered, frozen=True, kw_only=True):
    """The records' ids, in their order."""

    accepted: int
    request_ids: list[str]


ANALYSIS: Operations = {
    ("POST", "/monitoring/analyze/{version_id}"): Operation(
        summary="Observe predictions that were made elsewhere.", request=Records, answer=Accepted, status=202
    ),
}
MONITORING: Operations = {
    **REQUEST_LOG,
    **ANALYSIS,
    **TRAINING,
    **ALERTS,
    ("GET", "/monitoring/buildinfo"): Operation(summary="What runs.", answer=BuildInfo),
}
