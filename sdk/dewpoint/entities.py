"""What the platform tells about its things. Unknown fields are ignored, so that an older client reads a newer platform.

`raw` is the document as it came.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entity:
    raw: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Model(Entity):
    id: int
    name: str

    @classmethod
    def from_json(cls, raw: Document) -> "Model":
        return cls(raw=raw, id=raw["id"], name=raw["name"])


@dataclass(frozen=True, kw_only=True)
class ModelVersion(Entity):
    """`status` is Assembling, Released or Failed; `message` says why it failed. An external one runs elsewhere."""

    id: int
    name: str
    version: int
    status: str
    message: str = ""
    runtime: str = ""
    signature: Document = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    applications: tuple[str, ...] = ()
    external: bool = False
    created: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name}:{self.version}"

    @classmethod
    def from_json(cls, raw: Document) -> "ModelVersion":
        return cls(
            raw=raw,
            id=raw["id"],
            name=raw["model"]["name"],
            version=raw["modelVersion"],
            status=raw.get("status") or "Released",  # an external version has no build and therefore no status
            message=raw.get("statusMessage") or "",
            runtime=(raw.get("runtime") or {}).get("name", ""),
            signature=raw.get("modelSignature") or {},
            metadata=raw.get("metadata") or {},
            applications=tuple(raw.get("applications") or ()),
            external=bool(raw.get("isExternal")),
            created=raw.get("created") or "",
        )


@dataclass(frozen=True, kw_only=True)
class Servable(Entity):
    """`status` is Starting, Serving, NotServing or NotAvailable."""

    name: str
    model: str
    status: str
    message: str = ""
    desired: int = 0
    healthy: int = 0
    deployment_configuration: str = ""
    applications: tuple[str, ...] = ()
    created: str = ""

    @classmethod
    def from_json(cls, raw: Document) -> "Servable":
        version = raw.get("modelVersion") or {}
        replicas = raw.get("replicas") or {}
        return cls(
            raw=raw,
            name=raw["fullName"],
            model=f"{(version.get('model') or {}).get('name', '?')}:{version.get('modelVersion', '?')}",
            status=raw.get("status") or "",
            message=raw.get("message") or "",
            desired=replicas.get("desired", 0),
            healthy=replicas.get("healthy", 0),
            deployment_configuration=raw.get("deploymentConfigurationName") or "",
            applications=tuple(raw.get("usedApps") or ()),
            created=raw.get("created") or "",
        )


@dataclass(frozen=True, kw_only=True)
class Variant:
    """`weight` is the share of a stage's answers in percent."""

    model_version_id: int
    model: str
    weight: int
    deployment_configuration: str
    servable: str = ""


Stages = tuple[tuple[Variant, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Application(Entity):
    """`status` is Assembling, Ready or Failed; `stages` are run one after the other.

    `candidate` is the graph that an update is bringing up, None when none is under way; `stages` answer meanwhile.
    `example` holds example `inputs` and calls with them; it is empty in lists.
    """

    name: str
    status: str
    message: str = ""
    revision: int = 0
    stages: Stages = ()
    candidate: Stages | None = None
    example: Document = field(default_factory=dict)
    signature: Document = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    created: str = ""

    @classmethod
    def from_json(cls, raw: Document) -> "Application":
        candidate = raw.get("candidateGraph")
        return cls(
            raw=raw,
            name=raw["name"],
            status=raw.get("status") or "",
            message=raw.get("message") or "",
            revision=raw.get("revision") or 0,
            stages=_stages(raw.get("executionGraph") or {}),
            candidate=_stages(candidate) if candidate else None,
            example=raw.get("example") or {},
            signature=raw.get("signature") or {},
            metadata=raw.get("metadata") or {},
            created=raw.get("created") or "",
        )


@dataclass(frozen=True, kw_only=True)
class Revision(Entity):
    """What an application was asked to be. `status` is Active, Starting, Superseded or Dropped.

    `rolled_back_to` is the earlier revision that it repeats, None for a new graph.
    """

    number: int
    status: str
    stages: Stages = ()
    rolled_back_to: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    created: str = ""

    @classmethod
    def from_json(cls, raw: Document) -> "Revision":
        return cls(
            raw=raw,
            number=raw["revision"],
            status=raw.get("status") or "",
            stages=_stages(raw.get("executionGraph") or {}),
            rolled_back_to=raw.get("rolledBackTo"),
            metadata=raw.get("metadata") or {},
            created=raw.get("created") or "",
        )


def _stages(graph: Document) -> Stages:
    return tuple(tuple(_variants(stage)) for stage in graph.get("stages") or ())


def _variants(stage: Document) -> Iterator[Variant]:
    for variant in stage.get("modelVariants") or ():
        yield Variant(
            model_version_id=variant["modelVersionId"],
            model=f"{variant.get('modelName', '?')}:{variant.get('modelVersion', '?')}",
            weight=variant.get("weight", 100),
            deployment_configuration=variant.get("deploymentConfigurationName") or "default",
            servable=variant.get("servableName") or "",
        )


@dataclass(frozen=True, kw_only=True)
class DeploymentConfiguration(Entity):
    name: str

    @classmethod
    def from_json(cls, raw: Document) -> "DeploymentConfiguration":
        return cls(raw=raw, name=raw["name"])


@dataclass(frozen=True, kw_only=True)
class Metric(Entity):
    """`model` is the watched version, `metric_model` the one that measures, both as name:version; `status` is that of
    its servable. `healthy` says in words when a request is: `value <= 4.2`.
    """

    id: str
    name: str
    model: str
    model_version_id: int
    metric_model: str
    metric_version_id: int
    operator: str
    threshold: float
    healthy: str = ""
    deployment_configuration: str = "default"
    servable: str = ""
    status: str = ""
    message: str = ""
    created: str = ""

    @classmethod
    def from_json(cls, raw: Document) -> "Metric":
        config = raw["config"]
        servable = config.get("servable") or {}
        return cls(
            raw=raw,
            id=raw["id"],
            name=raw["name"],
            model=raw.get("model") or "?",
            model_version_id=raw["modelVersionId"],
            metric_model=config.get("monitoringModel") or "?",
            metric_version_id=config["modelVersionId"],
            operator=config["thresholdCmpOperator"]["kind"],
            threshold=config["threshold"],
            healthy=raw.get("healthy") or "",
            deployment_configuration=config.get("deploymentConfigName") or "default",
            servable=servable.get("fullName") or "",
            status=servable.get("status") or "",
            message=servable.get("message") or "",
            created=raw.get("created") or "",
        )


@dataclass(frozen=True, kw_only=True)
class ApiKey(Entity):
    """`key` is there only in the answer to its creation; `rate` and `burst` when it has a quota."""

    name: str
    role: str
    rate: float | None = None
    burst: int | None = None
    created: str = ""
    key: str = field(default="", repr=False)

    @classmethod
    def from_json(cls, raw: Document) -> "ApiKey":
        return cls(
            raw=raw,
            name=raw["name"],
            role=raw.get("role") or "",
            rate=(raw.get("quota") or {}).get("requestsPerSecond"),
            burst=(raw.get("quota") or {}).get("burst"),
            created=raw.get("created") or "",
            key=raw.get("key") or "",
        )


@dataclass(frozen=True)
class LogPage:
    """`next` continues where the page ended; `ended` says that nothing more will come."""

    lines: tuple[str, ...]
    next: str | None
    ended: bool

    @classmethod
    def from_json(cls, raw: Document) -> "LogPage":
        return cls(tuple(map(str, raw.get("lines") or ())), raw.get("next"), bool(raw.get("ended")))
