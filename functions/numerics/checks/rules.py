"""The rules that a training profile sets for each element of a field.

A numeric element is healthy between the smallest and the largest training value, a categorical one when training has
seen its value, and either when it is there, unless values were missing in training too. The elements of a vector have
a rule each (`name_0`, …), or the same one where they are profiled together. Texts and images are not checked one by
one: what they measure is profiled and compared as a distribution.
"""

import enum
from collections.abc import Iterable

import msgspec

from functions.core.checks import Operator, Value
from functions.numerics.profiles.categorical import CategoricalProfile
from functions.numerics.profiles.field import FieldProfile
from functions.numerics.profiles.numeric import NumericProfile
from functions.numerics.profiles.vector import VectorProfile

NAMED = 5  # categories that a description lists


class RuleKind(enum.StrEnum):
    MINIMUM = "min"
    MAXIMUM = "max"
    CATEGORY = "category"
    MISSING = "missing"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is the element's in row-major order; None stands for every element of the field.

    A NaN breaks a rule unless `allows_nan`, because training had some as well; among categories it is a missing value.
    So does an infinity on the rule's own side unless `allows_infinite`: the threshold is a finite one.
    """

    field: str
    element: str
    position: int | None
    kind: RuleKind
    threshold: Value = None
    categories: frozenset[Value] = frozenset()
    allows_nan: bool = False
    allows_infinite: bool = False
    nan_is_missing: bool = False

    @property
    def description(self) -> str:
        """The healthy condition in words."""
        if self.kind is RuleKind.MINIMUM:
            return f"{Operator.GREATER_EQ.symbol} {self.threshold}"
        if self.kind is RuleKind.MAXIMUM:
            return f"{Operator.LESS_EQ.symbol} {self.threshold}"
        if self.kind is RuleKind.MISSING:
            return "not missing"
        names = sorted(map(str, self.categories))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return f"one of {', '.join(names[:NAMED])}{more}"


def rules_of(field: str, training: FieldProfile) -> list[Rule]:
    """The rules that follow from a field's training profile; none for a field that never had a value.

    A category that training had too many of to count each (frequencies.BOUND) is not checked.
    """
    if not isinstance(training, VectorProfile):
        return _element_rules(field, field, 0, training)
    rules = []
    for at, profile in enumerate(training.elements):
        element, position = (field, None) if training.together else (f"{field}_{at}", at)
        # rows without the whole vector, or with an empty one, are counted with the vector, not with its elements
        may_lack = training.missing or (position is not None and profile.count < training.count)
        found = _element_rules(field, element, position, profile)
        rules += [rule for rule in found if not (may_lack and rule.kind is RuleKind.MISSING)]
    return rules


def _element_rules(field: str, element: str, position: int | None, training: FieldProfile) -> list[Rule]:
    categorical = isinstance(training, CategoricalProfile)

    def rule(kind: RuleKind, threshold: Value = None, categories: Iterable[Value] = (), infinite: int = 0) -> Rule:
        return Rule(
            field=field,
            element=element,
            position=position,
            kind=kind,
            threshold=threshold,
            categories=frozenset(categories),
            allows_nan=isinstance(training, NumericProfile) and training.nan > 0,
            allows_infinite=infinite > 0,
            nan_is_missing=categorical,
        )

    rules = []
    if isinstance(training, NumericProfile) and training.minimum is not None:
        rules.append(rule(RuleKind.MINIMUM, training.minimum, infinite=training.negative_infinity))
        rules.append(rule(RuleKind.MAXIMUM, training.maximum, infinite=training.positive_infinity))
    elif isinstance(training, CategoricalProfile) and training.frequencies.is_exact and training.frequencies.count:
        rules.append(rule(RuleKind.CATEGORY, categories=training.frequencies.counts))
    if isinstance(training, NumericProfile | CategoricalProfile) and training.count > training.missing == 0:
        rules.append(rule(RuleKind.MISSING))
    return rules
