from pathlib import Path

import pytest

from tests.infra.synth import EVERYWHERE, Environments, Template

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker takes all of them: it synthesises while the others are busy with other tests."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    return Environments(tmp_path_factory.mktemp("assembly"))


@pytest.fixture(params=EVERYWHERE)
def stacks(request: pytest.FixtureRequest, environments: Environments) -> dict[str, Template]:
    """Stack -> template, of each environment in turn."""
    return environments[request.param]
