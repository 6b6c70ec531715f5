"""YAML documents: the reference system's are accepted unchanged, and everything wrong is told at once with its line."""

from collections.abc import Callable

import pytest
from dewpoint.documents.load import Documents, load_documents
from dewpoint.errors import InvalidDocument
from dewpoint.payload import Payload

# As the reference system's own examples write them
CENSUS = """\
kind: Model
name: "census"
payload:
  - "src/"
  - "requirements.txt"
  - "model.joblib"
runtime: "hydrosphere/serving-runtime-python-3.7:2.4.0"
install-command: "pip install -r requirements.txt"
training-data: "../../data/train.csv"
metadata:
  documentation: "https://example.org/census"
  timestamp: 1497440372794
  released: 2020-01-31
  final: true
contract:
  name: "predict"
  inputs:
    age:
      shape: scalar
      type: int64
      profile: numerical
    marital-status:
      shape: scalar
      type: string
      profile: categorical
    marital_status:
      shape: any
      type: string
    picture:
      shape: [-1, 224, 224, 3]
      type: double
      profile: IMAGE
  outputs:
    income:
      shape: scalar
      type: string
      profile: categorical
monitoring:
  - name: outliers
    config:
      monitoring-model: census-metric:1
      threshold: 0.97
      operator: "<="
monitoring-configuration:
  batch-size: 50
"""
PIPELINE = """\
kind: Application
name: Claims_app
metadata: {team: claims}
pipeline:
  - - model: claims-preprocessing:1
  - - model: claims-model:1
      weight: 80
      deployment-configuration: small
    - model: claims-model
      weight: 20
      deployment_config: small
"""
DEPLOYMENT = """\
kind: DeploymentConfiguration
name: full-example
hpa:
  minReplicas: 1
  maxReplicas: 4
  cpuUtilization: 80
deployment:
  replicaCount: 2
container:
  resources:
    limits: {cpu: 500m, memory: 2G}
    requests: {cpu: 0.25, memory: 1G}
  env: {FOO: bar, THREADS: 2}
pod:
  nodeSelector: {im: a_map}
  tolerations:
    - {effect: PreferNoSchedule, key: some_key, tolerationSeconds: 30}
"""


def load(text: str) -> Documents:
    return load_documents(["-"], lambda: text)


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as told:
        load(text)
    return list(told.value.faults)


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


@pytest.mark.parametrize(
    "operator",
    ["==", "!=", ">", "<", ">=", "<=", "Eq", "NotEq", "Greater", "Less", "GreaterEq", "LessEq", "lessEq", "LESSEQ"],
)
def test_k10_operators_are_names_or_symbols(operator: str) -> None:
    assert len(load(CENSUS.replace('operator: "<="', f'operator: "{operator}"')).models) == 1
    assert "operator" in faults(CENSUS.replace('operator: "<="', f'operator: "{operator}~"'))[0]


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


def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    text = (
        CENSUS.replace("type: int64", "type: integer64")
        .replace('name: "census"', "name: Census!")
        .replace("install-command", "instal-command")
        .replace("batch-size: 50", "batch-size: many")
        .replace("shape: any", "shape: [0, -2]")
        .replace("threshold: 0.97", "threshold: high")
        .replace('"<="', '"=<"')
        .replace("profile: IMAGE", "profile: painting")
    )
    told = faults(f"{text}---\nkind: Modell\n")
    for place, words in (
        ("standard input:2 name", "received 'Census!'"),
        ("standard input:8 instal-command", "did you mean install-command?"),
        ("standard input:20 contract.inputs.age.type", "unknown type 'integer64'"),
        ("standard input:27 contract.inputs.marital_status.shape", "unknown shape [0, -2]"),
        ("standard input:32 contract.inputs.picture.profile", "unknown profile 'painting'"),
        ("standard input:42 monitoring[0].config.threshold", "expected a finite number"),
        ("standard input:43 monitoring[0].config.operator", "received '=<'"),
        ("standard input:45 monitoring-configuration.batch-size", "received 'many'"),
        ("standard input:47 kind", "expected one of Model, ExternalModel, Application, DeploymentConfiguration"),
    ):
        assert any(fault.startswith(f"{place}: ") and words in fault for fault in told), (place, words, told)
    assert len(told) == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Application\nname: a\n", "either singular or pipeline"),
        ("kind: Application\nname: a\nsingular: {model: 'm:1'}\npipeline: [[{model: 'm:1'}]]\n", "either singular"),
        ("kind: Application\nname: a\npipeline: [[{model: m, weight: 50}, {model: n, weight: 20}]]\n", "received 70"),
        ("kind: Application\nname: a\npipeline: [[{model: m, weight: 101}, {model: n, weight: 0}]]\n", "0 to 100"),
        ("kind: Application\nname: a\npipeline: [[]]\n", "expected a list of variants"),
        ("kind: Application\nname: a\nsingular: {model: 'm:one'}\n", "'m:one' is not a model version"),
        ("kind: Application\nname: a\nsingular: m\n", "expected a mapping, received 'm'"),
        ("kind: Application\nname: 7\nsingular: {model: m}\n", "expected a text, received 7"),
        ("kind: Model\n", "name is missing"),
        ("kind: Model\nname: m\nruntime: r\npayload: [a]\ncontract: {inputs: {}, outputs: {y: {}}}\n", "at least one"),
        ("kind: Model\nname: m\nruntime: r\npayload: a\ncontract: {}\n", "expected a list with something in it"),
        ("kind: Model\nname: m\nname: n\n", "name: stands twice"),
        ("name: nameless\n", "kind is missing"),
        ("- a\n- b\n", "expected a mapping, received a list of 2"),
        ("kind: [\n", "is not YAML"),
        ("", "holds no document"),
        (f"{PIPELINE}---\n{PIPELINE}", "Application 'Claims_app' stands twice"),
    ],
)
def test_a_document_that_is_refused(text: str, words: str) -> None:
    assert words in "\n".join(faults(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [*a]", "standard input:1: nested more than 50 deep"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
            "holds more than 100000 values",
        ),
    ],
    ids=["itself", "deep", "many"],
)
def test_k09_yaml_that_has_no_end_is_refused(text: str, words: str) -> None:
    assert words in "\n".join(faults(text))


def test_k10_a_key_in_two_spellings_is_a_fault_and_names_are_not() -> None:
    twice = CENSUS.replace("install-command:", "install_command: x\ninstall-command:")
    assert faults(twice) == ["standard input:8 install_command: says the same as install-command; keep one of them"]
    [model] = load(CENSUS.replace("  final: true", "  a_b: 1\n  a-b: 2")).models
    assert model.metadata is not None
    assert (model.metadata["a_b"], model.metadata["a-b"]) == ("1", "2")


def test_python_in_yaml_is_refused_and_not_run(tmp_path: object) -> None:
    assert "is not YAML" in faults("kind: !!python/object/apply:os.system ['exit 1']\n")[0]


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


MONITORED = "kind: ExternalModel\nname: e\ncontract: {inputs: {x: {type: double}}, outputs: {y: {type: double}}}\n"


@pytest.mark.parametrize("written", ["<", "Less", "LESS", "less"])
def test_k10_a_metrics_operator_becomes_one_word(written: str) -> None:
    config = f"{{monitoring_model: m, threshold: 1, operator: '{written}', deployment_config: small}}"
    [external] = load(f"{MONITORED}monitoring: [{{name: far, config: {config}}}]\n").external_models
    [metric] = external.metrics
    assert (metric.operator, metric.threshold, metric.deployment_configuration) == ("Less", 1.0, "small")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{name: Far, config: {monitoring-model: m, threshold: 1, operator: '<'}}", "expected a small letter"),
        ("{name: far, config: {threshold: 1, operator: '<'}}", "monitoring-model is missing"),
        ("{name: far, config: {monitoring-model: 'm:x', threshold: 1, operator: '<'}}", "is not a model version"),
        ("{name: far, config: {monitoring-model: m, operator: '<'}}", "threshold is missing"),
        ("{name: far, config: {monitoring-model: m, threshold: .nan, operator: '<'}}", "expected a finite number"),
        ("{name: far, config: {monitoring-model: m, threshold: 1}}", "operator is missing"),
        ("{name: far, config: {monitoring-model: m, treshold: 1, operator: '<'}}", "did you mean threshold?"),
        ("{name: far}", "config is missing"),
        ("far", "expected a mapping"),
    ],
)
def test_k10_what_is_wrong_with_a_metric_is_told_with_its_line(entry: str, words: str) -> None:
    told = faults(f"{MONITORED}monitoring:\n- {entry}\n")
    assert any(words in fault and fault.startswith("standard input:5 ") for fault in told), told


def test_k10_a_metrics_name_stands_once() -> None:
    entry = "{name: far, config: {monitoring-model: m, threshold: 1, operator: '<'}}"
    [fault] = faults(f"{MONITORED}monitoring: [{entry}, {entry}]\n")
    assert "received 'far' again" in fault
