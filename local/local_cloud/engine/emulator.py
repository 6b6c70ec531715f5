"""The emulator as its own client sees it: address, credentials, clients, events.

Builds and tasks talk to it over its public address, as they would to AWS.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LOG = logging.getLogger(__name__)
DEFAULT_ACCOUNT = "000000000000"
DEFAULT_LISTEN = "127.0.0.1:4566"


def access_key(account: str) -> str:
    """The access key id by which the emulator knows an account."""
    return "test" if account == DEFAULT_ACCOUNT else account


@dataclass
class Emulator:
    """Where the emulator listens; makes clients of its services, one per service, account and region."""

    endpoint: str
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Emulator:
        """From GATEWAY_LISTEN, as the emulator itself."""
        return cls("http://" + (environ.get("GATEWAY_LISTEN") or DEFAULT_LISTEN))

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def client(self, service: str, account: str, region: str) -> Any:
        """A boto3 client; may be shared by threads."""
        key = (service, account, region)
        with self._lock:
            if key not in self._clients:
                import boto3

                session: Any = boto3.session.Session()
                client = session.client(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=region,
                    aws_access_key_id=access_key(account),
                    aws_secret_access_key="test",
                )
                # made at first use: two threads that come at once would make two sets, and catch only their own
                client.exceptions  # noqa: B018
                self._clients[key] = client
            return self._clients[key]

    def variables(self, account: str, region: str) -> dict[str, str]:
        """The AWS_* variables with which a process reaches the emulator."""
        return {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": access_key(account),
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": self.endpoint,
        }


@dataclass(frozen=True)
class Event:
    """One EventBridge event of an AWS service."""

    account: str
    region: str
    source: str
    kind: str
    resources: Sequence[str]
    detail: Mapping[str, Any]


class EventBus:
    """Sends events to the default bus, in order, without making the sender wait."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._events: queue.SimpleQueue[tuple[datetime, Event]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def send(self, event: Event) -> None:
        """Takes one event; its time is now."""
        self._events.put((datetime.now(UTC), event))

    def _run(self) -> None:
        while True:
            moment, event = self._events.get()
            entry = {
                "Time": moment,
                "Source": event.source,
                "DetailType": event.kind,
                "Resources": list(event.resources),
                "Detail": json.dumps(event.detail, default=_json),
            }
            try:
                self._emulator.client("events", event.account, event.region).put_events(Entries=[entry])
            except Exception:
                LOG.exception("event lost: %s", event.kind)


def _json(value: Any) -> str:
    """Times as AWS's events spell them."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    raise TypeError(f"{type(value).__name__} in an event")
