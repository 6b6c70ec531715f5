"""Tells a waiting person how far a deployment is, from what the CDK command line prints.

CDK counts the resources of one stack at most; several are deployed at once, so they are counted here: those it reports
as complete, out of all in the synthesized templates.
"""

import json
import re
from pathlib import Path

from local.machine.progress import Say

EVENT = re.compile(
    r"(?P<stack>\S+)\s*\|[^|]*\|[^|]*\|\s*(?P<status>[A-Z_]+)\s*\|\s*(?P<type>\S+)\s*\|\s*(?P<resource>\S+)"
)
ASSET = re.compile(r"(?P<stack>\S+): (?:start: |creating )(?P<what>.*)")
COMPLETE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
LONGEST = 80


class Narrator:
    def __init__(self, assembly: Path, say: Say) -> None:
        self._assembly = assembly
        self._say = say
        self._complete: set[tuple[str, str]] = set()
        self._stacks: set[str] = set()

    def hear(self, line: str) -> None:
        """Take one line of output."""
        if match := EVENT.match(line.strip()):
            self._stacks.add(match["stack"])
            if match["status"] in COMPLETE and match["resource"] != match["stack"]:
                self._complete.add((match["stack"], match["resource"]))
            total = sum(resources(self._assembly / f"{stack}.template.json") for stack in self._all_stacks())
            self._say(f"{len(self._complete)} of {total} resources" if total else f"{len(self._complete)} resources")
        elif match := ASSET.match(line.strip()):
            self._say(f"{match['stack']}: {match['what']}"[:LONGEST])

    def _all_stacks(self) -> set[str]:
        known = {path.name.removesuffix(".template.json") for path in self._assembly.glob("*.template.json")}
        # a stack that is not in the assembly (the bootstrap stack) has a total of its own, unknown here
        return known if self._stacks <= known else set()


def resources(template: Path) -> int:
    """How many resources a synthesized template has."""
    return len(json.loads(template.read_text()).get("Resources", {}))
