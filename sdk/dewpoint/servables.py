"""Servables: running deployments of one model version."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from dewpoint.entities import LogPage, ModelVersion, Servable
from dewpoint.errors import Ended
from dewpoint.transport import Transport
from dewpoint.waiting import SILENT, START_TIMEOUT, Patience, Watcher, follow, read_log, wait

ROOT = "/api/v2/servable"
FOLLOW_TIMEOUT = 24 * 3600.0


class Servables:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Servable]:
        return sorted(map(Servable.from_json, self._transport.get_all(ROOT)), key=lambda servable: servable.name)

    def get(self, name: str) -> Servable:
        """Raises NotFound."""
        return Servable.from_json(self._transport.get(_path(name)))

    def deploy(
        self, version: ModelVersion, deployment_configuration: str = "", metadata: Mapping[str, str] | None = None
    ) -> Servable:
        """Starts a servable; it answers once it is Serving. Raises NotFound, Conflict, BadRequest."""
        body = {"modelName": version.name, "version": version.version, "metadata": dict(metadata or {})}
        if deployment_configuration:
            body["deploymentConfigName"] = deployment_configuration
        return Servable.from_json(self._transport.send("POST", ROOT, body))

    def wait_serving(self, name: str, watcher: Watcher = SILENT, patience: Patience | None = None) -> Servable:
        """The servable once it is Serving. Raises Ended with the reason, TimedOut."""

        def look() -> Servable:
            seen = self.get(name)
            watcher.state(name, seen.status, seen.message)
            return seen

        what = f"servable {name}"
        seen = wait(what, look, lambda s: s.status in ("Serving", "NotServing"), patience or Patience(START_TIMEOUT))
        if seen.status == "NotServing":
            raise Ended(what, seen.message)
        return seen

    def log_page(self, name: str, after: str | None = None) -> LogPage:
        """One page of a servable's log, from a token on."""
        params = {"after": after} if after else None
        return LogPage.from_json(self._transport.get(f"{_path(name)}/logs", params))

    def log(self, name: str) -> Iterator[str]:
        """The lines of a servable's log that are there now."""
        return read_log(lambda after: self.log_page(name, after))

    def follow_log(self, name: str, patience: Patience | None = None) -> Iterator[str]:
        """The lines of a servable's log as they come. Raises TimedOut."""
        return follow(
            f"the log of {name}", lambda token: self.log_page(name, token), patience or Patience(FOLLOW_TIMEOUT)
        )

    def delete(self, name: str) -> None:
        """Raises NotFound, Conflict while an application uses it."""
        self._transport.send("DELETE", _path(name))


def _path(name: str) -> str:
    return f"{ROOT}/{quote(name, safe='')}"
