"""Which variant answers: one uniform draw over cumulative weights."""

from collections.abc import Sequence

from functions.core.models import Variant


def choose(variants: Sequence[Variant], draw: float) -> Variant:
    """The variant whose share of [0, 1) holds `draw`. A weight of 0 never answers.

    Raises ValueError when no variant has a weight.
    """
    total = sum(variant.weight for variant in variants)
    if total <= 0:
        raise ValueError("no variant has a weight above 0")
    mark, edge = draw * total, 0
    for variant in variants:
        edge += variant.weight
        if mark < edge:
            return variant
    return next(variant for variant in reversed(variants) if variant.weight)
