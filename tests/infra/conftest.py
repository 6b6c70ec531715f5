import pytest

from tests.infra.synth import EVERYWHERE, Environments, Template


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    return Environments(tmp_path_factory.mktemp("assembly"))


@pytest.fixture(params=EVERYWHERE)
def stacks(request: pytest.FixtureRequest, environments: Environments) -> dict[str, Template]:
    """Stack -> template, of each environment in turn."""
    return environments[request.param]
