"""Checks against the training profile, metric checks, and how both stand in the request log."""

import json
import math
from typing import Any

import numpy as np
import pytest

from functions.core.checks import Check, Operator, Verdict, metric_check, parse_operator, score
from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest
from functions.core.signature import Field, Profile
from functions.numerics.checks.document import check_fields
from functions.numerics.checks.judge import checks_by_row, judge
from functions.numerics.checks.rules import rules_of
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import profile_column
from functions.numerics.profiles.language_tools import LanguageTools
from tests.unit.numerics.columns import field, numbers, objects

AGE, CITY, POINT = field("age", DType.INT64), field("city", DType.STRING), field("point", DType.DOUBLE, (2,))


def verdicts(named: Field, training: Column, production: Column) -> list[dict[str, dict[str, Verdict]]]:
    """Of each production row: by element and check."""
    judged = judge(rules_of(named.name, profile_column(named, training)), {named.name: production})
    return [
        {element: {check.name: check.verdict for check in checks} for element, checks in row.items()}
        for row in checks_by_row(judged, production.rows)
    ]


PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


def test_s09_a_number_outside_the_training_range_fails_on_its_side() -> None:
    found = verdicts(AGE, numbers([20, 30, 65], int), numbers([20, 65, 19, 66], int))
    within, below, above = ({"min": a, "max": b} for a, b in ((PASSED, PASSED), (FAILED, PASSED), (PASSED, FAILED)))
    assert found == [{"age": within}, {"age": within}, {"age": below}, {"age": above}]


def test_s09_whole_numbers_are_compared_exactly() -> None:
    found = verdicts(AGE, numbers([0, 2**53], np.uint64), numbers([2**53, 2**53 + 1], np.uint64))
    assert [row["age"]["max"] for row in found] == [PASSED, FAILED]


def test_s09_each_element_of_a_vector_has_its_own_range() -> None:
    found = verdicts(POINT, numbers([[0, 10], [1, 20]]), numbers([[0.5, 15], [0.5, 5], [15, 15]]))
    assert [row["point_0"]["max"] for row in found] == [PASSED, PASSED, FAILED]
    assert [row["point_1"]["min"] for row in found] == [PASSED, FAILED, PASSED]


def test_s09_elements_profiled_together_fail_together() -> None:
    anything = field("rows", DType.DOUBLE, None)
    training = objects([[1.0], [2.0, 3.0]])
    judged = judge(
        rules_of("rows", profile_column(anything, training)), {"rows": objects([[1.0, 2.0, 3.0], [2.0, 9.0, 8.0]])}
    )
    found = checks_by_row(judged, 2)
    assert [row["rows"][1].verdict for row in found] == [PASSED, FAILED]
    assert found[1]["rows"][1].value == 9  # the first that broke the rule


def test_s09_rows_of_any_length_are_whole_where_training_had_such() -> None:
    anything = field("rows", DType.DOUBLE, (-1,))
    found = verdicts(anything, objects([[1.0], [2.0, 3.0]]), objects([[3.0, 1.0, 2.0], [1.0], [], None, [9.0]]))
    within, above = ({"min": PASSED, "max": verdict} for verdict in (PASSED, FAILED))
    assert found == [{"rows": within}, {"rows": within}, {}, {"rows": {"missing": FAILED}}, {"rows": above}]


def test_s09_whole_numbers_of_vectors_are_compared_exactly() -> None:
    large = field("rows", DType.UINT64, (-1,))
    rows = [np.array(row, np.uint64) for row in ([1, 2**63 + 1], [1], [2**63 + 2, 1, 1])]
    assert [row["rows"]["max"] for row in verdicts(large, objects(rows[:2]), objects(rows))] == [PASSED, PASSED, FAILED]


def test_s09_an_infinity_is_healthy_only_on_the_side_where_training_had_some() -> None:
    infinities = numbers([math.inf, -math.inf, 7])
    found = verdicts(field("x", DType.DOUBLE), numbers([1, math.inf, 2]), infinities)
    assert [tuple(row["x"].values()) for row in found] == [(PASSED, PASSED), (FAILED, PASSED), (PASSED, FAILED)]
    found = verdicts(field("x", DType.DOUBLE), numbers([1, -math.inf, 2]), infinities)
    assert [tuple(row["x"].values()) for row in found] == [(PASSED, FAILED), (PASSED, PASSED), (PASSED, FAILED)]


def test_s09_a_vector_that_is_too_short_lacks_its_last_element() -> None:
    found = verdicts(POINT, numbers([[0, 10], [1, 20]]), objects([[0.5], [0.5, 15]]))
    assert found[0] == {"point_0": {"min": PASSED, "max": PASSED}, "point_1": {"missing": FAILED}}
    assert found[1]["point_1"] == {"min": PASSED, "max": PASSED}


def test_s09_an_unknown_category_fails() -> None:
    found = verdicts(CITY, objects(["Oslo", "Łódź"]), objects(["Łódź", "Lodz", None]))
    assert found == [{"city": {"category": PASSED}}, {"city": {"category": FAILED}}, {"city": {"missing": FAILED}}]


@pytest.mark.parametrize(
    ("named", "training", "production"),
    [
        (field("b", DType.BOOL), numbers([True, True], bool), numbers([True, False], bool)),
        (field("o", DType.INT8, profile=Profile.ORDINAL), numbers([1, 3], np.int8), numbers([3, 2], np.int8)),
        (field("n", DType.DOUBLE, profile=Profile.NOMINAL), numbers([0.5]), numbers([0.5, 0.25])),
    ],
)
def test_s09_booleans_and_numbers_are_categories_too(named: Field, training: Column, production: Column) -> None:
    found = verdicts(named, training, production)
    assert [row[named.name]["category"] for row in found] == [PASSED, FAILED]


def test_s09_missing_values_are_healthy_only_where_training_had_some() -> None:
    lacking = numbers([1, 0], missing=[False, True])
    age = field("age", DType.DOUBLE)
    assert verdicts(age, numbers([1, 2]), lacking)[1] == {"age": {"missing": FAILED}}
    assert verdicts(age, numbers([1, 2, 0], missing=[False, False, True]), lacking)[1] == {}


def test_s09_a_missing_vector_is_healthy_where_training_lacked_some() -> None:
    lacking = numbers([[0, 0]], missing=[True])
    whole, holed = numbers([[1, 2]]), numbers([[1, 2], [0, 0]], missing=[False, True])
    assert verdicts(POINT, whole, lacking) == [{"point_0": {"missing": FAILED}, "point_1": {"missing": FAILED}}]
    assert verdicts(POINT, holed, lacking) == [{}]


def test_s09_a_nan_is_healthy_only_where_training_had_some() -> None:
    age = field("age", DType.DOUBLE)
    assert verdicts(age, numbers([1, 2]), numbers([math.nan]))[0] == {"age": {"min": FAILED, "max": FAILED}}
    assert verdicts(age, numbers([1, 2, math.nan]), numbers([math.nan]))[0] == {}
    assert verdicts(age, numbers([1, 2, math.nan]), numbers([math.inf]))[0]["age"]["max"] is FAILED


def test_s09_a_field_that_is_absent_is_missing_in_every_row() -> None:
    rules = rules_of("age", profile_column(AGE, numbers([1, 2], int))) + rules_of(
        "city", profile_column(CITY, objects(["a"]))
    )
    judged = judge(rules, {"city": objects(["a", "a"])})
    assert [check.name for check in checks_by_row(judged, 2)[1]["age"]] == ["missing"]


@pytest.mark.parametrize(
    ("named", "training"),
    [
        (AGE, numbers([], int)),
        (CITY, objects([None])),
        (field("note", DType.STRING, profile=Profile.TEXT), objects(["some text"])),
        (CITY, objects([f"id {at}" for at in range(5000)])),
    ],
    ids=["no rows", "never a value", "text", "too many categories"],
)
def test_s09_what_training_cannot_tell_is_not_checked(named: Field, training: Column) -> None:
    kinds = {rule.kind for rule in rules_of(named.name, profile_column(named, training, LanguageTools()))}
    assert kinds <= {"missing"}


def test_s09_a_text_where_a_number_belongs_is_an_error_not_a_verdict() -> None:
    with pytest.raises(TypeError, match="age: expected numbers, received 'old'"):
        verdicts(AGE, numbers([1, 2], int), objects(["old"]))


CASES = {
    Operator.EQ: (False, True, False),
    Operator.NOT_EQ: (True, False, True),
    Operator.GREATER: (False, False, True),
    Operator.LESS: (True, False, False),
    Operator.GREATER_EQ: (False, True, True),
    Operator.LESS_EQ: (True, True, False),
}


@pytest.mark.parametrize("healthy", Operator)
def test_s10_the_operator_states_the_healthy_condition(healthy: Operator) -> None:
    found = [metric_check("drift", healthy, 0.97, value) for value in (0.5, 0.97, 1.5)]
    assert tuple(check.verdict is PASSED for check in found) == CASES[healthy]
    assert all(check.description == f"healthy when value {healthy.symbol} 0.97" for check in found)


@pytest.mark.parametrize("text", ["Less", "LESS", "less", "<"])
def test_s10_operators_are_read_in_every_spelling(text: str) -> None:
    assert parse_operator(text) is Operator.LESS


def test_s10_every_operator_is_read_by_name_and_symbol() -> None:
    for member in Operator:
        assert parse_operator(member) is parse_operator(member.name) is parse_operator(member.symbol) is member
    with pytest.raises(InvalidRequest, match=r"Eq .==., .*received 'about'"):
        parse_operator("about", "/config/thresholdCmpOperator")


@pytest.mark.parametrize(
    ("value", "error", "reason"),
    [
        (None, "model failed: boom", "model failed: boom"),
        (None, "", "expected a number, received None"),
        ("0.3", "", "expected a number, received '0.3'"),
        (True, "", "expected a number, received True"),
        (math.nan, "", "expected a number, received nan"),
    ],
)
def test_s11_a_metric_that_gives_no_number_errored(value: object, error: str, reason: str) -> None:
    check = metric_check("drift", Operator.LESS, 0.97, value, error=error, spec_id="spec-1")
    assert (check.verdict, check.reason, check.value) == (Verdict.ERRORED, reason, None)


def test_s11_an_infinite_value_is_compared() -> None:
    found = metric_check("drift", Operator.LESS, 0.97, math.inf)
    assert (found.verdict, found.value) == (FAILED, "Infinity")  # JSON has no infinity


def test_s10_the_healthy_condition_is_told_to_the_last_digit() -> None:
    told = metric_check("distance", Operator.LESS_EQ, 4.236688464332743, 1.0).description
    assert told == "healthy when value <= 4.236688464332743"


def check(verdict: Verdict) -> Check:
    return Check(name="x", verdict=verdict, description="")


@pytest.mark.parametrize(
    ("found", "expected"), [("", None), ("e", None), ("p", 1), ("f", 0), ("pppf", 0.75), ("pe", 1), ("fee", 0)]
)
def test_s11_errored_checks_have_no_part_in_a_score(found: str, expected: float | None) -> None:
    named = {"p": Verdict.PASSED, "f": Verdict.FAILED, "e": Verdict.ERRORED}
    assert score(check(named[letter]) for letter in found) == expected


def test_s12_checks_stand_in_the_log_by_the_reference_systems_names() -> None:
    judged = judge(rules_of("age", profile_column(AGE, numbers([20, 65], int))), {"age": numbers([70], int)})
    metrics = {
        "drift": metric_check("drift", Operator.LESS, 0.97, 0.5, spec_id="spec-1"),
        "knn": metric_check("knn", Operator.LESS, 4.2, None, error="not serving", spec_id="spec-2"),
    }
    fields: dict[str, Any] = json.loads(json.dumps(check_fields(checks_by_row(judged, 1)[0], metrics), allow_nan=False))
    assert (fields["_hs_score"], fields["_hs_age_score"], fields["_hs_overall_score"]) == (0.5, 0.5, 1)
    assert fields["_hs_errored"] == 1
    above = fields["_hs_raw_checks"]["age"][1]
    assert (above["check"], above["description"], above["threshold"], above["value"]) == (False, "<= 65", 65, 70)
    assert fields["_hs_metric_checks"]["drift"]["metricSpecId"] == "spec-1"
    errored = fields["_hs_metric_checks"]["knn"]
    assert (errored["check"], errored["result"], errored["reason"]) == (None, "errored", "not serving")


def test_s12_without_metrics_there_is_no_overall_score() -> None:
    assert check_fields({}, {})["_hs_overall_score"] is None
