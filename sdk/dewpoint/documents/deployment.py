"""Documents of kind DeploymentConfiguration: `container`, `deployment`, `hpa` and `pod`, as the API takes them.

What stands in `pod` is Kubernetes' own language and goes through as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dewpoint.documents.reader import Reader, as_text, said

# the least that each may be; no copies at all: the servable sleeps when nobody calls
SCALING = {"minReplicas": 0, "maxReplicas": 1, "cpuUtilization": 1, "idleSeconds": 1}


@dataclass(frozen=True)
class DeploymentDocument:
    """`body` is what the API takes, without empty parts."""

    name: str
    body: dict[str, Any]

    def is_covered_by(self, existing: Any) -> bool:
        """Does what exists say everything that this document says?"""
        return _covers(self.body, existing)


def read_deployment(reader: Reader) -> DeploymentDocument:
    """The configuration a document describes; faults are left with `reader`."""
    name = reader.text("name", required=True)
    parts = {
        "container": _read_container(reader.section("container")),
        "deployment": _read_numbers(reader.section("deployment"), {"replicaCount": 1}),
        "hpa": _read_numbers(reader.section("hpa"), SCALING),
        "pod": _read_pod(reader),
    }
    reader.close()
    return DeploymentDocument(name, {"name": name} | {key: part for key, part in parts.items() if part})


def _read_container(reader: Reader | None) -> dict[str, Any]:
    if reader is None:
        return {}
    resources = reader.section("resources")
    amounts = {kind: resources.texts(kind) for kind in ("limits", "requests")} if resources else {}
    if resources:
        resources.close()
    container = {"resources": {kind: part for kind, part in amounts.items() if part}, "env": reader.texts("env")}
    reader.close()
    return {key: part for key, part in container.items() if part}


def _read_numbers(reader: Reader | None, least: Mapping[str, int]) -> dict[str, int]:
    if reader is None:
        return {}
    read = {name: reader.number(name, least=bound) for name, bound in least.items()}
    reader.close()
    return {name: value for name, value in read.items() if value is not None}


def _read_pod(reader: Reader) -> dict[str, Any]:
    pod = reader.value("pod")
    if pod is not None and not isinstance(pod, dict):
        reader.fault(("pod",), f"expected a mapping, received {said(pod)}")
        return {}
    return pod or {}


def _covers(wanted: Any, existing: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(existing, dict) and all(_covers(part, existing.get(key)) for key, part in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(existing, list) and len(wanted) == len(existing)
        return same and all(map(_covers, wanted, existing))
    return existing is not None and as_text(wanted) == as_text(existing)
