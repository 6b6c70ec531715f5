"""One error tree: what can stop a command, told to a person.

MachineError
├── Unsupported     the machine lacks something (Python, Node, Linux)
├── PortTaken       a port that was asked for belongs to another program
├── Busy            another command is at work in the same state folder
├── CommandFailed   a tool ended with an error; carries the lines that say why
└── NotReady        something started and did not become healthy in time
"""

from collections.abc import Sequence
from pathlib import Path


class MachineError(Exception):
    """Its text is complete: it is printed as it is, without a traceback."""


class Unsupported(MachineError):
    pass


class PortTaken(MachineError):
    pass


class Busy(MachineError):
    pass


class CommandFailed(MachineError):
    def __init__(self, what: str, lines: Sequence[str], log: Path) -> None:
        quoted = "".join(f"\n    {line}" for line in lines)
        super().__init__(f"{what} failed:{quoted}\n  the whole story is in {log}")


class NotReady(MachineError):
    pass
