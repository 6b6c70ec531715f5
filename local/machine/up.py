"""`make up`: bring the local cloud to the state where it serves, doing only what is not done yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from local.machine.addresses import PublishAddresses, has_living_cloud
from local.machine.admin_key import IssueKey, invoke_at
from local.machine.commands import Commands, RealCommands
from local.machine.containers import Containers, MakeBaseImage, StartEngine, StartRegistry
from local.machine.debian_packages import InstallPackages
from local.machine.deployment import Bootstrap, Cdk, Deploy
from local.machine.emulator import StartEmulator, emulator_answers
from local.machine.environment import Environments
from local.machine.front import StartEdge, cloud_at
from local.machine.ports import Reservations, choose
from local.machine.processes import Processes
from local.machine.progress import Progress, Say
from local.machine.readiness import RealFront, WaitUntilHealthy
from local.machine.settings import CONTAINERS, EDGE, EMULATOR, GRPC, REGISTRY, Settings
from local.machine.state import State
from local.machine.toolchain import CheckMachine, InstallEnvironment, InstallNodeTools, Toolchain

PATIENCE = 900.0


class Step(Protocol):
    """Something that may have to be done. `needed` is asked when its turn comes, after the steps before it ran."""

    title: str

    def needed(self) -> bool: ...

    def run(self, say: Say, /) -> None: ...


@dataclass(frozen=True)
class Machine:
    """One local cloud and what works on it."""

    settings: Settings
    state: State
    toolchain: Toolchain
    environments: Environments
    processes: Processes
    commands: Commands
    containers: Containers


def machine_for(settings: Settings, state: State) -> Machine:
    """Builds the real things. The state must be locked: its record is read here."""
    toolchain = Toolchain(settings)
    environments = Environments(settings, state, toolchain)
    commands = RealCommands()
    containers = Containers(settings, state, environments, commands)
    return Machine(settings, state, toolchain, environments, Processes(state.record.cloud), commands, containers)


def carry_out(steps: Iterable[Step], progress: Progress) -> list[str]:
    """Do what is needed, in order; answers the titles of what was done."""
    done = []
    for step in steps:
        with progress.step(step.title) as say:
            if step.needed():
                step.run(say)
                done.append(step.title)
    return done


def tools(machine: Machine) -> list[Step]:
    """What must be installed, from locks."""
    plain = machine.environments.plain()
    settings, state, toolchain = machine.settings, machine.state, machine.toolchain
    return [
        CheckMachine(settings.inherited),
        InstallNodeTools(settings, toolchain, machine.commands, plain, state),
        InstallEnvironment(
            settings, machine.commands, plain, state, toolchain.emulator, "local/requirements.txt", package="local"
        ),
        InstallEnvironment(settings, machine.commands, plain, state, toolchain.functions, "local/lambda-runtime.txt"),
    ]


def engine_steps(machine: Machine) -> list[Step]:
    """What containers need to be built, kept and run; nothing when processes do."""
    if not machine.containers.choose(leave=machine.processes.stop):
        return []
    steps = (StartEngine, StartRegistry, MakeBaseImage)
    return [step(machine.containers) for step in steps]


def cloud(machine: Machine) -> list[Step]:
    """What must be running, deployed and known; needs the ports to be chosen."""
    settings, state, environments = machine.settings, machine.state, machine.environments
    cdk = Cdk(settings, state, machine.toolchain, environments, machine.commands)
    key = IssueKey(cdk, invoke_at(lambda: environments.endpoint))
    return [
        StartEmulator(
            settings,
            state,
            machine.toolchain,
            environments,
            machine.processes,
            emulator_answers,
            machine.containers.clear,
        ),
        Bootstrap(cdk),
        Deploy(cdk),
        StartEdge(settings, state, environments, machine.processes, cloud_at),
        key,
        WaitUntilHealthy(state, RealFront(), renew_key=lambda: key.run(lambda _: None)),
        PublishAddresses(settings, state, environments, has_living_cloud),
    ]


def choose_ports(machine: Machine, reservations: Reservations) -> None:
    record = machine.state.record
    living = {process.instance for of in (machine.processes, machine.containers.services) for process in of.living()}
    owners = {EMULATOR: record.emulator, EDGE: record.edge, GRPC: record.edge, REGISTRY: record.registry}
    ours = {role for role, owner in owners.items() if owner is not None and owner.instance in living}
    record.ports = choose(machine.settings.asked, record.ports, ours, reservations)
    machine.state.save()


def up(settings: Settings, progress: Progress) -> Mapping[str, str]:
    """Start what is missing, deploy what changed, wait until healthy. Answers `edge`, `grpc` and `api_key`.

    Raises MachineError with a sentence for the user.
    """
    state = State(settings.state)
    reservations = Reservations()
    with state.lock(PATIENCE, progress.note):
        machine = machine_for(settings, state)
        try:
            carry_out(tools(machine), progress)
            choose_ports(machine, reservations)
            carry_out(engine_steps(machine), progress)
            carry_out(cloud(machine), progress)
        finally:
            reservations.release()
        return PublishAddresses(settings, state, machine.environments, has_living_cloud).addresses()


def prepare(settings: Settings, progress: Progress) -> Toolchain:
    """Install the tools only."""
    state = State(settings.state)
    with state.lock(PATIENCE, progress.note):
        machine = machine_for(settings, state)
        carry_out(tools(machine), progress)
        return machine.toolchain


def engine(settings: Settings, progress: Progress, install: bool) -> Mapping[str, str]:
    """Only what containers need, without a cloud; answers the variables by which its engine is used.

    From then on `up` in this state folder uses containers. Raises MachineError.
    """
    settings = replace(settings, engine=CONTAINERS)
    state = State(settings.state)
    reservations = Reservations()
    with state.lock(PATIENCE, progress.note):
        machine = machine_for(settings, state)
        if install:
            plain = machine.environments.plain()
            carry_out([InstallPackages(settings, state, machine.commands, plain)], progress)
        try:
            choose_ports(machine, reservations)
            carry_out(engine_steps(machine), progress)
        finally:
            reservations.release()
        return machine.environments.containers()
