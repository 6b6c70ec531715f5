"""YAML documents: the reference system's are accepted unchanged, and ours say more."""

from collections.abc import Callable

import pytest
from dewpoint.documents.load import load_documents
from dewpoint.errors import InvalidDocument
from dewpoint.payload import Payload

from tests.unit.sdk.documents import CENSUS, DEPLOYMENT, PIPELINE, load


def test_k10_a_model_of_the_reference_system() -> None:
    (model,) = load(CENSUS).models
    assert (model.name, model.runtime) == ("census", "hydrosphere/serving-runtime-python-3.7:2.4.0")
    assert model.payload == ("src/", "requirements.txt", "model.joblib")
    assert model.install_command == "pip install -r requirements.txt"
    assert model.metadata == {
        "documentation": "https://example.org/census",
        "timestamp": "1497440372794",
        "released": "2020-01-31",
        "final": "true",
    }
    assert model.monitoring.batch_size == 50
    assert [str(field) for field in model.signature.inputs] == [
        "age: int64 scalar",
        "marital-status: string scalar",
        "marital_status: string any shape",
        "picture: double [-1, 224, 224, 3]",
    ]
    assert [field.profile for field in model.signature.inputs] == ["NUMERICAL", "CATEGORICAL", "NONE", "IMAGE"]
    assert model.training_data == ("../../data/train.csv",)
    [metric] = model.metrics
    assert (metric.name, metric.model) == ("outliers", "census-metric:1")
    assert (metric.operator, metric.threshold) == ("LessEq", 0.97)


def test_k10_applications_of_the_reference_system() -> None:
    singular, pipeline = load(
        f"kind: Application\nname: census_app \nsingular:\n  model: census:7\n---\n{PIPELINE}"
    ).applications
    assert singular.name == "census_app"
    assert [[v.model for v in stage] for stage in singular.stages] == [["census:7"]]
    assert [[(v.weight, v.deployment_configuration) for v in stage] for stage in pipeline.stages] == [
        [(100, "default")],
        [(80, "small"), (20, "small")],
    ]
    assert pipeline.metadata == {"team": "claims"}


def test_a_deployment_configuration_of_the_reference_system() -> None:
    (configuration,) = load(DEPLOYMENT).deployments
    assert configuration.body["container"] == {
        "resources": {"limits": {"cpu": "500m", "memory": "2G"}, "requests": {"cpu": "0.25", "memory": "1G"}},
        "env": {"FOO": "bar", "THREADS": "2"},
    }
    assert configuration.body["hpa"] == {"minReplicas": 1, "maxReplicas": 4, "cpuUtilization": 80}
    assert configuration.body["pod"]["tolerations"][0]["tolerationSeconds"] == 30
    assert configuration.is_covered_by(configuration.body | {"provisioned": {"cpu": 0.5}})
    assert not configuration.is_covered_by(configuration.body | {"deployment": {"replicaCount": 1}})


def test_a_deployment_configuration_that_may_go_to_zero() -> None:
    (configuration,) = load(DEPLOYMENT.replace("minReplicas: 1", "minReplicas: 0\n  idleSeconds: 300")).deployments
    assert configuration.body["hpa"] == {
        "minReplicas": 0,
        "maxReplicas": 4,
        "cpuUtilization": 80,
        "idleSeconds": 300,
    }


RULES = "{window: 60, min-failures: 2, minShare: 0.5, cool-down: 600, quiet: 90, enabled: false}"
READ = {"enabled": False, "window": 60, "minFailures": 2, "minShare": 0.5, "coolDown": 600, "quiet": 90}


def test_s22_a_model_may_say_how_long_its_log_is_kept() -> None:
    (model,) = load(CENSUS.replace("batch-size: 50", "batch-size: 50\n  log-days: 30")).models
    assert model.to_spec(Payload(()), {}).to_json()["monitoringConfiguration"] == {"batchSize": 50, "logDays": 30}
    with pytest.raises(InvalidDocument, match="log-days"):
        load(CENSUS.replace("batch-size: 50", "log-days: 9000"))


def test_s17_a_model_may_say_what_is_an_alert() -> None:
    (model,) = load(CENSUS.replace("batch-size: 50", f"batch-size: 50\n  alerts: {RULES}")).models
    assert model.monitoring == (50, None, READ)
    wrong = "{min-share: 2, enabled: maybe, window: 0, every: 5}"
    with pytest.raises(InvalidDocument) as refused:
        load(CENSUS.replace("batch-size: 50", f"alerts: {wrong}"))
    for word in ("min-share", "enabled", "window", "every"):
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("batching: {max-batch-size: 8, max-latency-ms: 2}", {"maxBatchSize": 8, "maxLatencyMs": 2}),
        ("batching: {maxBatchSize: 8}", {"maxBatchSize": 8}),
        ("batching: {}", {}),
        ("", None),
    ],
)
def test_a_model_may_ask_for_batching(said: str, read: dict[str, int] | None) -> None:
    (model,) = load(f"{CENSUS}\n{said}\n").models
    assert model.batching == read


def test_batching_with_wrong_numbers_or_words_is_a_fault() -> None:
    with pytest.raises(InvalidDocument) as refused:
        load(f"{CENSUS}\nbatching: {{max-batch-size: 1, max-latency-ms: 5000, size: 3}}\n")
    for word in ("max-batch-size", "max-latency-ms", "size"):
        assert word in str(refused.value)


def test_k09_every_kind_of_separator_and_empty_documents() -> None:
    documents = load(f"---\n---\n{CENSUS}\n---\n# nothing\n---\n{PIPELINE}\n...\n---\n{DEPLOYMENT}")
    assert (len(documents.models), len(documents.applications), len(documents.deployments)) == (1, 1, 1)


def test_k09_folders_hold_documents(tmp_path_factory: pytest.TempPathFactory, write: Callable[[str], str]) -> None:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "b.yml").write_text(PIPELINE)
    (folder / "a.yaml").write_text(CENSUS)
    (folder / "notes.txt").write_text("not: [yaml")
    documents = load_documents([str(folder)], lambda: "")
    assert documents.models[0].folder == folder
    assert len(documents.applications) == 1
    with pytest.raises(InvalidDocument, match=r"holds no \.yaml"):
        load_documents([str(tmp_path_factory.mktemp("empty"))], lambda: "")
    with pytest.raises(InvalidDocument, match="cannot be read"):
        load_documents([str(folder / "missing.yaml")], lambda: "")
