"""A servable that the platform did not write, and builds that install from a private package index."""

import json
import struct
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from functions.adapters.pb import open_inference_pb2 as oip
from tests.cloud import ROOT, Cloud
from tests.e2e import private_index
from tests.e2e.uploads import SIGNATURE, upload, wait_for_build
from tests.unit.core.archives import add_file, archive

MLSERVER = ROOT / "examples" / "mlserver"
QUESTION = json.loads((MLSERVER / "request.json").read_text())
ANSWER = json.loads((MLSERVER / "answer.json").read_text())


@pytest.fixture(scope="module")
def mlserver(cloud: Cloud) -> Cloud:
    done = cloud.cli("apply", "-f", str(MLSERVER))
    assert done.code == 0, done.out + done.err
    return cloud


def test_m22_mlserver_is_a_servable_like_any_other(mlserver: Cloud) -> None:
    with mlserver.http() as http:
        version = http.get("/api/v2/model/version/iris-mlserver/1").json()
        application = http.get("/api/v2/application/iris-mlserver").json()
        name = application["executionGraph"]["stages"][0]["modelVariants"][0]["servableName"]
        servable = http.get(f"/api/v2/servable/{name}").json()
    assert (version["status"], version["runtime"]["name"]) == ("Released", "custom")
    assert version["container"]["modelName"] == "iris"
    assert (servable["status"], servable["replicas"]["healthy"]) == ("Serving", 1)
    log = mlserver.cli("servable", "logs", name)
    assert "gRPC server running" in log.out


def test_m22_mlserver_answers_json_over_http(mlserver: Cloud) -> None:
    with mlserver.http() as http:
        assert http.post("/gateway/application/iris-mlserver", json=QUESTION).json() == ANSWER
        field = {"name": "x", "datatype": "FP64", "shape": [2, 4], "data": QUESTION["x"]}
        answer = http.post("/v2/models/iris-mlserver/infer", json={"inputs": [field]}).json()
        refused = http.post("/gateway/application/iris-mlserver", json={"x": [[1, 2, 3]]})
    [output] = answer["outputs"]
    assert output == {"name": "predict", "datatype": "INT64", "shape": [2, 1], "data": [0, 2]}
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/x"


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "raw"])
def test_m22_mlserver_answers_over_grpc(mlserver: Cloud, typed: bool) -> None:
    request = oip.ModelInferRequest(model_name="iris-mlserver", id="m-1")
    tensor = request.inputs.add(name="x", datatype="FP64", shape=[2, 4])
    values = oip.InferTensorContents(fp64_contents=[number for row in QUESTION["x"] for number in row])
    if typed:
        tensor.contents.CopyFrom(values)
    else:
        request.raw_input_contents.append(b"".join(map(_float64, values.fp64_contents)))
    with grpc.insecure_channel(mlserver.grpc) as channel:
        infer = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=oip.ModelInferRequest.SerializeToString,
            response_deserializer=oip.ModelInferResponse.FromString,
        )
        answer = infer(request, metadata=[("x-api-key", mlserver.api_key)], timeout=20)
    assert answer.id == "m-1"
    assert list(answer.outputs[0].shape) == [2, 1]
    raw = answer.raw_output_contents[0]
    assert [int.from_bytes(raw[at : at + 8], "little") for at in (0, 8)] == [0, 2]


def _float64(number: float) -> bytes:
    return struct.pack("<d", number)


@pytest.fixture
def index() -> Iterator[tuple[str, str]]:
    with private_index.serving() as found:
        yield found


def inhouse(**files: bytes) -> bytes:
    source = f"from {private_index.MODULE} import double\n\n\ndef infer(x):\n    return {{'y': double(x)}}\n"

    def fill(tar: Any) -> None:
        add_file(tar, "src/func_main.py", source.encode())
        for name, content in files.items():
            add_file(tar, name.replace("__", "."), content)

    return archive(fill)


INSTALL = f"pip install {private_index.PACKAGE}"


def test_m23_a_secret_index_serves_a_build_and_leaves_no_trace(cloud: Cloud, index: tuple[str, str]) -> None:
    pip_conf, password = index
    name = f"index-{uuid.uuid4().hex[:8]}"
    cloud.client("secretsmanager").create_secret(Name=package_indexes(cloud) + name, SecretString=pip_conf)
    answer = upload(cloud, "inhouse", inhouse(salt=name.encode()), installCommand=INSTALL, packageIndex=name)
    version = wait_for_build(cloud, answer.json())
    assert version["status"] == "Released", version["statusMessage"]
    assert version["packageIndex"] == name
    log = cloud.cli("model", "logs", f"inhouse:{version['modelVersion']}").out
    assert f"Successfully installed {private_index.PACKAGE}-1.0" in log
    assert password not in log + json.dumps(version)
    assert holders(cloud.state, password) == []


def package_indexes(cloud: Cloud) -> str:
    """What an operator reads among the outputs of the stacks."""
    stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for stack in stacks for one in stack.get("Outputs", [])}
    return str(outputs["PackageIndexes"])


def holders(state: Path, word: str) -> list[str]:
    """Files of images, and of what is known about them, that hold a word."""
    images = state / "images"
    folders = [images / "images", images / "steps", images / "references", *images.glob("layers/*/rootfs")]
    found = subprocess.run(["grep", "-rl", word, *folders], capture_output=True, text=True)
    return found.stdout.splitlines()


def test_m23_an_index_may_come_in_the_payload(cloud: Cloud, index: tuple[str, str]) -> None:
    pip_conf, password = index
    content = inhouse(pip__conf=pip_conf.encode())
    version = wait_for_build(cloud, upload(cloud, "inhouse-open", content, installCommand=INSTALL).json())
    assert version["status"] == "Released", version["statusMessage"]
    # which is why a password does not belong there
    assert any(file.endswith("/files/pip.conf") for file in holders(cloud.state, password))


def test_m23_an_index_that_nobody_set_up_fails_the_build_by_name(cloud: Cloud) -> None:
    answer = upload(cloud, "inhouse-lost", inhouse(), installCommand=INSTALL, packageIndex="nowhere")
    version = wait_for_build(cloud, answer.json())
    assert version["status"] == "Failed"
    assert "package-index/nowhere" in version["statusMessage"]


def test_m23_without_the_index_the_package_is_not_found(cloud: Cloud) -> None:
    version = wait_for_build(cloud, upload(cloud, "inhouse-none", inhouse(), installCommand=INSTALL).json())
    assert version["status"] == "Failed"
    assert private_index.PACKAGE in version["statusMessage"]
    assert SIGNATURE["signatureName"] == version["modelSignature"]["signatureName"]
