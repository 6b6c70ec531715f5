"""From a container definition to a container: image, environment, secrets, log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..engine import stored_values
from ..engine.emulator import Emulator
from ..engine.errors import EngineError, ImageNotFound
from ..engine.log_stream import LogStream
from ..engine.ports import Container, ContainerSpec, Engine
from ..engine.registry import HOST
from .errors import CannotInitialize, CannotPull, CannotStart
from .task import ContainerState, Task

UNITS_PER_CPU = 1024


class Yard:
    """Prepares and starts the containers of tasks."""

    def __init__(self, engine: Engine, emulator: Emulator) -> None:
        self._engine = engine
        self._emulator = emulator

    def pull(self, task: Task, container: ContainerState) -> None:
        """Makes the image ready.

        Raises:
            CannotPull: the registry or the engine does not have it, or cannot give it.
        """
        image = container.definition["image"]
        try:
            self._check_registry(task, image)
            self._engine.pull(image)
        except (ImageNotFound, LookupError) as error:
            raise CannotPull(
                f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"
            ) from error
        except EngineError as error:
            raise CannotPull(str(error)) from error

    def open_log(self, task: Task, container: ContainerState) -> LogStream | None:
        """The stream of an awslogs driver; None for every other driver.

        Raises:
            CannotInitialize: the group does not exist and is not to be made.
        """
        configuration = container.definition.get("logConfiguration") or {}
        if configuration.get("logDriver") != "awslogs":
            return None
        options = configuration.get("options", {})
        group, prefix = options.get("awslogs-group", ""), options.get("awslogs-stream-prefix", "ecs")
        logs = self._emulator.client("logs", task.account, options.get("awslogs-region", task.region))
        stream = f"{prefix}/{container.name}/{task.id}"
        try:
            return LogStream(logs, group, stream, make_group=options.get("awslogs-create-group") == "true")
        except Exception as error:
            raise CannotInitialize(
                "failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the "
                f"task definition: {group}: {error}"
            ) from error

    def start(self, task: Task, container: ContainerState, on_line: Callable[[str], None]) -> Container:
        """Starts it.

        Raises:
            CannotInitialize: a secret cannot be read.
            CannotStart: the engine cannot start it.
        """
        definition = container.definition
        spec = ContainerSpec(
            name=f"{container.name}-{task.id}",
            image=definition["image"],
            address=task.address,
            environment=self._environment(task, definition),
            entrypoint=_words(definition, "entryPoint"),
            command=_words(definition, "command"),
            workdir=definition.get("workingDirectory"),
            user=definition.get("user"),
            memory_mib=_memory(task, definition),
            cpus=_cpus(task, definition),
            read_only=bool(definition.get("readonlyRootFilesystem")),
        )
        try:
            return self._engine.start(spec, on_line)
        except (EngineError, OSError) as error:
            raise CannotStart(f"failed to create task for container: {error}") from error

    def _check_registry(self, task: Task, image: str) -> None:
        """An image that was deleted from its repository cannot be pulled, whatever the engine still has."""
        repository, _, digest = image.partition("@")
        name, _, tag = repository.rpartition(":") if ":" in repository.rpartition("/")[2] else (repository, "", "")
        where = HOST.match(name)
        if where is None:
            return
        ecr = self._emulator.client("ecr", task.account, where["region"])
        wanted = {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
        try:
            found = ecr.batch_get_image(repositoryName=where["name"], imageIds=[wanted])["images"]
        except ecr.exceptions.RepositoryNotFoundException as error:
            raise LookupError(image) from error
        if not found:
            raise LookupError(image)

    def _environment(self, task: Task, definition: Mapping[str, Any]) -> dict[str, str]:
        # only a task with a role gets credentials, and with them the way to the emulator
        role = self._emulator.variables(task.account, task.region) if task.definition.get("taskRoleArn") else {}
        given = {entry["name"]: entry["value"] for entry in definition.get("environment", [])}
        secret = {entry["name"]: self._secret(task, entry["valueFrom"]) for entry in definition.get("secrets", [])}
        return {**role, **given, **secret, "APP_HOST": task.address}

    def _secret(self, task: Task, reference: str) -> str:
        try:
            if ":secretsmanager:" in reference:
                return stored_values.secret(self._client("secretsmanager", task), reference)
            return stored_values.parameter(self._client("ssm", task), reference)
        except Exception as error:
            raise CannotInitialize(
                f"unable to pull secrets or registry auth: unable to retrieve secret {reference}: {error}"
            ) from error

    def _client(self, service: str, task: Task) -> Any:
        return self._emulator.client(service, task.account, task.region)


def _words(definition: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    return tuple(definition[key]) if definition.get(key) else None


def _memory(task: Task, definition: Mapping[str, Any]) -> int | None:
    """The container's hard limit in MiB, else the task's."""
    limit = definition.get("memory") or task.definition.get("memory")
    return int(limit) if limit else None


def _cpus(task: Task, definition: Mapping[str, Any]) -> float | None:
    """The container's share in processors, else the task's."""
    units = definition.get("cpu") or task.definition.get("cpu")
    return int(units) / UNITS_PER_CPU if units else None
