"""What the reference system's published clients send, and the fields that they read in the answers."""

import hashlib
import json
from typing import Any

import pytest

from functions.core.models import VersionStatus
from functions.manager.complete_upload import complete_upload
from tests.unit.manager.test_routes import application_body
from tests.unit.manager.world import SIGNATURE, Http, World, archive

RUNTIME = {"name": "hydrosphere/serving-runtime-python-3.7", "tag": "3.0.3"}
METADATA: dict[str, Any] = {
    "name": "blobs",
    "runtime": RUNTIME,
    "modelSignature": SIGNATURE,
    "installCommand": None,
    "metadata": {"git.branch": "main"},
}
BOUNDARY = "c9d1a7"


def form(**parts: bytes) -> bytes:
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in parts.items()
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def post(http: Http, body: bytes, **headers: str) -> Any:
    return http.call("POST", "/model/upload", body, content_type=f"multipart/form-data; boundary={BOUNDARY}", **headers)


def described(**changes: Any) -> bytes:
    return json.dumps(METADATA | changes).encode()


def test_m02_a_form_with_payload_and_metadata_becomes_a_version(http: Http, world: World) -> None:
    payload = archive(src__func_main_py=b"def predict(x): ...")
    answer = post(http, form(payload=payload, metadata=described(monitoringConfiguration={"batchSize": 7})))
    assert answer.status_code == 202, answer.json_body
    body = answer.json_body
    assert (body["model"]["name"], body["modelVersion"], body["status"]) == ("blobs", 1, "Assembling")
    assert body["runtime"] == {"name": "python", "tag": "python-1", "sha256": None}
    assert body["monitoringConfiguration"] == {"batchSize": 7}
    version = world.models.get("blobs", 1)
    assert version.payload_sha256 == hashlib.sha256(payload).hexdigest()
    assert world.payloads.objects[version.payload_key] == payload
    assert version.build_id in world.builder.started
    assert post(http, form(payload=payload, metadata=described())).json_body["modelVersion"] == 2


def test_a_form_may_be_repeated_with_a_key(http: Http, world: World) -> None:
    body = form(payload=archive(), metadata=described())
    first, again = (post(http, body, idempotency_key="k") for _ in range(2))
    assert again.json_body == first.json_body
    assert len(world.models.list()) == 1


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        (form(payload=archive(), metadata=described(name="X", runtime="cobol")), 400, {"/name", "/runtime"}),
        (form(payload=archive(), metadata=described(colour="red")), 400, {"/colour"}),
        (form(payload=archive(), metadata=b"{"), 400, {""}),
        (form(payload=archive()), 400, {"/metadata"}),
        (form(metadata=described()), 400, {"/payload"}),
        (form(payload=b"", metadata=described()), 400, {"/payload/size"}),
        (form(payload=archive(**{"..__x": b"1"}), metadata=described()), 400, {"/payload"}),
        (b"no form", 400, {""}),
    ],
)
def test_what_is_wrong_with_a_form_is_told_with_its_field(
    http: Http, world: World, body: bytes, status: int, pointers: set[str]
) -> None:
    answer = post(http, body)
    assert answer.status_code == status
    assert {problem["pointer"] for problem in answer.json_body["errors"]} == pointers
    assert len(world.builder) == 0


def test_an_unknown_runtime_is_told_those_there_are(http: Http) -> None:
    spark = {"name": "hydrosphere/serving-runtime-spark-2.1", "tag": "3.0.3"}
    [problem] = post(http, form(payload=archive(), metadata=described(runtime=spark))).json_body["errors"]
    assert (problem["pointer"], problem["expected"]) == (
        "/runtime",
        "one of the runtimes custom, onnx, python, sklearn",
    )


def test_a_payload_above_the_platforms_limit_is_refused(http: Http, world: World) -> None:
    payload = bytes(world.rules.max_payload_bytes + 1)
    answer = post(http, form(payload=payload, metadata=described()))
    assert answer.status_code == 413
    assert len(world.payloads.objects) == 0


def test_the_fields_that_the_published_client_reads_are_there(http: Http, world: World) -> None:
    version = http.call("GET", f"/model/version/penguins/{world.built().version}").json_body
    assert {"name", "tag"} <= version["runtime"].keys() & version["image"].keys()
    assert version["monitoringConfiguration"]["batchSize"] == 100
    created = http.call("POST", "/servable", {"modelName": "penguins", "version": 1}).json_body
    assert created["modelVersionId"] == version["id"]
    assert created["statusMessage"] == ""
    assert created["deploymentConfigurationName"] == "default"


def test_m12_an_application_in_the_reference_systems_form_is_created(http: Http, world: World) -> None:
    variant = {"modelVersionId": world.built().id, "weight": 100, "deploymentConfigName": None}
    body = {
        "name": "shop",
        "kafkaStreaming": [],
        "executionGraph": {"stages": [{"modelVariants": [variant]}]},
        "metadata": {"a": "b"},
    }
    answer = http.call("POST", "/application", body)
    assert answer.status_code == 201
    assert answer.json_body["kafkaStreaming"] == []
    [stage] = answer.json_body["executionGraph"]["stages"]
    assert stage["modelVariants"][0]["deploymentConfigurationName"] == "default"
    streaming = application_body(1, name="other", kafkaStreaming=[{"in-topic": "a", "out-topic": "b"}])
    refused = http.call("POST", "/application", streaming)
    assert refused.json_body["errors"][0]["pointer"] == "/kafkaStreaming"


def test_m18_a_deployment_configuration_with_nulls_comes_back_with_limits(http: Http) -> None:
    body = {"name": "small", "hpa": None, "pod": None, "container": {"resources": None, "env": {"A": "b"}}}
    answer = http.call("POST", "/deployment_configuration", body | {"deployment": None})
    assert answer.status_code == 201
    assert answer.json_body["container"] == {"resources": {"limits": {}}, "env": {"A": "b"}}


def test_an_external_model_is_registered_by_its_signature(http: Http) -> None:
    answer = http.call("POST", "/externalmodel", {"name": "far", "signature": SIGNATURE, "metadata": {}})
    assert (answer.status_code, answer.json_body["isExternal"]) == (201, True)
    assert answer.json_body["status"] == VersionStatus.RELEASED


def test_a_version_without_signature_has_one_without_fields(http: Http, world: World) -> None:
    complete_upload(world, world.uploaded(model_signature=None))
    [shown] = http.call("GET", "/model/version").json_body
    assert (shown["modelSignature"]["inputs"], shown["modelSignature"]["outputs"]) == ([], [])
