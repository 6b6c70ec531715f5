"""The limit of elements: exact when counted, and seen in a document before anything is made of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.budget import BESIDES, MOST_TENSORS, Budget
from functions.core.errors import PayloadTooLarge

TEXT = st.text(alphabet='a,"\\[]{}:', max_size=6)
JSON = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def count(value: Any) -> int:
    """Scalars and what is empty."""
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return sum(map(count, inside)) or 1


def test_the_limit_holds_to_the_element() -> None:
    budget = Budget(5)
    budget.take(2)
    budget.take(3)
    with pytest.raises(PayloadTooLarge, match="at most 5"):
        budget.take(1)


@given(value=JSON)
def test_a_document_is_refused_by_its_values_whatever_its_texts_hold(value: Any) -> None:
    raw, values = json.dumps(value).encode(), count(value)
    Budget(values - BESIDES).check_document(raw)
    padded = raw + b" " * 2 * values
    with pytest.raises(PayloadTooLarge, match=f"holds {values} values"):
        Budget(values - BESIDES - 1).check_document(padded)


def test_texts_full_of_commas_are_one_value_each() -> None:
    Budget(0).check_document(json.dumps(["," * 100_000, '\\",' * 100_000]).encode())


def test_the_limit_of_tensors_holds_to_the_tensor() -> None:
    Budget().check_tensors("inputs", MOST_TENSORS)
    with pytest.raises(PayloadTooLarge, match=f"{MOST_TENSORS + 1} inputs came; at most {MOST_TENSORS}"):
        Budget().check_tensors("inputs", MOST_TENSORS + 1)
