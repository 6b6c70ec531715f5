"""`make bench`: our servable against its peers, our gateway against no gateway, and what happens within one process.

One model, one client, one run. Each server has a processor of its own, the client another; rounds are interleaved and
whoever is not measured is frozen. Writes the section "serving" of docs/benchmarks.md and build/benchmarks/serving.json.
`--quick` makes one short round of everything: whether it works, not how fast it is.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.report import RESULTS, machine, write_results, write_section
from benchmarks.serving.contenders import BENTOML, FASTAPI, FLOOR, LITSERVE, Contender, Running, mlserver, ours, start
from benchmarks.serving.environments import environment, versions
from benchmarks.serving.gateway import Gateway, running_gateway
from benchmarks.serving.inside import import_times, json_to_tensor
from benchmarks.serving.load import ask
from benchmarks.serving.models import Served, rows, train
from benchmarks.serving.page import OURS, PEER, page
from benchmarks.serving.rounds import Side, interleave

PEERS = {
    "mlserver": ["mlserver", "mlserver-sklearn", "scikit-learn"],
    "litserve": ["litserve", "scikit-learn"],
    "bentoml": ["bentoml", "scikit-learn"],
    "fastapi": ["fastapi", "uvicorn", "scikit-learn"],
}
CONNECTIONS = (1, 16)
SIZES = {"1,000 rows (32 kB)": 1000, "32,768 rows (1 MiB)": 32768}


class Bench:
    """Where and how long everything is measured."""

    def __init__(self, *, quick: bool) -> None:
        processors = sorted(os.sched_getaffinity(0))
        self.processors = processors
        self.client, self.server = processors[0], processors[-1]
        self.seconds = 0.2 if quick else 1.5
        self.quick = quick
        self.folder = RESULTS / "serving"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.models = train(self.folder)
        os.sched_setaffinity(0, {self.client})

    def rounds(self, number: int) -> int:
        return 1 if self.quick else number

    def start(self, stack: ExitStack, contender: Contender, served: Served, cpus: Collection[int]) -> Running:
        print(f"starting {contender.name.strip('*')}", flush=True)
        name = "".join(letter for letter in contender.name if letter.isalnum())
        running = start(contender, served, cpus, self.folder / name)
        stack.callback(running.process.stop)
        return running

    def start_all(
        self, stack: ExitStack, contenders: Sequence[Contender], served: Served, cpus: Collection[int]
    ) -> list[Running]:
        """Those that start; a peer that cannot is told of and left out, but for the one that all are compared with."""
        running = []
        for contender in contenders:
            try:
                running.append(self.start(stack, contender, served, cpus))
            except RuntimeError as error:
                if contender.name in (OURS, PEER):
                    raise
                print(f"{contender.name} is left out: {error}", flush=True)
        return running

    def compare(
        self,
        contenders: Sequence[Contender],
        model: str,
        connections: Sequence[int],
        rounds: int,
        *,
        pinned: bool = True,
    ) -> dict[str, Any]:
        """By connections, by contender: Seen.summary; each answer checked before and during the rounds."""
        served = self.models[model]
        cpus = {self.server} if pinned else set(self.processors)
        with ExitStack() as stack:
            running = self.start_all(stack, contenders, served, cpus)
            sides = [self._side(one, served, 1) for one in running]
            measured = {str(n): interleave(sides, n, self.rounds(rounds), self.seconds) for n in connections}
            return measured | {"memory": {one.contender.name: one.process.memory() for one in running}}

    def compare_sizes(self, contenders: Sequence[Contender]) -> dict[str, Any]:
        """By size, by contender, over one connection."""
        served = self.models["regression"]
        with ExitStack() as stack:
            running = self.start_all(stack, contenders, served, {self.server})
            return {
                size: interleave([self._side(o, served, count) for o in running], 1, self.rounds(3), self.seconds)
                for size, count in SIZES.items()
            }

    def compare_gateway(self) -> dict[str, Any]:
        """By what is sent, by way: directly, through the gateway, and through it without an observation."""
        served = self.models["regression"]
        with ExitStack() as stack:
            servable = self.start(stack, ours("sklearn"), served, {self.server})
            print("starting the gateway, its tables and its queue", flush=True)
            gateway = stack.enter_context(running_gateway(servable.address, self.client, self.folder))
            few, many = self.rounds(3), self.rounds(7)
            seen = {
                f"1 row, {n} connection{'s' if n > 1 else ''}": interleave(
                    _ways(gateway, servable, served, 1), n, many, self.seconds
                )
                for n in CONNECTIONS
            }
            for size, count in SIZES.items():
                seen[size] = interleave(_ways(gateway, servable, served, count), 1, few, self.seconds)
            time.sleep(1.0)  # the last observations are on their way
            return seen | {"published": gateway.published()}

    def _side(self, running: Running, served: Served, count: int) -> Side:
        table = rows(count)
        running.process.thaw()
        answer = running.checked_answer(table, served)
        return Side(
            running.contender.name, running.address, lambda: running.conversation(table), answer, [running.process]
        )


def _ways(gateway: Gateway, servable: Running, served: Served, count: int) -> list[Side]:
    table = rows(count)
    direct = servable.checked_answer(table, served)
    through = ask(gateway.address, gateway.observed.speak(gateway.address, table))
    if gateway.observed.labels(through) != servable.contender.protocol.labels(direct):
        raise ValueError("the gateway's answer is not the servable's")
    awake = [*gateway.processes, servable.process]
    return [
        Side("direct", servable.address, lambda: servable.conversation(table), direct, [servable.process]),
        Side("gateway", gateway.address, lambda: gateway.observed.speak(gateway.address, table), through, awake),
        Side("silent", gateway.address, lambda: gateway.silent.speak(gateway.address, table), through, awake),
    ]


def measure_all(*, quick: bool) -> dict[str, Any]:
    installed = {peer: versions(environment(peer) / "python", packages) for peer, packages in PEERS.items()}
    described = machine()
    bench = Bench(quick=quick)
    both = [ours("sklearn"), ours("onnx"), mlserver("grpc")]
    everybody = [*both, FLOOR, FASTAPI, mlserver("rest"), LITSERVE, BENTOML]
    print("the servable and its peers, one processor each", flush=True)
    results: dict[str, Any] = {"machine": described, "versions": installed, "quick": quick}
    results["servers"] = bench.compare(everybody, "regression", CONNECTIONS, 5)
    print("a forest of 100 trees", flush=True)
    results["forest"] = bench.compare(both, "forest", CONNECTIONS, 3)
    print("all processors", flush=True)
    results["processors"] = bench.compare(
        [*both, mlserver("grpc", workers=2)], "regression", CONNECTIONS[1:], 3, pinned=False
    )
    print("larger payloads", flush=True)
    results["sizes"] = bench.compare_sizes(both)
    print("the gateway", flush=True)
    results["gateway"] = bench.compare_gateway()
    print("within one process", flush=True)
    results["json"] = json_to_tensor()
    results["imports"] = import_times()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round; writes nothing to docs/")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever is told to end takes the servers along
    quick = bool(parser.parse_args().quick)
    results = measure_all(quick=quick)
    path = write_results("serving", results)
    text = page(results)
    if not quick:
        write_section("serving", text)
    print(f"\n{text}\n\nnumbers: {path}")


if __name__ == "__main__":
    main()
