"""The environment, read once and checked: a struct per function; what is missing is an error at start."""

import os
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from functions.core.budget import DEFAULT


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Field `table_prefix` is read from the variable TABLE_PREFIX; lists and objects are JSON."""


class AccessSettings(Settings, frozen=True, kw_only=True):
    table_prefix: str


class GatewaySettings(Settings, frozen=True, kw_only=True):
    table_prefix: str
    observations_queue_url: str
    observations_bucket: str  # for observations too large for the queue
    exchange_bucket: str  # for inputs and answers too large for a call
    events_queue_url: str  # of the manager, who wakes servables
    predict_timeout: float = 10.0  # seconds for all stages together
    max_message_bytes: int = 64 * 1024 * 1024
    max_elements: int = DEFAULT  # of one request, those that are objects of their own (core/budget.py)


class ManagerSettings(Settings, frozen=True, kw_only=True):
    table_prefix: str
    payload_bucket: str
    build_project: str
    model_repository: str  # URI of the ECR repository for model images
    runtime_images: dict[str, str]  # runtime name -> image URI
    package_indexes: str  # what the names of the secrets begin with that hold a pip.conf each
    cluster: str
    subnets: list[str]
    security_groups: list[str]
    execution_role_arn: str
    servable_log_group: str
    servable_port: int = 9091
    servable_command: list[str] = []  # empty: the image's own command
    max_payload_bytes: int = 512 * 1024 * 1024
    upload_expiry: int = 3600  # seconds


class SonarSettings(Settings, frozen=True, kw_only=True):
    """`lease`: seconds after which a worker that claimed predictions is certainly dead; longer than its timeout."""

    table_prefix: str
    observations_bucket: str
    observations_queue_url: str = ""
    events_queue_url: str = ""  # of the manager, who wakes servables
    dead_letters_url: str = ""
    care_queue_url: str = ""  # of those who keep the request log
    alerts_queue_url: str = ""  # of who keeps watch over the log
    lease: float = 180.0
    call_timeout: float = 20.0  # seconds that shadow and metric servables have for one batch
    log_days: int = 90
    max_message_bytes: int = 64 * 1024 * 1024
    training_queue_url: str = ""
    training_buckets: list[str] = []  # beside the platform's own: those that training data may be read from


class AlertSettings(Settings, frozen=True, kw_only=True):
    """Of whoever keeps watch, delivers, and answers about alerts. `signing_secrets`: what the names of the secrets
    begin with that sign webhooks. `public_url`: where people look at the platform, for links."""

    table_prefix: str
    deliveries_queue_url: str = ""
    alert_topic: str = ""
    signing_secrets: str = ""
    public_url: str = ""
    allow_private_receivers: bool = False  # plain HTTP, and addresses that are not public


S = TypeVar("S", bound=Settings)


def read_settings(cls: type[S], environment: Mapping[str, str] | None = None) -> S:
    """The settings of `cls`, from the process's environment unless another is given.

    Raises ValueError naming every variable that is missing or malformed.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(cls):
        raw = environment.get(field.name.upper())
        if raw is None:
            if field.required:
                problems.append(f"{field.name.upper()} is not set")
            continue
        try:
            values[field.name] = _read(raw, field.type)
        except msgspec.MsgspecError as error:
            problems.append(f"{field.name.upper()}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return cls(**values)


def _read(raw: str, wanted: object) -> object:
    if wanted is str:
        return raw
    return msgspec.json.decode(raw, type=wanted)
