import pytest

from tests.cloud import Cloud
from tests.e2e import elastic


@pytest.fixture(scope="session")
def elastic_cloud(cloud: Cloud) -> Cloud:
    """A cloud that has the elastic model, and configurations with one replica and with two."""
    elastic.build(cloud)
    with cloud.http() as http:
        for name, replicas in (("one", 1), ("two", 2)):
            made = http.post(
                "/api/v2/deployment_configuration", json={"name": name, "deployment": {"replicaCount": replicas}}
            )
            assert made.status_code in (201, 409), made.text
    return cloud
