"""The three examples, deployed once by the CLI as a user would."""

from dataclasses import dataclass

import pytest

from tests.cloud import Cloud

EXAMPLES = ("penguins", "digits", "blobs")


@dataclass(frozen=True)
class Served:
    """The cloud with all examples serving."""

    cloud: Cloud


@pytest.fixture(scope="session")
def served(cloud: Cloud) -> Served:
    done = cloud.cli("apply", *[word for name in EXAMPLES for word in ("-f", f"examples/{name}")])
    assert done.code == 0, done.out + done.err
    return Served(cloud)
