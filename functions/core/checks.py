"""Checks: the verdict of one rule on one observation.

A rule always says what is *healthy*: a check has passed when its condition holds. What could not be decided, because a
metric model failed or gave no number, is errored: neither passed nor failed, and never left out.
"""

import enum
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from functions.core.dtypes import NON_FINITE
from functions.core.errors import InvalidRequest, Problem

Value = int | float | str | bool | None


class Verdict(enum.StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"


class Operator(enum.StrEnum):
    """Healthy when value OP threshold. Members are the reference system's names."""

    EQ = "Eq"
    NOT_EQ = "NotEq"
    GREATER = "Greater"
    LESS = "Less"
    GREATER_EQ = "GreaterEq"
    LESS_EQ = "LessEq"

    @property
    def symbol(self) -> str:
        return SYMBOLS[self]

    def holds(self, value: float, threshold: float) -> bool:
        return COMPARISONS[self](value, threshold)


SYMBOLS = {
    Operator.EQ: "==",
    Operator.NOT_EQ: "!=",
    Operator.GREATER: ">",
    Operator.LESS: "<",
    Operator.GREATER_EQ: ">=",
    Operator.LESS_EQ: "<=",
}
COMPARISONS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NOT_EQ: operator.ne,
    Operator.GREATER: operator.gt,
    Operator.LESS: operator.lt,
    Operator.GREATER_EQ: operator.ge,
    Operator.LESS_EQ: operator.le,
}


class Check(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`name` tells a field's checks apart (min, max, category, missing) or is the metric's name.

    `description` is the healthy condition in words; `reason` says why a check errored.
    """

    name: str
    verdict: Verdict
    description: str
    value: Value = None
    threshold: Value = None
    metric_spec_id: str | None = None
    reason: str = ""


def parse_operator(text: str, pointer: str = "") -> Operator:
    """The operator called `text`: Less, LESS, LESS_EQ, lesseq, or a symbol such as `<=`. Raises InvalidRequest."""
    known = {symbol: member for member, symbol in SYMBOLS.items()} | {m.value.lower(): m for m in Operator}
    found = known.get(text.lower().replace("_", "").strip())
    if found is None:
        expected = ", ".join(f"{member.value} ({member.symbol})" for member in Operator)
        raise InvalidRequest.of([Problem(pointer, f"one of {expected}", repr(text)[:80])])
    return found


def metric_check(
    name: str, healthy: Operator, threshold: float, value: object, *, spec_id: str | None = None, error: str = ""
) -> Check:
    """The check of a metric: passed when `value` stands in the `healthy` relation to `threshold`.

    Errored when the metric model failed (`error` says how) or gave no number.
    """
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    reason = error or (
        "" if number is not None and not math.isnan(number) else f"expected a number, received {value!r}"
    )
    description = f"healthy when value {healthy.symbol} {str(threshold).removesuffix('.0')}"
    if reason or number is None:
        verdict = Verdict.ERRORED
    else:
        verdict = Verdict.PASSED if healthy.holds(number, threshold) else Verdict.FAILED
    return Check(
        name=name,
        verdict=verdict,
        description=description,
        value=None if verdict is Verdict.ERRORED else spelled(number),
        threshold=threshold,
        metric_spec_id=spec_id,
        reason=reason[:200],
    )


def spelled(value: Value) -> Value:
    """As JSON can say it: what is not finite by its name, as in tensors."""
    if isinstance(value, float) and not math.isfinite(value):
        return next(name for name, known in NON_FINITE.items() if known == value or (value != value and known != known))
    return value


def score(checks: Iterable[Check]) -> float | None:
    """The share of checks that passed among those that were decided; None when none was."""
    verdicts = [check.verdict for check in checks if check.verdict is not Verdict.ERRORED]
    return verdicts.count(Verdict.PASSED) / len(verdicts) if verdicts else None
