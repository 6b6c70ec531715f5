"""Models: what has versions. A model exists as long as it has one."""

from functions.core.errors import NotFound
from functions.core.models import ModelVersion
from functions.manager.ports import Ports

Model = list[ModelVersion]  # its versions, oldest first; never empty


def list_models(ports: Ports) -> list[Model]:
    """By name."""
    models: dict[str, Model] = {}
    for version in ports.models.list():
        models.setdefault(version.name, []).append(version)
    return [models[name] for name in sorted(models)]


def find_model(ports: Ports, model_id: int) -> Model:
    """Raises NotFound."""
    for model in list_models(ports):
        if model[0].model_id == model_id:
            return model
    raise NotFound(f"there is no model with id {model_id}")
