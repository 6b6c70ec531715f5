"""The metrics of a model's document: their names, their operators, and what is wrong with them."""

import pytest

from tests.unit.sdk.documents import CENSUS, faults, load


@pytest.mark.parametrize(
    "operator",
    ["==", "!=", ">", "<", ">=", "<=", "Eq", "NotEq", "Greater", "Less", "GreaterEq", "LessEq", "lessEq", "LESSEQ"],
)
def test_k10_operators_are_names_or_symbols(operator: str) -> None:
    assert len(load(CENSUS.replace('operator: "<="', f'operator: "{operator}"')).models) == 1
    assert "operator" in faults(CENSUS.replace('operator: "<="', f'operator: "{operator}~"'))[0]


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
