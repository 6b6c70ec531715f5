"""The wirings build what the slices need, from the environment that the infrastructure sets."""

import json

import pytest

from functions.access import wiring as access
from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.alerts import wiring as alerts
from functions.alerts.ports import Ports as AlertPorts
from functions.core.models import Application
from functions.core.settings import AccessSettings, AlertSettings, ManagerSettings, SonarSettings, read_settings
from functions.gateway import wiring as gateway
from functions.gateway.publish import BackgroundSink
from functions.manager import wiring as manager
from functions.manager.ports import Ports
from functions.sonar import wiring as sonar
from functions.sonar.ports import Ports as SonarPorts
from tests.fakes.entities import application
from tests.fakes.observation_sink import FakeObservationSink

pytestmark = pytest.mark.disable_socket

ENVIRONMENT = {
    "TABLE_PREFIX": "dewpoint-test",
    "PAYLOAD_BUCKET": "payloads",
    "BUILD_PROJECT": "model-build",
    "MODEL_REPOSITORY": "registry/models",
    "RUNTIME_IMAGES": json.dumps({"sklearn": "registry/runtimes:1"}),
    "PACKAGE_INDEXES": "dewpoint-test/package-index/",
    "CLUSTER": "dewpoint-test",
    "SUBNETS": json.dumps(["subnet-1"]),
    "SECURITY_GROUPS": json.dumps(["sg-1"]),
    "EXECUTION_ROLE_ARN": "arn:aws:iam::123456789012:role/execution",
    "SERVABLE_LOG_GROUP": "/dewpoint-test/servables",
}
PORTS = [name for name in vars(Ports) if isinstance(vars(Ports)[name], property)]
ALERT_PORTS = [name for name in vars(AlertPorts) if isinstance(vars(AlertPorts)[name], property)]


@pytest.mark.parametrize("name", PORTS)
def test_every_port_of_the_manager_is_built_once(aws: str, name: str) -> None:
    ports = manager.AwsPorts(read_settings(ManagerSettings, ENVIRONMENT))
    assert getattr(ports, name) is getattr(ports, name)


@pytest.mark.parametrize("name", [name for name in vars(SonarPorts) if isinstance(vars(SonarPorts)[name], property)])
def test_every_port_of_sonar_is_built_once(aws: str, name: str) -> None:
    environment = {"TABLE_PREFIX": "dewpoint-test", "OBSERVATIONS_BUCKET": "observations"}
    ports = sonar.AwsPorts(read_settings(SonarSettings, environment))
    assert getattr(ports, name) is getattr(ports, name)


@pytest.mark.parametrize("name", ALERT_PORTS)
def test_every_port_of_the_alerts_is_built_once(aws: str, name: str) -> None:
    ports: AlertPorts = alerts.AwsPorts(read_settings(AlertSettings, {"TABLE_PREFIX": "dewpoint-test"}))
    assert getattr(ports, name) is getattr(ports, name)


def test_there_are_ports_to_build() -> None:
    assert {"models", "host", "builder", "events"} <= set(PORTS)


def test_the_environment_reaches_the_rules(aws: str) -> None:
    ports: Ports = manager.AwsPorts(read_settings(ManagerSettings, ENVIRONMENT))
    assert ports.rules.runtime_images == {"sklearn": "registry/runtimes:1"}
    assert ports.rules.model_repository == "registry/models"


def test_the_access_slice_reads_the_table_of_keys(tables: str) -> None:
    ports = access.build(read_settings(AccessSettings, {"TABLE_PREFIX": tables}))
    assert isinstance(ports.keys, DynamoKeyStore)
    assert ports.keys.list() == []
    assert ports.clock.now().tzinfo is not None


def test_the_gateway_remembers_nothing_over_http(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TABLE_PREFIX": "t",
        "OBSERVATIONS_QUEUE_URL": "q",
        "OBSERVATIONS_BUCKET": "b",
        "EXCHANGE_BUCKET": "e",
        "EVENTS_QUEUE_URL": "e",
    }.items():
        monkeypatch.setenv(name, value)
    gateway.settings.cache_clear()
    memory = gateway.build_ports(BackgroundSink(FakeObservationSink()), gateway.sleepers()).memory
    gateway.settings.cache_clear()
    reads: list[str] = []

    def read(name: str) -> Application:
        reads.append(name)
        return application(name, "servable")

    for _ in range(3):
        memory.application("app", read)
    assert reads == ["app"] * 3
