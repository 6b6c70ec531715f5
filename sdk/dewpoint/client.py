"""The client: one platform, its things in groups."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dewpoint.alerts import Alerts
from dewpoint.analysis import Analysis
from dewpoint.applications import Applications
from dewpoint.contexts import ContextFile, Environment, resolve
from dewpoint.dead_letters import DeadLetters
from dewpoint.deployments import DeploymentConfigurations
from dewpoint.events import Events
from dewpoint.keys import Keys
from dewpoint.metrics import Metrics
from dewpoint.models import Models
from dewpoint.predictions import Predictions
from dewpoint.profiles import Profiles
from dewpoint.request_log import RequestLog
from dewpoint.servables import Servables
from dewpoint.transport import Transport


class Dewpoint:
    """A platform at `url`. Nothing is sent before the first call; `timeout` is in seconds for each request."""

    def __init__(self, url: str, api_key: str = "", timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self._transport = Transport(self.url, api_key, timeout)
        self.models = Models(self._transport)
        self.servables = Servables(self._transport)
        self.applications = Applications(self._transport)
        self.deployment_configurations = DeploymentConfigurations(self._transport)
        self.metrics = Metrics(self._transport)
        self.events = Events(self._transport)
        self.keys = Keys(self._transport)
        self.predictions = Predictions(self._transport)
        self.profiles = Profiles(self._transport)
        self.analysis = Analysis(self._transport)
        self.log = RequestLog(self._transport)
        self.alerts = Alerts(self._transport)
        self.dead_letters = DeadLetters(self._transport)

    @classmethod
    def from_context(cls, name: str | None = None, config: Path | None = None, timeout: float = 60.0) -> "Dewpoint":
        """The platform that the command line would use. Raises NoContext."""
        environment = Environment.read(os.environ)
        context = resolve(ContextFile(config or environment.config), environment, name)
        return cls(context.url, context.api_key, timeout)

    def build_info(self) -> dict[str, Any]:
        """What runs on the platform."""
        info: dict[str, Any] = self._transport.get("/api/v2/buildinfo")
        return info

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Dewpoint({self.url!r})"
