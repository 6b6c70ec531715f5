"""Registers, builds, deploys and calls a model with hydrosdk from PyPI, unchanged, and prints what came back as JSON.

Runs in an environment of its own (requirements.txt beside it): python calls.py EDGE GRPC KEY MODEL_FOLDER
"""

import json
import sys
import time
from typing import Any

import grpc
import numpy as np
import requests
from hydrosdk import Cluster, ModelVersion, ModelVersionBuilder, SignatureBuilder
from hydrosdk.application import Application, ApplicationBuilder, ExecutionStageBuilder
from hydrosdk.data.types import PredictorDT
from hydrosdk.deployment_configuration import DeploymentConfiguration, DeploymentConfigurationBuilder
from hydrosdk.image import DockerImage
from hydrosdk.modelversion import DataUploadResponse
from hydrosdk.monitoring import MetricSpec, ThresholdCmpOp
from hydrosdk.servable import Servable

RUNTIME = DockerImage(name="hydrosphere/serving-runtime-python-3.7", tag="3.0.3")
PLAIN = {"x1": 2.0, "x2": 1.0, "words": ["a", "bc"]}
POINT = {**PLAIN, "words": np.array(PLAIN["words"])}  # of a list of texts the client makes no tensor


def connect(edge: str, address: str, key: str) -> Cluster:
    """As docs/compatibility.md says: the key in the address, and as a bearer token over gRPC."""
    on_this_machine = grpc.local_channel_credentials(grpc.LocalConnectionType.LOCAL_TCP)
    credentials = grpc.composite_channel_credentials(on_this_machine, grpc.access_token_call_credentials(key))
    return Cluster(edge.replace("://", f"://key:{key}@"), address, grpc_credentials=credentials)


def build(cluster: Cluster, folder: str) -> tuple[ModelVersion, list[str]]:
    """The released version, and the names of its build log's events."""
    signature = (
        SignatureBuilder("infer")
        .with_input("x1", "double", "scalar")
        .with_input("x2", "double", "scalar")
        .with_input("words", "string", [-1])
        .with_output("y", "int64", "scalar")
        .with_output("scores", "float32", [2])
        .with_output("loud", "string", [-1])
        .build()
    )
    version = (
        ModelVersionBuilder("legacy_points", folder)
        .with_runtime(RUNTIME)
        .with_payload(["src/"])
        .with_signature(signature)
        .with_install_command("sleep 21")  # longer than one answer is held: the client is sent round
        .with_metadata({"team": "legacy"})
        .build(cluster)
    )
    status = version.status.name
    version.lock_till_released(timeout=300)
    log = [event.event for event in version.build_logs()]
    return version, [status, version.status.name, *log]


def train(cluster: Cluster, version: ModelVersion, folder: str) -> list[str]:
    """How the training data stand: before, after, and after a file that is of no use."""
    said = [DataUploadResponse(cluster, version.id).get_status().name]
    version.training_data = f"{folder}/training_data.csv"
    response = version.upload_training_data()
    response.wait(retry=60, sleep=2)
    said.append(response.get_status().name)
    version.training_data = f"{folder}/serving.yaml"
    try:
        version.upload_training_data().wait(retry=60, sleep=2)
    except DataUploadResponse.Failed:
        said.append("Failed")
    return said


def plain(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in outputs.items()}


def use_servable(cluster: Cluster, version: ModelVersion) -> dict[str, Any]:
    servable = Servable.create(cluster, version.name, version.version, metadata={"team": "legacy"})
    servable.lock_while_starting(timeout=300)
    shadowless = servable.predictor(monitorable=False, return_type=PredictorDT.DICT_PYTHON).predict(POINT)
    said = {
        "status": servable.status.name,
        "metadata": servable.meta,
        "listed": servable.name in [each.name for each in Servable.list(cluster)],
        "monitored": plain(servable.predictor().predict(POINT)),
        "loud": [each.decode() for each in shadowless["loud"]],
        "log": [event.event for event in servable.logs()],
        "refused": refused(servable.predictor(), {**POINT, "x1": [1.0, 2.0]}),
    }
    Servable.delete(cluster, servable.name)
    return said


def use_metric(cluster: Cluster, version: ModelVersion, folder: str) -> dict[str, Any]:
    signature = (
        SignatureBuilder("gap")
        .with_input("x1", "double", "scalar")
        .with_input("y", "int64", "scalar")
        .with_output("value", "double", "scalar")
        .build()
    )
    builder = ModelVersionBuilder("legacy_gap", folder).with_runtime(RUNTIME).with_payload(["src/"])
    metric = builder.with_signature(signature).build(cluster)
    version.assign_metrics([metric.as_metric(4.5, ThresholdCmpOp.LESS_EQ)])
    [spec] = MetricSpec.find_by_modelversion(cluster, version.id)
    found = MetricSpec.find_by_id(cluster, spec.id)
    said = {
        "model": f"{metric.name}:{metric.version}",
        "name": found.name,
        "watched": found.modelversion_id == version.id,
        "measures": found.config.modelversion_id == metric.id,
        "healthy": [found.config.threshold_op, found.config.threshold],
        "servable": found.config.servable["metadata"],
        "listed": found.id in [each.id for each in MetricSpec.list(cluster)],
        "deleted": MetricSpec.delete(cluster, found.id)["id"] == found.id,
    }
    said["left"] = len(MetricSpec.find_by_modelversion(cluster, version.id))
    return said


def use_application(cluster: Cluster, version: ModelVersion, edge: str, key: str) -> dict[str, Any]:
    config = DeploymentConfigurationBuilder("legacy-small").with_replicas(1).with_env({"A": "b"}).build(cluster)
    stage = ExecutionStageBuilder().with_model_variant(version, 100, config).build()
    built = ApplicationBuilder("legacy_app").with_stage(stage).with_metadata("team", "legacy").build(cluster)
    built.lock_while_starting(timeout=300)
    found = Application.find(cluster, "legacy_app")
    body = requests.post(f"{edge}/gateway/application/legacy_app", json=PLAIN, auth=("key", key))
    said = {
        "status": found.status.name,
        "metadata": found.metadata,
        "configuration": found.execution_graph.stages[0].model_variants[0].deploymentConfigurationName,
        "grpc": plain(found.predictor().predict(POINT)),
        "http": body.json(),
        "configurations": [each.name for each in DeploymentConfiguration.list(cluster)],
        "environment": DeploymentConfiguration.find(cluster, "legacy-small").container.env,
        "listed": [each.name for each in Application.list(cluster)],
    }
    Application.delete(cluster, "legacy_app")
    DeploymentConfiguration.delete(cluster, "legacy-small")
    said["listed_after"] = [each.name for each in Application.list(cluster)]
    time.sleep(0.5)  # over gRPC a deleted application stops answering within this time (docs/api.md)
    said["refused"] = refused(found.predictor(), POINT)
    return said


def refused(predictor: Any, inputs: dict[str, Any]) -> str:
    try:
        predictor.predict(inputs)
    except Exception as error:  # noqa: BLE001 - the client raises nothing narrower
        return str(error)
    return "accepted"


def main() -> None:
    edge, address, key, folder = sys.argv[1:]
    cluster = connect(edge, address, key)
    version, states = build(cluster, folder)
    external = ModelVersionBuilder("legacy_far", folder).with_signature(version.signature).build_external(cluster)
    said = {
        "build_info": cluster.build_info(),
        "states": states,
        "version": [version.name, version.version, version.metadata, str(version.runtime)],
        "found": ModelVersion.find(cluster, version.name, version.version).id == version.id,
        "found_by_name": [each.version for each in ModelVersion.find_by_model_name(cluster, version.name)],
        "training": train(cluster, version, folder),
        "external": [external.is_external, external.status.name, external.runtime],
        "servable": use_servable(cluster, version),
        "application": use_application(cluster, version, edge, key),
        "metric": use_metric(cluster, version, folder),
        "keyless": requests.get(f"{edge}/api/v2/model").status_code,
    }
    sys.stdout.write("\n" + json.dumps(said))


if __name__ == "__main__":
    main()
