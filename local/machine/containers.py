"""The steps of a cloud with real containers: an engine that answers, a registry on loopback, a base image.

An engine that answers is used as it is, and pulls its base images itself. Where none does, root starts one of the
cloud's own from Debian's packages; it reaches no registry, so the base image is made of Debian packages too.
"""

import hashlib
import os
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from local.machine.commands import Commands
from local.machine.docker_client import DEFAULT_HOST, DockerClient, find_client
from local.machine.emulator import wait_until
from local.machine.environment import Environments
from local.machine.errors import Unsupported
from local.machine.own_engine import OwnEngine, missing_programs
from local.machine.ports import LOOPBACK
from local.machine.processes import Process, Processes
from local.machine.progress import Say
from local.machine.settings import AUTO, CONTAINERS, PROCESSES, REGISTRY, Settings
from local.machine.state import Started, State

START_LIMIT = 60.0
ENGINE_GRACE = 20.0
BASE_RECIPE = Path(__file__).with_name("base_image.sh")
BASE_LABEL = "dewpoint.base"
ADVICE = "on Debian: apt-get install --no-install-recommends docker.io docker-registry mmdebstrap"


class Containers:
    """What the steps share: the record of the engine in use, the client, the processes of an engine of our own.

    Those processes carry a mark of their own: a new emulator ends what its predecessor left, but not the engine.
    """

    def __init__(self, settings: Settings, state: State, environments: Environments, commands: Commands) -> None:
        self.settings = settings
        self.state = state
        self.environments = environments
        self.commands = commands
        self.own = OwnEngine(settings)
        self.services = Processes(f"{state.record.cloud}/engine")

    def client(self, host: str | None = None) -> DockerClient:
        record = self.state.record
        return DockerClient(record.docker, host or record.docker_host, self.environments.plain())

    def choose(self, leave: Callable[[], object]) -> bool:
        """Notes in the record which engine this cloud has; answers whether it has containers.

        What was chosen once stays until something else is asked for; `leave` is called, and the containers are ended,
        when processes follow on containers. Raises Unsupported without a docker client.
        """
        record, settings = self.state.record, self.settings
        kind = settings.engine or record.engine or PROCESSES
        if kind != PROCESSES:
            record.docker = str(find_client(settings.inherited.get("PATH", "")) or "")
        if kind == AUTO:
            host = settings.docker_host or DEFAULT_HOST
            kind = CONTAINERS if record.docker and self.client(host).answers() else PROCESSES
        if kind == CONTAINERS and not record.docker:
            raise Unsupported(f"no docker client that builds with BuildKit's secrets is on the PATH; {ADVICE}")
        if kind == PROCESSES and record.engine == CONTAINERS:
            leave()
            self.stop()
        record.docker_host = self._host() if kind == CONTAINERS else ""
        record.engine = kind
        self.state.save()
        return kind == CONTAINERS

    def clear(self) -> None:
        """Ends this cloud's containers."""
        record = self.state.record
        if record.docker_host and self.client().answers():
            self.client().remove_containers(record.cloud)

    def stop(self) -> list[Process]:
        """Ends this cloud's containers, then the registry and an engine of our own, and removes its traces.

        Answers the processes that were stopped.
        """
        record = self.state.record
        self.clear()
        stopped: list[Process] = []
        if dockerd := record.dockerd:
            # it ends its own helpers, in order; only then what is left of them
            stopped += self.services.stop(lambda process: process.instance == dockerd.instance, ENGINE_GRACE)
        stopped += self.services.stop()
        if self.own.folder.exists():
            self.own.clear()
        record.dockerd = record.registry = None
        return stopped

    def _host(self) -> str:
        """The engine that was asked for, else the one in use, else the machine's, else one of our own."""
        if self.settings.docker_host:
            return self.settings.docker_host
        candidates = filter(None, [self.state.record.docker_host, DEFAULT_HOST])
        return next((host for host in candidates if self.client(host).answers()), self.own.host)


class StartEngine:
    title = "starting the container engine"

    def __init__(self, containers: Containers, user: int | None = None) -> None:
        """`user` is the effective user id."""
        self._containers = containers
        self._user = os.geteuid() if user is None else user

    def needed(self) -> bool:
        return not self._containers.client().answers()

    def run(self, _say: Say) -> None:
        """Raises Unsupported where no engine answers and none can be started, NotReady when it does not come up."""
        containers = self._containers
        state, own = containers.state, containers.own
        if state.record.docker_host != own.host:
            raise Unsupported(f"no container engine answers at {state.record.docker_host}")
        if self._user != 0:
            raise Unsupported(f"no container engine answers at {DEFAULT_HOST}, and only root can start one")
        environment = containers.environments.plain()
        if missing := missing_programs(environment):
            named = ", ".join(missing)
            raise Unsupported(
                f"no container engine answers at {DEFAULT_HOST}; to start one, {named} is missing; {ADVICE}"
            )
        containers.services.stop()
        own.prepare()
        log = state.log("dockerd")
        child = containers.services.start(own.argv(), environment, own.data, log)
        state.record.dockerd = Started(child.pid, child.began, " ".join(own.argv()))
        state.save()
        wait_until(containers.client().answers, child, "the container engine", log, START_LIMIT)


class StartRegistry:
    title = "starting the image registry"

    def __init__(self, containers: Containers) -> None:
        self._containers = containers

    def needed(self) -> bool:
        started = self._containers.state.record.registry
        if started is None or self._containers.services.find(started.instance) is None:
            return True
        return started.made_of != self._address() or not registry_answers(self._address())

    def run(self, _say: Say) -> None:
        """Raises Unsupported without the program, NotReady when it does not come up."""
        containers = self._containers
        state = containers.state
        if former := state.record.registry:
            containers.services.stop(lambda process: process.instance == former.instance)
        configuration = state.folder / "registry" / "registry.yml"
        configuration.parent.mkdir(parents=True, exist_ok=True)
        configuration.write_text(registry_configuration(configuration.with_name("data"), self._address()))
        log = state.log("registry")
        argv = ["docker-registry", "serve", str(configuration)]
        try:
            child = containers.services.start(argv, containers.environments.plain(), configuration.parent, log)
        except FileNotFoundError as error:
            raise Unsupported(f"docker-registry is not on the PATH; {ADVICE}") from error
        state.record.registry = Started(child.pid, child.began, self._address())
        state.save()
        wait_until(lambda: registry_answers(self._address()), child, "the image registry", log, START_LIMIT)

    def _address(self) -> str:
        return f"{LOOPBACK}:{self._containers.state.record.ports[REGISTRY]}"


class MakeBaseImage:
    title = "making the base image"

    def __init__(self, containers: Containers) -> None:
        self._containers = containers

    def needed(self) -> bool:
        """Only an engine of our own needs it: others pull theirs."""
        is_own = self._containers.state.record.docker_host == self._containers.own.host
        return is_own and not self._containers.client().has_image(base_name(), base_label())

    def run(self, say: Say) -> None:
        """Raises CommandFailed with the lines that say why."""
        containers = self._containers
        archive = containers.own.data / "base.tar"
        environment = containers.environments.plain()
        log = containers.state.log("base-image")
        say(f"{base_name()} is played by Debian's Python")
        argv = ["bash", str(BASE_RECIPE), str(archive)]
        containers.commands.run("mmdebstrap", argv, environment, containers.own.data, log)
        changes = ["ENV LANG=C.UTF-8", 'CMD ["python3"]', f"LABEL {base_label()}"]
        options = [word for change in changes for word in ("--change", change)]
        containers.client().ask("import", *options, str(archive), base_name())
        archive.unlink()


def base_name() -> str:
    """What the Dockerfiles of the local stacks begin with: the version of this interpreter."""
    return "python:{}.{}-slim".format(*sys.version_info)


def base_label() -> str:
    return f"{BASE_LABEL}={hashlib.sha256(BASE_RECIPE.read_bytes()).hexdigest()[:16]}"


def registry_configuration(data: Path, address: str) -> str:
    """Debian's own configuration listens on every interface."""
    return (
        "version: 0.1\n"
        "log: {level: warn, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: '{data}'}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )


def registry_answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{address}/v2/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
