"""Tells the world where the cloud is: `outputs.json` for programs, a context for the `dewpoint` command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.machine.environment import Environments
from local.machine.ports import LOOPBACK
from local.machine.processes import Processes
from local.machine.progress import Say
from local.machine.settings import EDGE, GRPC, Settings
from local.machine.state import State, read_record, write_private

CONTEXT = "local"


class PublishAddresses:
    title = "writing the addresses"

    def __init__(
        self, settings: Settings, state: State, environments: Environments, is_living: Callable[[Path], bool]
    ) -> None:
        self._settings = settings
        self._state = state
        self._environments = environments
        self._is_living = is_living

    def needed(self) -> bool:
        return True

    def run(self, _say: Say) -> None:
        name = self._publish_context()
        document = {**self.addresses(), "emulator": self._environments.endpoint, "context": name}
        write_private(self._state.folder / "outputs.json", to_json(document))

    def addresses(self) -> dict[str, str]:
        record = self._state.record
        return {
            "edge": f"http://{LOOPBACK}:{record.ports[EDGE]}",
            "grpc": f"{LOOPBACK}:{record.ports[GRPC]}",
            "api_key": record.api_key,
        }

    def _publish_context(self) -> str:
        path = self._settings.cli_config
        config = read_config(path)
        contexts = config.setdefault("contexts", {})
        name = self._context_name(contexts)
        addresses = self.addresses()
        context = {
            "url": addresses["edge"],
            "grpc": addresses["grpc"],
            "api_key": addresses["api_key"],
            "state": str(self._state.folder),
        }
        if contexts.get(name) != context or config.get("current") != name:
            contexts[name] = context
            config["current"] = name
            write_private(path, to_json(config))
        return name

    def _context_name(self, contexts: dict[str, Any]) -> str:
        """`local`, unless that name belongs to another clone whose cloud is running."""
        for name in (CONTEXT, f"{CONTEXT}-{self._settings.root.name}"):
            if self._is_free(contexts.get(name)):
                return name
        return f"{CONTEXT}-{self._settings.root.name}-{self._settings.short_id}"

    def _is_free(self, context: dict[str, Any] | None) -> bool:
        owner = (context or {}).get("state")
        return owner is None or owner == str(self._state.folder) or not self._is_living(Path(owner))


def has_living_cloud(folder: Path) -> bool:
    """Whether processes of the cloud of another state folder are running."""
    record = read_record(folder)
    return record is not None and bool(Processes(record.cloud).living())


def read_config(path: Path) -> dict[str, Any]:
    """The CLI's configuration; an empty one when there is none or it cannot be read."""
    try:
        config = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def to_json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode()
