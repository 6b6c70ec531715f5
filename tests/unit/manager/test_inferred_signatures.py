"""Models announced without a signature: their build finds it, or they fail with what to add."""

from typing import Any

import msgspec
import pytest

from functions.core.errors import Conflict, InvalidRequest
from functions.core.models import ModelVersion, VersionStatus
from functions.core.signature import parse_signature
from functions.manager.complete_upload import complete_upload
from functions.manager.deploy_servable import deploy_servable
from functions.manager.finish_build import finish_build
from tests.unit.manager.world import SIGNATURE, Http, World


def assembling(world: World) -> ModelVersion:
    return complete_upload(world, world.uploaded(model_signature=None))


def finished(world: World, left: bytes | None) -> ModelVersion:
    """The version after a build that succeeded and left `left` as its signature."""
    version = assembling(world)
    if left is not None:
        world.payloads.write("models/penguins/1/signature.json", left)
    world.builder.succeed(version.build_id)
    done = finish_build(world, version.build_id)
    assert done is not None
    assert done == world.models.get("penguins", 1)
    return done


def test_a_model_without_signature_is_built_to_find_it(world: World) -> None:
    version = assembling(world)
    assert (version.status, version.signature) == (VersionStatus.ASSEMBLING, None)
    [key] = world.builder.contracts.values()
    assert msgspec.json.decode(world.payloads.objects[key])["signature"] is None


def test_it_is_released_with_the_signature_that_its_build_found(world: World) -> None:
    version = finished(world, msgspec.json.encode(SIGNATURE))
    assert (version.status, version.reason) == (VersionStatus.RELEASED, "")
    assert version.signature == parse_signature(SIGNATURE)
    assert deploy_servable(world, version, "default", {}).signature == version.signature


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (None, "expected a signature that the payload carries, received none"),
        (b"not json", "expected a signature in JSON, received JSON is malformed"),
        (b"{}", "expected a valid signature in the payload, received /signatureName: expected a non-empty string"),
        (b" " * 1024**2 + b"{}", "expected a signature of at most 1048576 bytes, received a larger one"),
    ],
    ids=["none", "text", "empty", "huge"],
)
def test_it_fails_saying_what_to_add(world: World, left: bytes | None, said: str) -> None:
    version = finished(world, left)
    assert (version.status, version.signature) == (VersionStatus.FAILED, None)
    assert said in version.reason
    assert version.reason.endswith("announce the model with a modelSignature")


def test_a_signature_that_was_announced_is_not_replaced(world: World) -> None:
    other: dict[str, Any] = {**SIGNATURE, "signatureName": "other"}
    world.payloads.write("models/penguins/1/signature.json", msgspec.json.encode(other))
    signature = world.built().signature
    assert signature is not None
    assert signature.signature_name == "predict"


def test_a_version_that_waits_for_its_signature_is_shown_and_not_deployed(world: World, http: Http) -> None:
    version = assembling(world)
    shown = http.call("GET", "/model/version/penguins/1").json_body
    assert shown["status"] == "Assembling"
    assert shown["modelSignature"] == {"signatureName": "", "inputs": [], "outputs": []}
    with pytest.raises(Conflict):
        deploy_servable(world, version, "default", {})
    graph = {"stages": [{"modelVariants": [{"modelVersionId": version.id}]}]}
    refused = http.call("POST", "/application", {"name": "early", "executionGraph": graph})
    assert refused.status_code == 400


def test_a_signature_that_is_wrong_is_still_refused_at_once(world: World) -> None:
    with pytest.raises(InvalidRequest, match="signatureName"):
        world.uploaded(model_signature={})


def test_deleting_a_version_removes_its_inferred_signature(world: World, http: Http) -> None:
    finished(world, msgspec.json.encode(SIGNATURE))
    assert http.call("DELETE", "/model/version/penguins/1").status_code == 200
    assert world.payloads.objects.keys() == {key for key in world.payloads.objects if key.startswith("uploads/")}
