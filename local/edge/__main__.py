"""`python -m local.edge`: serve HTTP and gRPC on loopback, as deployed in the emulator.

python -m local.edge --endpoint http://127.0.0.1:4566 --listen 127.0.0.1:8080 --grpc 127.0.0.1:8081
"""

import argparse
import asyncio
import ipaddress
import logging
import os
import signal
import sys
from dataclasses import dataclass

from local.edge.balancer import Target
from local.edge.deployed import DeployedDistribution, DeployedTargets
from local.edge.distribution import Distribution
from local.edge.serve import Edge
from local.edge.watch import Watch

DISTRIBUTION_PERIOD = 2.0
TARGETS_PERIOD = 1.0


@dataclass(frozen=True)
class Listen:
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Listen":
        """`host:port`; argparse.ArgumentTypeError for an address that others could reach."""
        host, _, port = text.rpartition(":")
        try:
            local = ipaddress.ip_address(host).is_loopback
        except ValueError:
            local = False
        if not local or not port.isdecimal():
            raise argparse.ArgumentTypeError(f"{text}: give a loopback address and a port, as in 127.0.0.1:8080")
        return cls(host, int(port))


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.edge", description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", required=True, help="the emulator's address")
    parser.add_argument("--listen", required=True, type=Listen.parse, help="where HTTP is served")
    parser.add_argument("--grpc", required=True, type=Listen.parse, help="where gRPC is served")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace, cloud: str) -> None:
    endpoint = options.endpoint.rstrip("/")
    distribution: Watch[Distribution | None] = Watch(
        "distribution", DeployedDistribution(endpoint).read, None, DISTRIBUTION_PERIOD
    )
    targets: Watch[tuple[Target, ...]] = Watch("targets", DeployedTargets(endpoint).read, (), TARGETS_PERIOD)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Edge(endpoint, distribution, targets, cloud) as edge:
        await edge.listen_http(options.listen.host, options.listen.port)
        await edge.listen_grpc(options.grpc.host, options.grpc.port)
        await stop.wait()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    asyncio.run(serve(parse_arguments(sys.argv[1:]), os.environ.get("DEWPOINT_CLOUD", "")))


if __name__ == "__main__":
    main()
