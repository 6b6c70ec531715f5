"""The environment, read once, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass

from servable.cpus import available_cpus
from servable.errors import CannotLoad


@dataclass(frozen=True, slots=True)
class Settings:
    """Address of the server, sizes in bytes, times in seconds."""

    host: str
    port: int
    runtime: str  # what the image's runtime can load; empty: as the contract says
    cpus: int  # processors one call of the model may use
    threads: int  # calls of the model that run at the same time
    max_message_bytes: int
    linger_seconds: float  # after SIGTERM: not healthy any more, still answering
    drain_seconds: float  # after that: no new calls, the running ones may finish
    stuck_seconds: float  # calls run and none has ended for so long: not healthy; 0: never

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises CannotLoad naming the variable that is not a number."""
    cpus = int(_number(environ, "SERVABLE_CPUS", available_cpus()))
    return Settings(
        host=environ.get("APP_HOST", "0.0.0.0"),  # noqa: S104 - a container is reached from outside
        port=int(_number(environ, "APP_PORT", 9091)),
        runtime=environ.get("SERVABLE_RUNTIME", ""),
        cpus=cpus,
        threads=int(_number(environ, "SERVABLE_THREADS", max(2, cpus))),
        max_message_bytes=int(_number(environ, "SERVABLE_MAX_MESSAGE_BYTES", 64 * 1024 * 1024)),
        linger_seconds=_number(environ, "SERVABLE_LINGER_SECONDS", 1),
        drain_seconds=_number(environ, "SERVABLE_DRAIN_SECONDS", 25),  # ECS waits 30 s before SIGKILL
        stuck_seconds=_number(environ, "SERVABLE_STUCK_SECONDS", 120),
    )


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(environ.get(name, default))
    except ValueError as error:
        raise CannotLoad(f"{name} must be a number, not '{environ[name]}'") from error
