"""Contexts: the platforms a user knows, by name, with the key for each.

The file is `$DEWPOINT_CONFIG` or `~/.config/dewpoint/config.json`, readable by its owner only:

    {"current": "local", "contexts": {"local": {"url": "…", "grpc": "host:port", "api_key": "dp_…"}}}

Keys it does not know, in the file or in a context, stay as they are: other tools keep theirs there.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dewpoint.errors import NoContext

DEFAULT_CONFIG = "~/.config/dewpoint/config.json"


@dataclass(frozen=True)
class Environment:
    """What the environment says, read once."""

    config: Path
    context: str = ""
    url: str = ""
    api_key: str = field(default="", repr=False)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Environment":
        return cls(
            config=Path(environ.get("DEWPOINT_CONFIG") or DEFAULT_CONFIG).expanduser(),
            context=environ.get("DEWPOINT_CONTEXT", ""),
            url=environ.get("DEWPOINT_URL", ""),
            api_key=environ.get("DEWPOINT_API_KEY", ""),
        )


@dataclass(frozen=True)
class Context:
    name: str
    url: str
    grpc: str = ""
    api_key: str = field(default="", repr=False)


class ContextFile:
    """The file with the contexts; it need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def list(self) -> list[Context]:
        """Raises NoContext when the file cannot be read."""
        return [_context(name, raw) for name, raw in sorted(_contexts(self._read()).items())]

    def current(self) -> str:
        return str(self._read().get("current") or "")

    def get(self, name: str) -> Context:
        """Raises NoContext."""
        known = _contexts(self._read())
        if name not in known:
            raise NoContext(
                f"there is no context {name!r} in {self.path}; known are: {', '.join(sorted(known)) or '-'}"
            )
        return _context(name, known[name])

    def put(self, context: Context, *, current: bool) -> None:
        """Adds or replaces a context, and makes it the current one if asked to, or if there is no other."""
        document = self._read()
        known = document.setdefault("contexts", {})
        said = {"url": context.url.rstrip("/"), "grpc": context.grpc, "api_key": context.api_key}
        known[context.name] = {key: value for key, value in said.items() if value}
        if current or not document.get("current"):
            document["current"] = context.name
        self._write(document)

    def use(self, name: str) -> None:
        """Raises NoContext."""
        self.get(name)
        self._write({**self._read(), "current": name})

    def remove(self, name: str) -> None:
        """Raises NoContext."""
        self.get(name)
        document = self._read()
        del document["contexts"][name]
        if document.get("current") == name:
            document["current"] = ""
        self._write(document)

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NoContext(f"{self.path} cannot be read: {error}") from error
        if not isinstance(document, dict) or not isinstance(document.get("contexts", {}), dict):
            raise NoContext(f"{self.path} is not a list of contexts")
        return document

    def _write(self, document: dict[str, Any]) -> None:
        """Replaces the file in one step; it holds keys, so nobody else may read it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(document, stream, indent=2)
                stream.write("\n")
            Path(temporary).replace(self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def resolve(file: ContextFile, environment: Environment, name: str | None = None) -> Context:
    """The context to use. A `name` is honoured whatever the environment says; else the environment goes first.

    A key is never sent to an address that it was not meant for: with DEWPOINT_URL the key comes from DEWPOINT_API_KEY,
    or from the context with that same address. Raises NoContext.
    """
    if name:
        return file.get(name)
    chosen = environment.context or file.current()
    if environment.url:
        url = environment.url.rstrip("/")
        same = file.get(chosen) if chosen and any(known.name == chosen for known in file.list()) else None
        stored = same.api_key if same and same.url.rstrip("/") == url else ""
        return Context("DEWPOINT_URL", url, api_key=environment.api_key or stored)
    if not chosen:
        raise NoContext("no platform is configured; add one: dewpoint context add NAME --url URL --api-key KEY")
    context = file.get(chosen)
    return Context(context.name, context.url, context.grpc, environment.api_key or context.api_key)


def _contexts(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: raw for name, raw in document.get("contexts", {}).items() if isinstance(raw, dict)}


def _context(name: str, raw: dict[str, Any]) -> Context:
    return Context(name, *(str(raw.get(key) or "") for key in ("url", "grpc", "api_key")))
