"""The gateway of production before a servable: its own process, its tables in moto's server, its queue in a double.

Everything that a call does there is done here: the key is looked up, tables are read (twice a second), inputs and
outputs are validated, the observation is signed and sent. Only what AWS would compute is not ours to measure.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from benchmarks.report import ROOT
from benchmarks.serving.contenders import Protocol, open_inference
from benchmarks.serving.load import Address, ask
from benchmarks.serving.models import rows
from benchmarks.serving.processes import Process, free_port


@dataclass(frozen=True, slots=True)
class Gateway:
    """`processes` begins with the gateway's own. `observed` and `silent` ask with and without an observation."""

    address: Address
    processes: list[Process]
    observed: Protocol
    silent: Protocol
    queue: Address

    def published(self) -> int:
        """Observations that the queue has taken."""
        with urlopen(f"http://{self.queue[0]}:{self.queue[1]}/count") as answer:
            return int(answer.read())


@contextmanager
def running_gateway(servable: Address, cpu: int, folder: Path) -> Iterator[Gateway]:
    """In front of the servable at that address."""
    ports = {name: free_port() for name in ("tables", "queue", "gateway")}
    address = ("127.0.0.1", ports["gateway"])
    queue = ("127.0.0.1", ports["queue"])
    environ = _environment(ports)
    with ExitStack() as stack:

        def run(module: str, *arguments: str) -> Process:
            command = [sys.executable, "-m", module, *arguments]
            process = Process(command, ROOT, environ, {cpu}, folder / f"{module}.txt")
            stack.callback(process.stop)
            return process

        moto = run("moto.server", "-p", str(ports["tables"]))
        moto.wait_until(lambda: _read(("127.0.0.1", ports["tables"]), "/moto-api/"))
        double = run("benchmarks.serving.queue_double", str(ports["queue"]))
        double.wait_until(lambda: _read(queue, "/count"))
        secret = _fill_tables(environ, servable)
        key = {"x-api-key": secret}
        observed = open_inference("label", key)
        silent = open_inference("label", key | {"x-dewpoint-observe": "false"})
        gateway = run("functions.gateway.server")
        gateway.wait_until(lambda: ask(address, observed.speak(address, rows(1))))
        yield Gateway(address, [gateway, moto, double], observed, silent, queue)


def _read(address: Address, path: str) -> bytes:
    with urlopen(f"http://{address[0]}:{address[1]}{path}") as answer:
        return bytes(answer.read())


def _environment(ports: dict[str, int]) -> dict[str, str]:
    local = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    return {
        "PYTHONPATH": str(ROOT),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_ENDPOINT_URL": local["tables"],
        "AWS_ENDPOINT_URL_SQS": local["queue"],
        "AWS_ENDPOINT_URL_S3": local["queue"],
        "TABLE_PREFIX": "bench",
        "OBSERVATIONS_QUEUE_URL": f"{local['queue']}/observations",
        "OBSERVATIONS_BUCKET": "bench",
        "EXCHANGE_BUCKET": "bench",
        "EVENTS_QUEUE_URL": f"{local['queue']}/events",
        "APP_HOST": "127.0.0.1",
        "APP_PORT": str(ports["gateway"]),
        "LINGER_SECONDS": "0",
    }


def _fill_tables(environ: dict[str, str], servable: Address) -> str:
    """An API key that may call the only application."""
    command = [sys.executable, "-m", "benchmarks.serving.tables", f"{servable[0]}:{servable[1]}"]
    return subprocess.run(command, env=environ, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
