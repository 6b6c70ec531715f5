"""Metrics on the command line and in the Python client, against the manager's real code."""

from pathlib import Path

import pytest
from dewpoint import Dewpoint, MetricSpec
from dewpoint.errors import InvalidInput

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.managed_platform import outcomes

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
