"""`dewpoint apply`, from YAML on disk to what the platform has."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.sdk.conftest import APPLICATION, MODEL, Cli
from tests.unit.sdk.platform_double import PlatformDouble


def actions(outcomes: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(outcome["kind"], outcome["name"], outcome["action"]) for outcome in outcomes]


def test_a_model_and_its_application(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    result = cli("apply", "-f", model_folder)
    version, application = platform.versions[0], platform.applications["adder"]
    assert (version["status"], application["status"]) == ("Released", "Ready")
    assert platform.payload_files(version) == ["requirements.txt", "src/func_main.py"]
    assert version["installCommand"] == "pip install -r requirements.txt"
    assert version["modelSignature"]["inputs"][0] == {
        "name": "x1",
        "dtype": "DT_DOUBLE",
        "shape": {"dims": []},
        "profile": "NUMERICAL",
    }
    variant = application["executionGraph"]["stages"][0]["modelVariants"][0]
    assert (variant["modelVersionId"], variant["weight"]) == (version["id"], 100)
    assert "adder:1" in result.stdout
    assert "uploaded" in result.stderr


def test_build_log_lines_come_once_and_cannot_steer_the_terminal(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    platform.looks = 1
    told = cli("apply", "-f", model_folder).stderr
    assert told.count("Step 1: unpack") == told.count("Step 2: install") == 1
    assert "\x1b" not in told
    assert "Step 1" not in cli("apply", "-q", "-f", touched(model_folder)).stderr


def touched(folder: Path) -> Path:
    (folder / "requirements.txt").write_text("numpy\nscipy")
    return folder


def test_k09_applying_again_changes_nothing(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    cli("apply", "-f", model_folder)
    again = cli.json("apply", "-f", model_folder)
    assert actions(again) == [("Model", "adder:1", "unchanged"), ("Application", "adder", "unchanged")]
    assert len(platform.uploads) == 1
    assert not platform.calls("PUT", "/api/v2/application/adder")


def test_k09_what_changed_is_updated_in_place_and_times_of_files_do_not_count(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    cli("apply", "-f", model_folder)
    (model_folder / "requirements.txt").touch()
    assert actions(cli.json("apply", "-f", model_folder))[0] == ("Model", "adder:1", "unchanged")
    changed = cli.json("apply", "-f", touched(model_folder))
    assert actions(changed) == [("Model", "adder:2", "created"), ("Application", "adder", "updated")]
    variant = platform.applications["adder"]["executionGraph"]["stages"][0]["modelVariants"][0]
    assert variant["modelVersion"] == 2
    assert platform.applications["adder"]["revision"] == 2


def test_another_contract_is_another_version(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    cli("apply", "-f", model_folder)
    document = model_folder / "serving.yaml"
    document.write_text(document.read_text().replace("profile: numerical", "profile: continuous"))
    assert actions(cli.json("apply", "-f", model_folder))[0] == ("Model", "adder:2", "created")


def test_a_failed_build_ends_with_its_reason_and_is_tried_again(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    platform.fail_builds = "no module named nothing"
    assert "no module named nothing" in cli("apply", "-f", model_folder, code=1).stderr
    assert "adder" not in platform.applications
    platform.fail_builds = ""
    assert actions(cli.json("apply", "-f", model_folder))[0] == ("Model", "adder:2", "created")


def test_a_failed_update_is_told_although_the_old_graph_is_ready(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    cli("apply", "-f", model_folder)
    platform.fail_starts = "out of memory"
    failed = cli("apply", "-f", touched(model_folder), code=1)
    assert "the update of application adder failed: out of memory" in failed.stderr
    assert platform.applications["adder"]["status"] == "Ready"
    assert "adder:2" in failed.stdout  # what was done is shown all the same


def test_a_failed_application_is_deployed_again(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    platform.fail_starts = "no such image"
    assert "no such image" in cli("apply", "-f", model_folder, code=1).stderr
    platform.fail_starts = ""
    assert actions(cli.json("apply", "-f", model_folder))[1] == ("Application", "adder", "updated")


def test_no_wait(cli: Cli, platform: PlatformDouble, model_folder: Path, write: Callable[[str], str]) -> None:
    document = model_folder / "serving.yaml"
    document.write_text(MODEL)
    outcome = cli.json("apply", "--no-wait", "-f", model_folder)[0]
    assert (outcome["action"], outcome["status"]) == ("created", "Assembling")
    waited = cli.json("apply", "-f", model_folder)[0]
    assert (waited["action"], waited["status"]) == ("unchanged", "Released")
    application = cli.json("apply", "--no-wait", "-f", write(APPLICATION))[0]
    assert (application["action"], application["status"]) == ("created", "Assembling")


def test_no_wait_waits_for_the_build_an_application_needs(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    outcomes = cli.json("apply", "--no-wait", "-f", model_folder)
    assert [outcome["status"] for outcome in outcomes] == ["Released", "Assembling"]


def test_time_runs_out(cli: Cli, platform: PlatformDouble, model_folder: Path) -> None:
    platform.looks = 10_000
    assert "not within 0.2 s" in cli("apply", "--timeout", "0.2", "-f", model_folder, code=4).stderr


def test_k09_files_and_folders_of_three_kinds_in_whatever_order(
    cli: Cli, platform: PlatformDouble, model_folder: Path, write: Callable[[str], str]
) -> None:
    configuration = "kind: DeploymentConfiguration\nname: small\ncontainer: {env: {THREADS: 2}}\n"
    application = APPLICATION.replace("{model: adder}", "{model: adder:1, deployment_config: small}")
    first = write(f"{application}---\n{configuration}")
    (model_folder / "serving.yaml").write_text(MODEL)
    outcomes = cli.json("apply", "-f", first, "-f", model_folder)
    assert [outcome["kind"] for outcome in outcomes] == ["DeploymentConfiguration", "Model", "Application"]
    assert platform.configurations["small"]["container"] == {"env": {"THREADS": "2"}}
    again = cli.json("apply", "-f", first, "-f", model_folder)
    assert {outcome["action"] for outcome in again} == {"unchanged"}


def test_a_configuration_cannot_change(cli: Cli, platform: PlatformDouble, write: Callable[[str], str]) -> None:
    text = "kind: DeploymentConfiguration\nname: small\ndeployment: {replicaCount: 1}\n"
    cli("apply", "-f", write(text))
    refused = cli("apply", "-f", write(text.replace("1}", "2}")), code=1)
    assert "cannot be changed" in refused.stderr


def test_k09_standard_input(cli: Cli, platform: PlatformDouble) -> None:
    cli("apply", "-f", "-", stdin="kind: DeploymentConfiguration\nname: piped\n")
    assert "piped" in platform.configurations


def test_a_model_that_is_not_there_is_named(cli: Cli, write: Callable[[str], str]) -> None:
    assert "'adder' has no Released version" in cli("apply", "-f", write(APPLICATION), code=1).stderr


def test_missing_files_are_told_before_anything_is_sent(
    cli: Cli, platform: PlatformDouble, write: Callable[[str], str]
) -> None:
    told = cli("apply", "-f", write(MODEL), code=2).stderr
    assert "model adder: payload src/" in told
    assert "model adder: payload requirements.txt" in told
    assert not platform.requests


def test_k10_training_data_that_is_not_there_is_told_before_anything_is_sent(
    cli: Cli, platform: PlatformDouble, model_folder: Path
) -> None:
    document = model_folder / "serving.yaml"
    document.write_text(f"training-data: [data.csv, s3://lake/more.csv]\n{document.read_text()}")
    told = cli("apply", "-f", model_folder, code=2).stderr
    assert f"model adder: training-data: there is no file {model_folder / 'data.csv'}" in told
    assert "s3://" not in told
    assert not platform.requests


def test_the_platform_refuses_field_by_field(cli: Cli, model_folder: Path) -> None:
    document = model_folder / "serving.yaml"
    document.write_text(document.read_text().replace("runtime: python", "runtime: fortran"))
    told = cli("apply", "-f", model_folder, code=1).stderr
    assert "/runtime: expected one of python, sklearn, onnx, received fortran" in told
    assert "request r-1" in told


@pytest.fixture
def two_models(tmp_path: Path, model_folder: Path) -> tuple[str, Path, str, Path]:
    """The arguments that apply two models."""
    other = Path(shutil.copytree(model_folder, tmp_path / "other"))
    document = other / "serving.yaml"
    document.write_text(document.read_text().replace("adder", "other"))
    return "-f", model_folder, "-f", other


def test_models_build_side_by_side(cli: Cli, platform: PlatformDouble, two_models: tuple[str, Path, str, Path]) -> None:
    platform.looks = 2
    applied = cli.json("apply", *two_models)
    assert [(each["name"], each["status"]) for each in applied if each["kind"] == "Model"] == [
        ("adder:1", "Released"),
        ("other:1", "Released"),
    ]
    called = [(request.method, request.path) for request in platform.requests]
    last_upload = max(place for place, (_, path) in enumerate(called) if path.endswith("/complete"))
    assert last_upload < called.index(("GET", "/api/v2/model/version/adder/1"))


def test_a_failed_build_hides_none_that_goes_on(
    cli: Cli, platform: PlatformDouble, two_models: tuple[str, Path, str, Path]
) -> None:
    platform.fail_builds = "no module named nothing"
    told = cli("apply", *two_models, code=1)
    assert "adder:1 failed" in told.stderr
    assert "other:1" in told.stdout
    assert "adder:1" not in told.stdout
