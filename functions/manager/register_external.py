"""A model that runs elsewhere: a numbered version with a signature to hold observations against, and no image.

It is Released at once, listed like any other and monitored like any other; it cannot be deployed, so nothing here can
call it, and what needs calls of the model (explanations, predictions) does not work for it.
"""

from typing import Any

import msgspec

from functions.core.models import Image, ModelVersion, VersionStatus
from functions.core.monitoring import monitoring_problems
from functions.core.naming import MODEL, check_name
from functions.core.signature import parse_signature
from functions.manager.alert_rules import check_alert_rules
from functions.manager.findings import Findings
from functions.manager.ports import Ports


class NewExternalModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The request. `signature` means the same as `model_signature`."""

    name: Any
    model_signature: Any = None
    signature: Any = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}


def register_external(ports: Ports, request: NewExternalModel) -> ModelVersion:
    """The new version. Raises InvalidRequest with everything that is wrong."""
    findings = Findings()
    name = findings.attempt(lambda: check_name(MODEL, request.name))
    alias = request.model_signature is None and request.signature is not None
    pointer, document = ("/signature", request.signature) if alias else ("/modelSignature", request.model_signature)
    signature = findings.attempt(lambda: parse_signature(document, pointer))
    findings.problems += monitoring_problems(request.monitoring_configuration)
    findings.attempt(lambda: check_alert_rules(request.monitoring_configuration))
    if name is None or signature is None or findings.problems:
        raise findings.error()
    now = ports.clock.now()
    version = ModelVersion(
        id=ports.models.next_id(),
        model_id=ports.models.model_id(name),
        name=name,
        version=ports.models.next_version(name),
        runtime="",
        signature=signature,
        status=VersionStatus.RELEASED,
        payload_key="",
        payload_sha256="",
        image=Image(name="", tag=""),
        metadata=request.metadata,
        monitoring=request.monitoring_configuration,
        is_external=True,
        created=now,
        finished=now,
    )
    ports.models.create(version)
    return version
