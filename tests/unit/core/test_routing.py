import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.models import Variant
from functions.core.routing import choose


def variants(*weights: int) -> list[Variant]:
    return [
        Variant(
            model_version_id=at,
            model_name="m",
            model_version=at,
            servable_name=f"s{at}",
            deployment_configuration_name="default",
            weight=weight,
        )
        for at, weight in enumerate(weights)
    ]


@pytest.mark.parametrize("weights", [(50, 50), (80, 20), (20, 80), (34, 33, 33), (100, 0), (0, 100)])
def test_shares_equal_the_weights(weights: tuple[int, ...]) -> None:
    """The table on which the reference system fails: within half a point over 100,000 draws."""
    chance = random.Random(7)
    offered = variants(*weights)
    seen = Counter(choose(offered, chance.random()).model_version for _ in range(100_000))
    for at, weight in enumerate(weights):
        assert abs(seen[at] / 1000 - weight) <= 0.5


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any), st.floats(0, 1, exclude_max=True))
def test_a_variant_without_weight_never_answers(weights: list[int], draw: float) -> None:
    assert choose(variants(*weights), draw).weight > 0


def test_no_weight_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no variant"):
        choose(variants(0, 0), 0.5)
