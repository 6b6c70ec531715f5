"""Documents of kind Model."""

import re
from dataclasses import dataclass
from pathlib import Path

from dewpoint.documents.contract import read_contract
from dewpoint.documents.metric import MetricDocument, read_metrics
from dewpoint.documents.monitoring import NO_MONITORING, Monitoring, read_monitoring
from dewpoint.documents.reader import Reader, said
from dewpoint.models import CustomContainer, ModelSpec
from dewpoint.payload import Payload
from dewpoint.signatures import Signature

NAME = re.compile(r"[a-z0-9_][a-z0-9_\-]{0,99}")


@dataclass(frozen=True)
class ModelDocument:
    """`payload` are paths relative to `folder`, and so is `training_data` unless it lies on S3."""

    name: str
    folder: Path
    runtime: str
    payload: tuple[str, ...]
    signature: Signature | None
    install_command: str = ""
    package_index: str = ""
    container: CustomContainer | None = None
    metadata: dict[str, str] | None = None
    monitoring: Monitoring = NO_MONITORING
    keep_versions: int | None = None
    batching: dict[str, int] | None = None
    training_data: tuple[str, ...] = ()
    metrics: tuple[MetricDocument, ...] = ()

    def to_spec(self, payload: Payload, provenance: dict[str, str]) -> ModelSpec:
        """The model version to be, once its files are found."""
        return ModelSpec(
            name=self.name,
            runtime=self.runtime,
            payload=payload,
            signature=self.signature,
            install_command=self.install_command or None,
            package_index=self.package_index or None,
            container=self.container,
            metadata=self.metadata or {},
            provenance=provenance,
            batch_size=self.monitoring.batch_size,
            log_days=self.monitoring.log_days,
            alerts=self.monitoring.alerts,
            keep_versions=self.keep_versions,
            batching=self.batching,
        )


def read_model(reader: Reader) -> ModelDocument:
    """The model a document describes; faults are left with `reader`. Without a contract the build infers one."""
    name = read_name(reader)
    contract = reader.section("contract", "signature")
    document = ModelDocument(
        name=name,
        folder=reader.source.folder,
        runtime=reader.text("runtime", required=True),
        payload=tuple(_read_payload(reader)),
        signature=read_contract(contract) if contract else None,
        install_command=reader.text("install-command"),
        package_index=reader.text("package-index", "packageIndex"),
        container=read_container(reader),
        metadata=reader.texts("metadata"),
        monitoring=read_monitoring(reader),
        keep_versions=reader.number("keep-versions", "keepVersions", least=1),
        batching=read_batching(reader),
        training_data=read_training_data(reader),
        metrics=read_metrics(reader),
    )
    reader.close()
    return document


def read_batching(reader: Reader) -> dict[str, int] | None:
    """How calls are joined: an empty section means the platform's own numbers."""
    section = reader.section("batching")
    if section is None:
        return None
    read = {
        "maxBatchSize": section.number("max-batch-size", "maxBatchSize", least=2, most=4096),
        "maxLatencyMs": section.number("max-latency-ms", "maxLatencyMs", least=0, most=1000),
    }
    section.close()
    return {name: value for name, value in read.items() if value is not None}


def read_name(reader: Reader) -> str:
    """The name of a model, as the platform takes it."""
    name = reader.text("name", required=True)
    if name and not NAME.fullmatch(name):
        reader.fault(("name",), f"expected lower-case letters, digits, _ and, but not first, -; received {name!r}")
    return name


def read_training_data(reader: Reader) -> tuple[str, ...]:
    """Paths of files, one or a list."""
    given = reader.value("training-data", "trainingData")
    paths = given if isinstance(given, list) else [] if given is None else [given]
    for at, path in enumerate(paths):
        if not isinstance(path, str) or not path.strip():
            place = ("training-data", at) if isinstance(given, list) else ("training-data",)
            reader.fault(place, f"expected a path, received {said(path)}")
            return ()
    return tuple(path.strip() for path in paths)


def _read_payload(reader: Reader) -> list[str]:
    paths = []
    for at, path in reader.items("payload", required=True):
        if isinstance(path, str) and path.strip():
            paths.append(path)
        else:
            reader.fault(("payload", at), f"expected a path, received {said(path)}")
    return paths


def read_container(reader: Reader) -> CustomContainer | None:
    """A list is a command in Docker's words, a text is for the shell."""
    section = reader.section("container")
    if section is None:
        return None
    check = section.value("health-check", "healthCheck", required=True)
    words = ["CMD-SHELL", check] if isinstance(check, str) else check
    if words is not None and not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
        section.fault(("health-check",), f"expected a command, as a list of words or one text, received {said(check)}")
        words = None
    container = CustomContainer(
        health_check=tuple(words or ()),
        model_name=section.text("model-name", "modelName"),
        model_version=section.text("model-version", "modelVersion"),
    )
    section.close()
    return container
