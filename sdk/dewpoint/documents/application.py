"""Documents of kind Application: `singular: {model, deployment_config}`, or `pipeline: [[{model, weight, …}]]`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dewpoint.applications import ApplicationSpec, WantedVariant
from dewpoint.documents.reader import Reader, said
from dewpoint.models import parse_reference

NAME = re.compile(r"[a-zA-Z0-9_\-]{1,100}")
WHOLE = 100


@dataclass(frozen=True)
class VariantDocument:
    """`model` is `name:version`, `name:latest` or `name`."""

    model: str
    weight: int = WHOLE
    deployment_configuration: str = "default"


@dataclass(frozen=True)
class ApplicationDocument:
    name: str
    stages: tuple[tuple[VariantDocument, ...], ...]
    metadata: dict[str, str] = field(default_factory=dict)

    def to_spec(self, find: Callable[[str], int]) -> ApplicationSpec:
        """The application to be; `find` gives the id of a model version."""
        stages = [
            [WantedVariant(find(variant.model), variant.weight, variant.deployment_configuration) for variant in stage]
            for stage in self.stages
        ]
        return ApplicationSpec(self.name, stages, self.metadata)


def read_application(reader: Reader) -> ApplicationDocument:
    """The application a document describes; faults are left with `reader`."""
    name = reader.text("name", required=True)
    if name and not NAME.fullmatch(name):
        reader.fault(("name",), f"expected letters, digits, - and _, received {name!r}")
    if reader.has("singular") == reader.has("pipeline"):
        reader.fault((), "expected either singular or pipeline")
    document = ApplicationDocument(name, tuple(_read_stages(reader)), reader.texts("metadata"))
    reader.close()
    return document


def _read_stages(reader: Reader) -> list[tuple[VariantDocument, ...]]:
    singular = reader.section("singular")
    stages = [(_read_variant(singular, weighted=False),)] if singular is not None else []
    return stages + [_read_stage(reader, at, stage) for at, stage in reader.items("pipeline")]


def _read_stage(reader: Reader, at: int, stage: Any) -> tuple[VariantDocument, ...]:
    if isinstance(stage, dict):  # one variant without the inner list means the same
        return (_read_variant(reader.at(stage, "pipeline", at), weighted=False),)
    if not isinstance(stage, list) or not stage:
        reader.fault(("pipeline", at), f"expected a list of variants, received {said(stage)}")
        return ()
    several = len(stage) > 1
    variants = tuple(
        _read_variant(reader.at(each, "pipeline", at, number), weighted=several) for number, each in enumerate(stage)
    )
    total = sum(variant.weight for variant in variants)
    if several and total != WHOLE:
        reader.fault(("pipeline", at), f"expected weights that sum to {WHOLE}, received {total}")
    return variants


def _read_variant(reader: Reader, *, weighted: bool) -> VariantDocument:
    model = reader.text("model", required=True)
    if model:
        reader.attempt(("model",), lambda: parse_reference(model))
    weight = reader.number("weight", least=0, most=WHOLE)
    configuration = reader.text("deployment-config", "deployment-configuration") or "default"
    reader.close()
    given = weight if weighted and weight is not None else WHOLE
    return VariantDocument(model, given, configuration)
