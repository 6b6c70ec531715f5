"""The steps of `up`: done once, done again when what they stand on is gone, and never more."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from machine_fakes import FakeCommands, FakeFront, FakeProcesses

from local.machine.admin_key import IssueKey
from local.machine.deployment import Bootstrap, Cdk, Deploy, stack_output
from local.machine.emulator import StartEmulator
from local.machine.environment import Environments, cleaned
from local.machine.errors import CommandFailed, MachineError, NotReady, Unsupported
from local.machine.front import StartEdge
from local.machine.readiness import WaitUntilHealthy
from local.machine.settings import Settings
from local.machine.state import State
from local.machine.toolchain import CheckMachine, InstallEnvironment, InstallNodeTools, Toolchain, major
from local.machine.up import Step, carry_out


class SilentProgress:
    def step(self, title: str):
        import contextlib

        return contextlib.nullcontext(lambda _text: None)

    def note(self, text: str) -> None:
        pass


class World:
    """A cloud whose tools and processes are fakes; everything else is real."""

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings, self.state = settings, state
        self.commands, self.processes = FakeCommands(), FakeProcesses()
        self.toolchain = Toolchain(settings)
        self.environments = Environments(settings, state, self.toolchain)
        self.cdk = Cdk(settings, state, self.toolchain, self.environments, self.commands)
        self.answering = True
        self.issued = 0
        self.cleared = 0
        self.commands.effects["deploy"] = self._deploy

    def _deploy(self, argv: Sequence[str]) -> None:
        outputs = Path(argv[argv.index("--outputs-file") + 1])
        outputs.write_text(json.dumps({"dewpoint-local-api": {"KeyIssuerFunctionName": "issuer"}}))

    def _clear(self) -> None:
        assert not self.processes.living(), "an emulator that still runs would start other containers"
        self.cleared += 1

    def invoke(self, function: str, payload: object) -> dict[str, str]:
        assert (function, payload) == ("issuer", {"name": "admin", "role": "admin"})
        self.issued += 1
        return {"key": f"key-{self.issued}"}

    def steps(self) -> list[Step]:
        return [
            StartEmulator(
                self.settings,
                self.state,
                self.toolchain,
                self.environments,
                self.processes,
                lambda _: self.answering,
                self._clear,
            ),
            Bootstrap(self.cdk),
            Deploy(self.cdk),
            StartEdge(self.settings, self.state, self.environments, self.processes, lambda _: self.state.record.cloud),
            IssueKey(self.cdk, self.invoke),
        ]

    def up(self) -> list[str]:
        return carry_out(self.steps(), SilentProgress())


EVERYTHING = [StartEmulator.title, Bootstrap.title, Deploy.title, StartEdge.title, IssueKey.title]


@pytest.fixture
def world(settings: Settings, state: State) -> World:
    return World(settings, state)


def test_k16_one_command_does_everything_and_a_second_one_nothing(world: World) -> None:
    assert world.up() == EVERYTHING
    assert world.up() == []
    assert len(world.commands) == 2
    assert len(world.processes.living()) == 2


def test_another_command_finds_everything_done(world: World, settings: Settings) -> None:
    world.up()
    later = World(settings, State(settings.state))
    later.processes = world.processes
    assert later.up() == []


def test_changed_code_is_deployed_and_nothing_else_happens(world: World, clone: Path) -> None:
    world.up()
    (clone / "functions/a.py").write_text("A = 2\n")
    assert world.up() == [Deploy.title]


def test_a_dead_emulator_takes_its_orphans_along_and_all_is_done_again(world: World) -> None:
    world.up()
    emulator = world.state.record.emulator
    assert emulator is not None
    orphan = world.processes.start(["orphan"], {}, Path("/"), Path("/dev/null"))
    del world.processes.table[emulator.instance]
    assert world.up() == EVERYTHING
    assert orphan.pid not in {process.pid for process in world.processes.living()}
    assert world.cleared == 2, "at each start of an emulator"
    assert world.state.record.api_key == "key-2"


def test_a_dead_edge_alone_is_started_alone(world: World) -> None:
    world.up()
    edge = world.state.record.edge
    assert edge is not None
    del world.processes.table[edge.instance]
    assert world.up() == [StartEdge.title]


def test_other_ports_restart_the_edge(world: World) -> None:
    world.up()
    world.state.record.ports = {**world.state.record.ports, "edge": 18080}
    assert world.up() == [StartEdge.title]
    assert len(world.processes.living()) == 2


def test_changed_emulator_code_starts_a_new_one(world: World, clone: Path) -> None:
    world.up()
    (clone / "local/local_cloud/__init__.py").write_text("NEW = 1\n")
    assert world.up() == EVERYTHING


def test_a_failed_deployment_is_tried_again(world: World) -> None:
    world.commands.broken.add("cdk deploy")
    with pytest.raises(CommandFailed, match="it broke"):
        world.up()
    world.commands.broken.clear()
    assert world.up() == [Deploy.title, StartEdge.title, IssueKey.title]


def test_an_emulator_that_ends_at_once_is_reported_with_its_last_words(world: World, settings: Settings) -> None:
    class Ending(FakeProcesses):
        def start(self, *arguments, **more):
            child = super().start(*arguments, **more)
            child.exit_code = 3
            settings.state.joinpath("logs/emulator.log").write_text("no module named local_cloud\n")
            return child

    world.processes = Ending()
    world.answering = False
    with pytest.raises(NotReady, match=r"(?s)exit code 3.*no module named local_cloud"):
        world.up()


def test_cdk_sees_only_the_emulator_and_bootstraps_away_from_the_application(world: World) -> None:
    world.up()
    environment = world.commands.environments[-1]
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environment["AWS_CONFIG_FILE"] == "/dev/null"
    assert "AWS_PROFILE" not in environment
    assert environment["DEWPOINT_CLOUD"] == world.state.record.cloud
    assert environment["PATH"].startswith("/project/.venv/bin:")
    assert world.commands.folders == [world.state.folder, world.settings.root]
    assert "environment=local" in world.commands


def test_what_could_lead_elsewhere_is_left_out_and_loopback_needs_no_proxy() -> None:
    inherited = {"AWS_ACCESS_KEY_ID": "real", "HTTPS_PROXY": "p", "NO_PROXY": "x", "PYTHONPATH": "y", "HOME": "/h"}
    kept = cleaned(inherited)
    assert kept == {
        "HTTPS_PROXY": "p",
        "NO_PROXY": "x,127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "HOME": "/h",
    }


def test_tools_are_installed_once_per_lock(world: World, clone: Path) -> None:
    def fill(argv: Sequence[str]) -> None:
        if "venv" in argv:
            Path(argv[-1]).mkdir(parents=True)
        if "ci" in argv:
            (clone / "node_modules/.bin").mkdir(parents=True)
            (clone / "node_modules/.bin/cdk").write_text("")

    world.commands.effects = {"venv": fill, "ci": fill}

    def install() -> list[str]:
        toolchain = Toolchain(world.settings)
        steps: list[Step] = [
            InstallNodeTools(world.settings, toolchain, world.commands, {}, world.state),
            InstallEnvironment(
                world.settings, world.commands, {}, world.state, toolchain.emulator, "local/requirements.txt", "local"
            ),
        ]
        return carry_out(steps, SilentProgress())

    assert len(install()) == 2
    assert install() == []
    (clone / "local/requirements.txt").write_text("localstack-core==4.13.2\n")
    assert install() == ["installing emulator environment"]
    assert "--no-deps -e local" in world.commands
    assert len(Toolchain(world.settings).outdated(world.settings.tools)) == 1


def test_a_machine_that_will_not_do_is_told_why(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="Linux"):
        CheckMachine({}, platform="darwin").run(print)
    with pytest.raises(Unsupported, match="node is not on the PATH"):
        CheckMachine({"PATH": str(tmp_path)}).run(print)
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.1.0\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(Unsupported, match=r"this is v18.1.0"):
        CheckMachine({"PATH": str(tmp_path)}).run(print)
    assert major("v20.20.2\n") == 20
    assert major("weird") is None


def test_the_key_issuer_must_give_a_key(world: World) -> None:
    world.up()
    with pytest.raises(MachineError, match="without a key"):
        IssueKey(world.cdk, lambda _function, _payload: {}).run(print)
    world.cdk.outputs.write_text("{}")
    with pytest.raises(MachineError, match="KeyIssuerFunctionName"):
        stack_output(world.cdk.outputs, "KeyIssuerFunctionName")


def test_health_is_waited_for_on_both_doors(state: State) -> None:
    front = FakeFront(http=["status 503", None], grpc=["unavailable", None])
    said: list[str] = []
    WaitUntilHealthy(state, front, renew_key=lambda: None).run(said.append)
    assert said == ["HTTP: status 503", "gRPC: unavailable"]


def test_a_refused_key_is_renewed_once(state: State) -> None:
    front = FakeFront(http=[FakeFront.REFUSED, None], grpc=[None])

    def renew() -> None:
        state.record.api_key = "renewed"

    WaitUntilHealthy(state, front, renew).run(lambda _: None)
    assert front.keys == ["", "renewed", "renewed"]


def test_what_was_seen_last_is_told_when_it_takes_too_long(state: State) -> None:
    front = FakeFront(http=[None], grpc=["no healthy target"])
    with pytest.raises(NotReady, match="gRPC is not ready after 0 s: no healthy target"):
        WaitUntilHealthy(state, front, lambda: None, limit=0).run(lambda _: None)
