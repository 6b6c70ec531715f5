import random

import pytest

from functions.core.errors import InvalidRequest
from functions.core.naming import APPLICATION, MODEL, check_name, servable_name


@pytest.mark.parametrize("name", ["penguins", "a", "adult-salary_2"])
def test_good_model_names(name: str) -> None:
    assert check_name(MODEL, name) == name


@pytest.mark.parametrize("name", ["Penguins", "", "a b", "a/b", "a\n", None, 7, "x" * 101])
def test_bad_model_names_say_what_is_expected(name: object) -> None:
    with pytest.raises(InvalidRequest, match=r"/name: expected a name that matches"):
        check_name(MODEL, name)


def test_applications_may_have_capitals() -> None:
    assert check_name(APPLICATION, "Penguins") == "Penguins"


def test_servable_names_are_reproducible_and_dns_safe() -> None:
    name = servable_name("adult_salary", 3, random.Random(1))
    assert name == servable_name("adult_salary", 3, random.Random(1))
    assert name.startswith("adult-salary-3-")
    assert name.count("-") == 4
