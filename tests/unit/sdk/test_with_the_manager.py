"""The command line against the manager's real code: the client and docs/api.md cannot drift apart."""

from pathlib import Path

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.managed_platform import outcomes


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
