"""Documents of kind ExternalModel: a model that runs elsewhere, and the contract that its observations are held to."""

from dataclasses import dataclass
from pathlib import Path

from dewpoint.documents.contract import read_contract
from dewpoint.documents.model import read_batch_size, read_name, read_training_data
from dewpoint.documents.reader import Reader
from dewpoint.models import ExternalSpec
from dewpoint.signatures import Signature


@dataclass(frozen=True)
class ExternalModelDocument:
    spec: ExternalSpec
    folder: Path
    training_data: tuple[str, ...] = ()


def read_external_model(reader: Reader) -> ExternalModelDocument:
    """The model a document describes; faults are left with `reader`."""
    contract = reader.section("contract", "signature", required=True)
    spec = ExternalSpec(
        name=read_name(reader),
        signature=read_contract(contract) if contract else Signature("predict", (), ()),
        metadata=reader.texts("metadata"),
        batch_size=read_batch_size(reader),
    )
    training_data = read_training_data(reader)
    reader.close()
    return ExternalModelDocument(spec, reader.source.folder, training_data)
