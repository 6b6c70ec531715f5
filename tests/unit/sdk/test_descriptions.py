"""`dewpoint app example` and `app openapi`, against the manager's real code."""

import json
from pathlib import Path

import pytest
from dewpoint import Dewpoint
from openapi_spec_validator import validate

from tests.unit.sdk.conftest import Cli

INPUTS = {"x1": 1, "x2": 1}


@pytest.fixture
def adder(manager: Cli, model_folder: Path) -> Cli:
    manager("apply", "-f", model_folder)
    return manager


def test_app_example_prints_inputs_that_can_be_sent(adder: Cli) -> None:
    assert json.loads(adder("app", "example", "adder").stdout) == INPUTS
    assert adder("app", "example", "adder", "-o", "yaml").stdout == "x1: 1.0\nx2: 1.0\n"
    assert "(404)" in adder("app", "example", "none", code=1).stderr


@pytest.mark.parametrize("kind", ["curl", "python", "httpx", "grpcurl"])
def test_app_example_prints_the_call_as_it_is_pasted(adder: Cli, kind: str) -> None:
    call = adder.json("app", "show", "adder")["example"][kind]
    assert adder("app", "example", "adder", "--as", kind).stdout == call.rstrip("\n") + "\n"
    assert "x1" in call


def test_app_openapi_prints_a_valid_document(adder: Cli) -> None:
    document = json.loads(adder("app", "openapi", "adder").stdout)
    validate(document)
    assert document["info"]["title"] == "adder"


def test_the_client_has_examples_and_documents(adder: Cli) -> None:
    with Dewpoint.from_context(config=adder.config) as dewpoint:
        assert dewpoint.applications.example_inputs("adder") == INPUTS
        assert dewpoint.applications.get("adder").example["inputs"] == INPUTS
        assert dewpoint.applications.list()[0].example == {}
        assert "/gateway/application/adder" in dewpoint.applications.openapi("adder")["paths"]
