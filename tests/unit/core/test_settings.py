import pytest

from functions.core.settings import AccessSettings, GatewaySettings, ManagerSettings, read_settings

MANAGER = {
    "TABLE_PREFIX": "dewpoint-test",
    "PAYLOAD_BUCKET": "payloads",
    "BUILD_PROJECT": "build",
    "MODEL_REPOSITORY": "registry/models",
    "PACKAGE_INDEXES": "dewpoint-test/package-index/",
    "RUNTIME_IMAGES": '{"sklearn": "registry/runtimes:1"}',
    "CLUSTER": "cluster",
    "SUBNETS": '["subnet-1", "subnet-2"]',
    "SECURITY_GROUPS": '["sg-1"]',
    "EXECUTION_ROLE_ARN": "arn:aws:iam::000000000000:role/execution",
    "SERVABLE_LOG_GROUP": "/dewpoint/servables",
}


def test_text_stays_text_and_the_rest_is_json() -> None:
    settings = read_settings(ManagerSettings, MANAGER | {"SERVABLE_PORT": "9000"})
    assert settings.runtime_images == {"sklearn": "registry/runtimes:1"}
    assert settings.subnets == ["subnet-1", "subnet-2"]
    assert settings.servable_port == 9000
    assert read_settings(AccessSettings, {"TABLE_PREFIX": "12"}).table_prefix == "12"


def test_the_limit_of_elements_is_a_setting() -> None:
    names = ("TABLE_PREFIX", "OBSERVATIONS_QUEUE_URL", "OBSERVATIONS_BUCKET", "EXCHANGE_BUCKET", "EVENTS_QUEUE_URL")
    environment = dict.fromkeys(names, "x")
    assert read_settings(GatewaySettings, environment).max_elements == 10_000_000
    assert read_settings(GatewaySettings, environment | {"MAX_ELEMENTS": "5"}).max_elements == 5


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"TABLE_PREFIX is not set.*PREDICT_TIMEOUT.*float"):
        read_settings(
            GatewaySettings,
            {
                "OBSERVATIONS_QUEUE_URL": "u",
                "OBSERVATIONS_BUCKET": "b",
                "EXCHANGE_BUCKET": "e",
                "PREDICT_TIMEOUT": '"soon"',
            },
        )
