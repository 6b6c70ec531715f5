import random

import pytest

from functions.core.errors import InvalidRequest
from functions.core.naming import APPLICATION, DEPLOYMENT, MODEL, check_name, servable_name


@pytest.mark.parametrize("name", ["penguins", "a", "adult-salary_2", "_a", "7"])
def test_good_model_names(name: str) -> None:
    assert check_name(MODEL, name) == name


@pytest.mark.parametrize("name", ["Penguins", "", "a b", "a/b", "a\n", None, 7, "x" * 101, "-x", "٣"])
def test_bad_model_names_say_what_is_expected(name: object) -> None:
    with pytest.raises(InvalidRequest, match=r"/name: expected a name that matches"):
        check_name(MODEL, name)


def test_applications_may_have_capitals() -> None:
    assert check_name(APPLICATION, "Penguins") == "Penguins"


def test_a_name_is_never_a_way_up_a_path() -> None:
    assert check_name(DEPLOYMENT, ".small.") == ".small."
    for dots in (".", ".."):
        with pytest.raises(InvalidRequest):
            check_name(DEPLOYMENT, dots)


def test_servable_names_are_reproducible_and_dns_safe() -> None:
    name = servable_name("adult_salary", 3, random.Random(1))
    assert name == servable_name("adult_salary", 3, random.Random(1))
    assert name.startswith("adult-salary-3-")
    assert name.count("-") == 4
