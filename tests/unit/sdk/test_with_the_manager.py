"""The command line against the platform's real management code: the client and docs/api.md cannot drift apart.

The manager's own world in memory stands behind a real HTTP server; builds succeed and servables serve when looked at.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from dewpoint import Dewpoint, MetricSpec
from dewpoint.errors import InvalidInput

from functions.core.ports import Presigned
from functions.manager import wiring
from functions.manager.contract import signature_key
from functions.manager.finish_build import finish_build
from tests.unit.manager.world import SIGNATURE, Http, World
from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request

STORAGE = "/storage/"
API = "/api/v2"


class Platform:
    """An HTTP server on loopback before the manager's routes, and storage beside them."""

    def __init__(self) -> None:
        self.world = World()
        self.http = Http(self.world)
        self.signed: dict[str, Presigned] = {}
        self.server = LoopbackServer(self.answer)
        signing = self.world.payloads.presign
        self.world.payloads.presign = lambda *args: self._reachable(signing(*args))  # type: ignore[method-assign]

    def _reachable(self, presigned: Presigned) -> Presigned:
        number = str(len(self.signed))
        self.signed[number] = presigned
        return Presigned(f"{self.server.url}{STORAGE}{number}", presigned.headers)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(STORAGE):
            presigned = self.signed[request.path.removeprefix(STORAGE)]
            return Answer(status=self.world.payloads.upload(presigned, request.raw))
        self.go_on()
        answer = self.http.call(request.method, request.target.removeprefix(API), request.raw)
        return Answer(status=answer.status_code, raw=answer.body, headers=dict(answer.headers))

    def go_on(self) -> None:
        """What builder and host would have done in the meantime."""
        for build_id, version in self.world.builder.started.items():
            if version.signature is None:
                self.world.payloads.write(signature_key(version), msgspec.json.encode(SIGNATURE))
            self.world.builder.succeed(build_id)
            finish_build(self.world, build_id)
        self.world.serve(*self.world.host.running)


@pytest.fixture
def manager(socket_enabled: None, offline_cli: Cli) -> Iterator[Cli]:
    platform = Platform()
    platform.server.start()
    offline_cli("context", "add", "manager", "--url", platform.server.url)
    yield offline_cli
    platform.server.stop()
    wiring.use(None)


def outcomes(applied: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(outcome["name"], outcome["action"], outcome["status"]) for outcome in applied]


def test_apply_twice_then_a_new_version(manager: Cli, model_folder: Path) -> None:
    created = manager.json("apply", "-f", model_folder)
    assert outcomes(created) == [("adder:1", "created", "Released"), ("adder", "created", "Ready")]
    before = manager.json("app", "show", "adder")
    assert {outcome["action"] for outcome in manager.json("apply", "-f", model_folder)} == {"unchanged"}
    assert manager.json("app", "show", "adder") == before
    (model_folder / "requirements.txt").write_text("numpy\nscipy")
    changed = manager.json("apply", "-f", model_folder)
    assert outcomes(changed) == [("adder:2", "created", "Released"), ("adder", "updated", "Ready")]
    after = manager.json("app", "show", "adder")
    assert after["id"] == before["id"]
    assert after["executionGraph"]["stages"][0]["modelVariants"][0]["modelVersion"] == 2


def test_m12_an_application_is_rolled_back_and_shows_its_revisions(manager: Cli, model_folder: Path) -> None:
    manager("apply", "-f", model_folder)
    (model_folder / "requirements.txt").write_text("numpy\nscipy")
    manager("apply", "-f", model_folder)
    assert [each["status"] for each in manager.json("app", "revisions", "adder")] == ["Active", "Superseded"]
    (rolled,) = manager.json("app", "rollback", "adder")
    assert rolled["executionGraph"]["stages"][0]["modelVariants"][0]["modelVersion"] == 1
    newest = manager.json("app", "revisions", "adder")[0]
    assert (newest["status"], newest["rolledBackTo"]) == ("Active", 1)
    table = manager("app", "revisions", "adder").stdout
    assert "ROLLED BACK TO" in table
    assert "adder:2" in table
    assert "there is no revision 99" in manager("app", "rollback", "adder", "--to", 99, code=1).stderr


def test_a_configuration_is_found_again_as_it_was_written(manager: Cli, tmp_path: Path) -> None:
    document = tmp_path / "small.yaml"
    document.write_text(
        "kind: DeploymentConfiguration\nname: small\nhpa: {minReplicas: 1, maxReplicas: 4, cpuUtilization: 80}\n"
        "container: {resources: {limits: {cpu: 0.5, memory: 1G}, requests: {cpu: 250m}}, env: {THREADS: 2}}\n"
        "deployment: {replicaCount: 2}\npod: {nodeSelector: {im: a_map}}\n"
    )
    assert manager.json("apply", "-f", document)[0]["action"] == "created"
    assert manager.json("apply", "-f", document)[0]["action"] == "unchanged"
    assert "small" in manager("depconf", "list").stdout
    manager("depconf", "rm", "small")
    assert "(404)" in manager("depconf", "show", "small", code=1).stderr


def test_everything_is_listed_shown_and_removed(manager: Cli, model_folder: Path) -> None:
    manager("apply", "-f", model_folder)
    assert "adder:1" in manager("model", "list").stdout
    assert manager.json("model", "show", "adder:1")["applications"] == ["adder"]
    manager("model", "logs", "adder:1")
    (own,) = manager.json("servable", "list")
    manager("servable", "logs", own["fullName"])
    assert "(409)" in manager("servable", "rm", own["fullName"], code=1).stderr
    assert "(409)" in manager("model", "rm", "adder", code=1).stderr
    (deployed,) = manager.json("servable", "deploy", "adder:1", "-m", "team=blue")
    assert (deployed["status"], deployed["metadata"]["team"]) == ("Serving", "blue")
    manager("app", "rm", "adder")
    manager("servable", "rm", deployed["fullName"])
    assert manager.json("servable", "list") == []
    manager("model", "rm", "adder")
    assert manager.json("model", "list") == []
    assert manager.json("buildinfo")["platform"]["name"]


def test_refusals_are_told_field_by_field(manager: Cli, model_folder: Path) -> None:
    document = model_folder / "serving.yaml"
    document.write_text(document.read_text().replace("runtime: python", "runtime: fortran"))
    assert "/runtime: expected one of the runtimes" in manager("apply", "-f", model_folder, code=1).stderr


def test_a_model_without_contract_is_released_with_the_signature_its_build_found(manager: Cli, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"graph")
    document = tmp_path / "model.yaml"
    document.write_text("kind: Model\nname: bare\nruntime: onnx\npayload: [model.onnx]\n")
    assert outcomes(manager.json("apply", "-f", document)) == [("bare:1", "created", "Released")]
    assert manager.json("model", "show", "bare")["modelSignature"]["signatureName"] == "predict"
    assert outcomes(manager.json("apply", "-f", document)) == [("bare:1", "unchanged", "Released")]


def test_keep_versions_makes_no_version_and_holds_from_the_next(manager: Cli, tmp_path: Path) -> None:
    document = tmp_path / "model.yaml"
    text = "kind: Model\nname: bare\nruntime: onnx\npayload: [model.onnx]\n"
    document.write_text(text)
    for content in (b"1", b"2"):
        (tmp_path / "model.onnx").write_bytes(content)
        manager("apply", "-f", document)
    document.write_text(text + "keep-versions: 2\n")
    assert manager.json("apply", "-f", document)[0]["action"] == "unchanged"
    (tmp_path / "model.onnx").write_bytes(b"3")
    manager("apply", "-f", document)
    assert [version["modelVersion"] for version in manager.json("model", "list", "bare")] == [2, 3]


def test_an_external_model_is_applied_once(manager: Cli, tmp_path: Path) -> None:
    document = tmp_path / "external.yaml"
    fields = "{inputs: {x: {shape: scalar, type: double}}, outputs: {y: {shape: scalar, type: int}}}"
    document.write_text(f"kind: ExternalModel\nname: elsewhere\ncontract: {fields}\nmetadata: {{team: birds}}\n")
    assert outcomes(manager.json("apply", "-f", document)) == [("elsewhere:1", "created", "Released")]
    assert outcomes(manager.json("apply", "-f", document)) == [("elsewhere:1", "unchanged", "Released")]
    shown = manager.json("model", "show", "elsewhere")
    assert (shown["isExternal"], shown["metadata"]["team"]) == (True, "birds")
    document.write_text(document.read_text().replace("birds", "bees"))
    assert outcomes(manager.json("apply", "-f", document)) == [("elsewhere:2", "created", "Released")]
    assert "(external)" in manager("model", "list").stdout


CUSTOM = """
kind: Model
name: own
runtime: custom
payload: [Dockerfile]
package-index: corporate
container: {health-check: [CMD, python, healthy.py], model-name: iris}
contract: {name: predict, inputs: {x: {shape: scalar, type: double}}, outputs: {y: {shape: scalar, type: int}}}
"""


def test_m22_a_custom_image_is_applied_with_what_its_container_is_like(manager: Cli, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    document = tmp_path / "own.yaml"
    document.write_text(CUSTOM)
    assert outcomes(manager.json("apply", "-f", document)) == [("own:1", "created", "Released")]
    assert outcomes(manager.json("apply", "-f", document)) == [("own:1", "unchanged", "Released")]
    shown = manager.json("model", "show", "own")
    check = ["CMD", "python", "healthy.py"]
    assert shown["container"] == {"healthCheck": check, "modelName": "iris", "modelVersion": ""}
    assert shown["packageIndex"] == "corporate"
    document.write_text(CUSTOM.replace("[CMD, python, healthy.py]", "./healthy"))
    assert outcomes(manager.json("apply", "-f", document)) == [("own:2", "created", "Released")]
    assert manager.json("model", "show", "own")["container"]["healthCheck"] == ["CMD-SHELL", "./healthy"]


def test_m22_what_is_wrong_with_a_container_is_told_with_its_line(manager: Cli, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    document = tmp_path / "own.yaml"
    document.write_text(CUSTOM.replace("health-check: [CMD, python, healthy.py]", "health-chek: 3"))
    said = manager("apply", "-f", document, code=2).stderr
    assert "health-check is missing" in said
    assert "did you mean health-check?" in said
    document.write_text(CUSTOM.replace("[CMD, python, healthy.py]", "{a: 1}"))
    assert "expected a command, as a list of words or one text" in manager("apply", "-f", document, code=2).stderr


METRICS = """
kind: Model
name: distance
runtime: python
payload: [distance.py]
contract: {name: measure, inputs: {x1: {shape: scalar, type: double}}, outputs: {value: {shape: scalar, type: double}}}
---
kind: ExternalModel
name: elsewhere
contract: {inputs: {x1: {shape: scalar, type: double}}, outputs: {y: {shape: scalar, type: double}}}
monitoring:
  - name: far
    config: {monitoring-model: "distance:1", threshold: 4.236688464332743, operator: "<="}
  - name: near
    config: {monitoring-model: distance, threshold: 1, operator: Greater}
"""


@pytest.fixture
def monitored(tmp_path: Path) -> Path:
    (tmp_path / "distance.py").write_text("weights")
    document = tmp_path / "metrics.yaml"
    document.write_text(METRICS)
    return document


def test_k10_metrics_of_a_document_are_applied_once_and_changed_in_place(manager: Cli, monitored: Path) -> None:
    created = outcomes(manager.json("apply", "-f", monitored))
    far, near = "elsewhere:1/far", "elsewhere:1/near"
    assert created[-2:] == [(far, "created", "Serving"), (near, "created", "Serving")]
    before = manager.json("metric", "list")
    assert [metric["healthy"] for metric in before] == ["value <= 4.236688464332743", "value > 1.0"]
    again = outcomes(manager.json("apply", "-f", monitored))
    assert {action for _, action, _ in again} == {"unchanged"}
    assert manager.json("metric", "list") == before
    monitored.write_text(METRICS.replace("threshold: 1,", "threshold: 2.5,"))
    changed = outcomes(manager.json("apply", "-f", monitored))
    assert changed[-2:] == [(far, "unchanged", "Serving"), (near, "updated", "Serving")]
    after = manager.json("metric", "list")
    assert [metric["id"] for metric in after] == [metric["id"] for metric in before]
    assert after[0] == before[0]
    assert after[1]["healthy"] == "value > 2.5"
    assert len(manager.json("servable", "list")) == 1


def test_k10_another_threshold_is_no_other_version_of_the_model(
    manager: Cli, model_folder: Path, monitored: Path
) -> None:
    document = model_folder / "serving.yaml"
    kept = document.read_text()
    metric = "monitoring: [{name: far, config: {monitoring-model: distance, threshold: 1, operator: '<'}}]\n"
    files = ("-f", monitored, "-f", model_folder)
    document.write_text(metric + kept)
    created = outcomes(manager.json("apply", *files))
    assert ("adder:1", "created", "Released") in created
    assert ("adder:1/far", "created", "Serving") in created
    document.write_text(metric.replace("threshold: 1", "threshold: 2") + kept)
    changed = outcomes(manager.json("apply", *files))
    assert ("adder:1", "unchanged", "Released") in changed
    assert ("adder:1/far", "updated", "Serving") in changed


def test_m17_a_metric_that_is_in_no_document_stays(manager: Cli, monitored: Path) -> None:
    manager("apply", "-f", monitored)
    monitored.write_text(METRICS[: METRICS.index("  - name: near")])
    manager("apply", "-f", monitored)
    assert [metric["name"] for metric in manager.json("metric", "list", "elsewhere:1")] == ["far", "near"]


def test_m17_metrics_are_listed_shown_and_removed(manager: Cli, monitored: Path) -> None:
    manager("apply", "-f", monitored)
    table = manager("metric", "list").stdout
    assert "HEALTHY WHEN" in table
    assert "value <= 4.236688464332743" in table
    assert manager.json("metric", "list", "distance") == []
    far, near = manager.json("metric", "list", "elsewhere")
    assert manager.json("metric", "show", "elsewhere:1/far") == manager.json("metric", "show", far["id"]) == far
    assert "metric spec far of elsewhere:1" in manager("model", "rm", "distance", code=1).stderr
    manager("metric", "rm", "elsewhere/far")
    assert "(404)" in manager("metric", "show", "elsewhere/far", code=1).stderr
    manager("metric", "rm", near["id"])
    assert manager.json("servable", "list") == manager.json("metric", "list") == []


def test_m17_the_python_client_creates_changes_and_deletes_metrics(manager: Cli, monitored: Path) -> None:
    monitored.write_text(METRICS[: METRICS.index("monitoring:")])
    manager("apply", "-f", monitored)
    with Dewpoint.from_context("manager", manager.config) as dewpoint:
        ids = (dewpoint.models.find("elsewhere").id, dewpoint.models.find("distance").id)

        def wanted(operator: str, threshold: float) -> MetricSpec:
            return MetricSpec(
                name="far", model_version_id=ids[0], metric_version_id=ids[1], operator=operator, threshold=threshold
            )

        spec = wanted("<", 2)
        made = dewpoint.metrics.create(spec)
        assert spec.describes(made)
        assert (made.model, made.metric_model, made.healthy) == ("elsewhere:1", "distance:1", "value < 2.0")
        assert dewpoint.servables.wait_serving(made.servable).status == "Serving"
        changed = dewpoint.metrics.update(made.id, wanted("GREATER_EQ", 3))
        assert (changed.id, changed.healthy) == (made.id, "value >= 3.0")
        assert dewpoint.metrics.list() == dewpoint.metrics.of_version(ids[0]) == [dewpoint.metrics.get(made.id)]
        dewpoint.metrics.delete(made.id)
        assert dewpoint.metrics.list() == []
        for operator, threshold in (("=<", 1.0), ("<", float("nan")), ("<", True)):
            with pytest.raises(InvalidInput):
                wanted(operator, threshold)
