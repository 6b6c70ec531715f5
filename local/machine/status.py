"""`make status`: which processes make up this local cloud, and where it is reached."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.machine.processes import Process, Processes
from local.machine.settings import Settings
from local.machine.state import read_record

ARGUMENTS_SHOWN = 60
ENGINE_PROGRAMS = {
    "dockerd": "container engine",
    "containerd": "container engine",
    "containerd-shim-runc-v2": "container engine",
    "docker-registry": "image registry",
}


def status(settings: Settings, console: Console) -> bool:
    """Print the processes and addresses; answers whether anything runs."""
    record = read_record(settings.state)
    marks = (record.cloud, f"{record.cloud}/engine") if record else ()
    living = [process for mark in marks for process in Processes(mark).living()]
    if record is None or not living:
        console.print("the local cloud is not running (make up)")
        return False
    table = Table("pid", "what", "memory", "command", box=None, header_style="bold")
    for process in sorted(living, key=lambda item: item.pid):
        table.add_row(str(process.pid), role(process), f"{process.memory / 1e6:.0f} MB", shown(process))
    console.print(table)
    for name, address in addresses(settings.state / "outputs.json").items():
        console.print(f"{name:>10}  {address}")
    return True


def role(process: Process) -> str:
    """What a process is, from how it was started."""
    environment, words = process.environment, set(process.argv)
    if "local_cloud" in words:
        return "emulator"
    if "local.edge" in words:
        return "edge"
    if program := ENGINE_PROGRAMS.get(Path(process.argv[0]).name if process.argv else ""):
        return program
    if function := environment.get("AWS_LAMBDA_FUNCTION_NAME"):
        return f"function {function}"
    if build := environment.get("CODEBUILD_BUILD_ID"):
        return f"build {build}"
    return "task" if "APP_HOST" in environment else "tool"


def shown(process: Process) -> str:
    text = " ".join(process.argv)
    return text if len(text) <= ARGUMENTS_SHOWN else f"{text[: ARGUMENTS_SHOWN - 1]}…"


def addresses(outputs: Path) -> dict[str, str]:
    """The addresses last published, without the key."""
    try:
        document: dict[str, str] = json.loads(outputs.read_text())
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in document.items() if name != "api_key"}
