"""What is measured in one process is called as it is now: a change of the doors shows here, not in the next run."""

import pytest

from benchmarks.serving.inside import json_to_tensor


@pytest.mark.parametrize("floats", [4, 8000], ids=["small", "large"])
def test_every_form_of_json_becomes_a_tensor(floats: int) -> None:
    forms = {
        "plain JSON, one list",
        "plain JSON, nested lists",
        "Open Inference, one list",
        "Open Inference, nested lists",
    }
    measured = json_to_tensor(floats)
    assert set(measured) == forms
    assert all(milliseconds >= 0 for milliseconds in measured.values())
