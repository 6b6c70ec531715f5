"""What became of one document."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True)
class Outcome:
    """`status` is the thing's state when the command looked last."""

    kind: str
    name: str
    action: Action
    status: str = ""
