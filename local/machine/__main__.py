"""`python -m local.machine up|down|status|prepare|demo|engine`: the commands behind the Makefile."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from local.machine.errors import MachineError
from local.machine.progress import progress_on
from local.machine.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.machine", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start what is missing, deploy, wait until healthy, print the addresses")
    commands.add_parser("demo", help="up, then the tour")
    down = commands.add_parser("down", help="stop every process of this local cloud")
    down.add_argument("--purge", action="store_true", help="forget the state, images and logs as well")
    commands.add_parser("status", help="show processes and addresses")
    prepare = commands.add_parser("prepare", help="install the tools without starting anything")
    prepare.add_argument("--print", choices=["emulator-python"], help="print where a tool is")
    engine = commands.add_parser("engine", help="start what real containers need: an engine, a registry, a base image")
    engine.add_argument("--install", action="store_true", help="install Debian's packages for it first; as root")
    return parser.parse_args(arguments)


def run_up(settings: Settings, _options: argparse.Namespace) -> int:
    from local.machine.up import up

    print_addresses(up(settings, progress_on(sys.stderr)), settings)
    return 0


def run_demo(settings: Settings, _options: argparse.Namespace) -> int:
    from local.machine.protocols import OpenInference
    from local.machine.tour import DewpointCommand, tour
    from local.machine.up import up
    from local.machine.watching import HttpMonitoring, watch

    addresses = up(settings, progress_on(sys.stderr))
    print_addresses(addresses, settings)
    protocols = OpenInference(addresses["edge"], addresses["grpc"], addresses["api_key"])
    console, cli = Console(highlight=False), DewpointCommand(settings)
    answered = tour(settings, console, cli, protocols)
    watched = watch(settings, console, cli, HttpMonitoring(addresses["edge"], addresses["api_key"]))
    return 0 if answered and watched else 1


def run_down(settings: Settings, options: argparse.Namespace) -> int:
    from local.machine.down import down

    stopped = down(settings, progress_on(sys.stderr), options.purge)
    print(f"stopped {len(stopped)} process{'' if len(stopped) == 1 else 'es'}" if stopped else "nothing was running")
    return 0


def run_status(settings: Settings, _options: argparse.Namespace) -> int:
    from local.machine.status import status

    status(settings, Console(highlight=False))
    return 0


def run_prepare(settings: Settings, options: argparse.Namespace) -> int:
    from local.machine.up import prepare

    toolchain = prepare(settings, progress_on(sys.stderr))
    if options.print == "emulator-python":
        print(toolchain.emulator_python)
    return 0


def run_engine(settings: Settings, options: argparse.Namespace) -> int:
    from local.machine.up import engine

    print(json.dumps(engine(settings, progress_on(sys.stderr), options.install), indent=2))
    return 0


def print_addresses(addresses: Mapping[str, str], settings: Settings) -> None:
    """The key is printed as well: it opens nothing but this loopback address."""
    for name, address in addresses.items():
        print(f"  {name:8} {address}")
    written = settings.state / "outputs.json"
    shown = written.relative_to(settings.root) if written.is_relative_to(settings.root) else written
    print(f"  also in {shown}; the dewpoint command knows them already")


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "up": run_up,
    "demo": run_demo,
    "down": run_down,
    "status": run_status,
    "prepare": run_prepare,
    "engine": run_engine,
}


def main() -> int:
    options = parse_arguments(sys.argv[1:])
    try:
        settings = Settings.from_environment(os.environ, ROOT, Path(sys.executable))
        return COMMANDS[options.command](settings, options)
    except MachineError as error:
        print(f"make {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"make {options.command}: interrupted; `make up` goes on where it stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
