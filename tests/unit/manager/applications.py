"""Applications in a few words: their graphs, and how they are created and updated."""

from typing import Any

import msgspec
import pytest

from functions.core.errors import InvalidRequest
from functions.core.models import Application, ModelVersion
from functions.manager.create_application import NewApplication, create_application
from functions.manager.update_application import ChangedApplication, update_application
from tests.unit.manager.world import World


def variant(version: ModelVersion, weight: int | None = None, **more: Any) -> dict[str, Any]:
    return {"modelVersionId": version.id, "weight": weight} | more


def graph(*stages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"stages": [{"modelVariants": variants} for variants in stages]}


def create(world: World, *stages: list[dict[str, Any]], name: str = "shop") -> Application:
    body = {"name": name, "executionGraph": graph(*stages)}
    return create_application(world, msgspec.convert(body, NewApplication))


def update(world: World, *stages: list[dict[str, Any]], expected: int | None = None, **more: Any) -> Application:
    body = {"executionGraph": graph(*stages)} | more
    return update_application(world, "shop", msgspec.convert(body, ChangedApplication), expected)


def ready(world: World, *stages: list[dict[str, Any]]) -> Application:
    application = create(world, *stages)
    world.serve(*application.servables)
    return world.applications.get("shop")


def pointers(refused: pytest.ExceptionInfo[InvalidRequest]) -> dict[str, str]:
    return {problem.pointer: problem.received for problem in refused.value.problems}


def signature(inputs: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
    def fields(names: dict[str, str]) -> list[dict[str, Any]]:
        return [{"name": name, "dtype": dtype, "shape": {"dims": []}} for name, dtype in names.items()]

    return {"signatureName": "predict", "inputs": fields(inputs), "outputs": fields(outputs)}
