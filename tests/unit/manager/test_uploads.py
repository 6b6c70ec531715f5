"""From the announcement of a payload to a version that is built."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from functions.core.batching import Batching
from functions.core.errors import InvalidRequest, NotFound, PayloadTooLarge
from functions.core.models import VersionStatus
from functions.manager.announce_upload import NewUpload, Payload, announce_upload
from functions.manager.complete_upload import complete_upload
from functions.manager.contract import contract_key
from functions.manager.delete_model import delete_version
from functions.manager.ports import Rules
from tests.unit.manager.world import SIGNATURE, World


def announcement(**changes: Any) -> NewUpload:
    fields: dict[str, Any] = {
        "name": "penguins",
        "runtime": "sklearn",
        "model_signature": SIGNATURE,
        "payload": Payload("0" * 64, 10),
    }
    return NewUpload(**fields | changes)


def test_everything_wrong_is_told_at_once(world: World) -> None:
    request = announcement(name="Pen guins", runtime="cobol", model_signature={}, payload=Payload("abc", 0))
    with pytest.raises(InvalidRequest) as refused:
        announce_upload(world, request)
    pointers = {problem.pointer for problem in refused.value.problems}
    assert {"/name", "/runtime", "/payload/sha256", "/payload/size", "/modelSignature/signatureName"} <= pointers
    runtimes = next(problem for problem in refused.value.problems if problem.pointer == "/runtime")
    assert runtimes.expected == "one of the runtimes custom, onnx, python, sklearn"
    assert len(world.uploads) == 0


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("sklearn", "sklearn"),
        ("onnx:1.2", "onnx"),
        ("hydrosphere/serving-runtime-python-3.7:3.0.0", "python"),
        ("serving-runtime-python-3.8", "python"),
        ({"name": "python", "tag": "1"}, "python"),
    ],
)
def test_runtimes_go_by_several_names(world: World, wanted: Any, meant: str) -> None:
    assert announce_upload(world, announcement(runtime=wanted)).upload.runtime == meant


@pytest.mark.parametrize("wanted", [None, 3, "", "Sklearn", "hydrosphere/serving-runtime-spark-2.4", []])
def test_unknown_runtimes_are_refused(world: World, wanted: Any) -> None:
    with pytest.raises(InvalidRequest, match="one of the runtimes"):
        announce_upload(world, announcement(runtime=wanted))


def test_a_payload_may_not_be_larger_than_the_limit(world: World) -> None:
    with pytest.raises(PayloadTooLarge):
        announce_upload(world, announcement(payload=Payload("0" * 64, world.rules.max_payload_bytes + 1)))


def test_a_completed_upload_is_an_assembling_version(world: World) -> None:
    upload_id = world.uploaded(
        metadata={"a": "b"}, install_command="pip install x", monitoring_configuration={"batchSize": 9}
    )
    version = complete_upload(world, upload_id)
    assert (version.name, version.version, version.status) == ("penguins", 1, VersionStatus.ASSEMBLING)
    assert version.runtime_image == "registry/runtimes:sklearn-1"
    assert version.image.reference == "registry/models:penguins-1"
    assert (version.metadata, version.monitoring) == ({"a": "b"}, {"batchSize": 9})
    assert version.payload_key in world.payloads
    assert version == world.models.get("penguins", 1)


def test_the_contract_says_what_the_image_must_know(world: World) -> None:
    version = complete_upload(world, world.uploaded(install_command="make"))
    [key] = world.builder.contracts.values()
    contract = msgspec.json.decode(world.payloads.objects[key])
    assert contract["name"] == "penguins"
    assert contract["version"] == version.version
    assert contract["runtime"] == "sklearn"
    assert contract["installCommand"] == "make"
    assert contract["signature"]["signatureName"] == "predict"
    assert contract["signature"]["inputs"][0]["shape"] == {"dims": [-1, 2]}


def test_completing_again_changes_nothing(world: World) -> None:
    upload_id = world.uploaded()
    first = complete_upload(world, upload_id)
    assert complete_upload(world, upload_id) == first
    assert len(world.models) == len(world.builder) == 1


def test_m09_completing_late_brings_no_deleted_version_back(world: World) -> None:
    upload_id = world.uploaded()
    version = world.released(complete_upload(world, upload_id))
    delete_version(world, version.name, version.version)
    with pytest.raises(NotFound, match="penguins:1"):
        complete_upload(world, upload_id)
    assert len(world.models) == 0
    assert complete_upload(world, world.uploaded()).version == 2


def test_completing_at_once_gives_one_version(world: World) -> None:
    upload_id = world.uploaded()
    with ThreadPoolExecutor(8) as pool:
        versions = set(pool.map(lambda _: complete_upload(world, upload_id).version, range(16)))
    assert len(versions) == len(world.models) == len(world.builder) == 1


def test_m02_uploads_at_once_get_different_numbers(world: World) -> None:
    uploads = [world.uploaded() for _ in range(24)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda upload: complete_upload(world, upload).version, uploads))
    assert sorted(numbers) == list(range(1, 25))


def test_a_build_that_could_not_start_starts_when_asked_again(world: World) -> None:
    upload_id = world.uploaded()
    world.builder.refuses = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        complete_upload(world, upload_id)
    world.builder.refuses = None
    version = complete_upload(world, upload_id)
    assert version.version == 1
    assert version.build_id in world.builder.started


def test_nothing_is_completed_before_the_payload_is_there(world: World) -> None:
    announced = announce_upload(world, announcement())
    with pytest.raises(InvalidRequest, match="nothing yet"):
        complete_upload(world, announced.upload.upload_id)
    with pytest.raises(NotFound):
        complete_upload(world, "nobody")
    assert len(world.models) == 0


def test_a_runtime_that_went_meanwhile_is_named(world: World) -> None:
    upload_id = world.uploaded()
    world.rules = Rules(model_repository="registry/models", runtime_images={"onnx": "registry/runtimes:onnx-2"})
    with pytest.raises(InvalidRequest, match="one of the runtimes custom, onnx, received 'sklearn'"):
        complete_upload(world, upload_id)


def test_batching_travels_from_the_request_to_the_image(world: World) -> None:
    asked = Batching(max_batch_size=8, max_latency_ms=2.5)
    version = complete_upload(world, world.uploaded(batching=asked))
    assert version.batching == asked
    contract = json.loads(world.payloads.open(contract_key(version)).read())
    assert contract["batching"] == {"maxBatchSize": 8, "maxLatencyMs": 2.5}
    plain = complete_upload(world, world.uploaded())
    assert "batching" not in json.loads(world.payloads.open(contract_key(plain)).read())


SCALAR = {"name": "z", "dtype": "DT_DOUBLE", "shape": {"dims": []}}


@pytest.mark.parametrize(
    ("batching", "signature", "pointer"),
    [
        (Batching(max_batch_size=1), SIGNATURE, "/batching/maxBatchSize"),
        (Batching(max_batch_size=5000), SIGNATURE, "/batching/maxBatchSize"),
        (Batching(max_latency_ms=-1), None, "/batching/maxLatencyMs"),
        (Batching(max_latency_ms=1001), None, "/batching/maxLatencyMs"),
        (Batching(), SIGNATURE | {"inputs": [SCALAR]}, "/batching"),
        (Batching(), SIGNATURE | {"outputs": [SCALAR | {"shape": None}]}, "/batching"),
    ],
)
def test_what_cannot_be_batched_is_refused(world: World, batching: Batching, signature: Any, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        world.uploaded(batching=batching, model_signature=signature)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
