"""Documents of kind ExternalModel: a model that runs elsewhere, and the contract that its observations are held to."""

from dataclasses import dataclass
from pathlib import Path

from dewpoint.documents.contract import read_contract
from dewpoint.documents.metric import MetricDocument, read_metrics
from dewpoint.documents.model import read_name, read_training_data
from dewpoint.documents.monitoring import read_monitoring
from dewpoint.documents.reader import Reader
from dewpoint.models import ExternalSpec
from dewpoint.signatures import Signature


@dataclass(frozen=True)
class ExternalModelDocument:
    spec: ExternalSpec
    folder: Path
    training_data: tuple[str, ...] = ()
    metrics: tuple[MetricDocument, ...] = ()


def read_external_model(reader: Reader) -> ExternalModelDocument:
    """The model a document describes; faults are left with `reader`."""
    contract = reader.section("contract", "signature", required=True)
    monitoring = read_monitoring(reader)
    spec = ExternalSpec(
        name=read_name(reader),
        signature=read_contract(contract) if contract else Signature("predict", (), ()),
        metadata=reader.texts("metadata"),
        batch_size=monitoring.batch_size,
        log_days=monitoring.log_days,
        alerts=monitoring.alerts,
    )
    training_data = read_training_data(reader)
    metrics = read_metrics(reader)
    reader.close()
    return ExternalModelDocument(spec, reader.source.folder, training_data, metrics)
