"""How many predictions one sonar worker records: every step with the real code, tables and files on moto's server in a
process of its own. Writes its section of docs/benchmarks.md.

python benchmarks/observing/run.py [--predictions 1000] [--rounds 5]
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks.observing.traffic import SIGNATURE, VERSION, bodies, training_profile
from benchmarks.report import machine, table, write_results, write_section
from benchmarks.serving.processes import free_port
from functions.adapters.clients import client
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.tables import TABLES, bind
from functions.adapters.parquet import to_parquet
from functions.core.observations import Checked, observations_of, training_profile_key
from functions.core.settings import SonarSettings
from functions.sonar.check import check
from functions.sonar.observe import observe, profile_of, ticket_of
from functions.sonar.plan_addition import into_files, plan_addition
from functions.sonar.read_message import read_message
from functions.sonar.watched import Watched
from functions.sonar.wiring import AwsPorts
from tests.fakes import entities

ROOT = Path(__file__).resolve().parents[2]
PREFIX, BUCKET = "bench", "bench-observations"
SIZES = (10, 100, 1000)
INTRODUCTION = """\
One worker records predictions of a model with ten inputs and one output, all doubles with training data: claimed,
checked (22 rules), written as Parquet, profiled, counted, published. Medians. moto's server stands for DynamoDB and S3
in a process of its own, so the clock tells more of moto than of us."""
CONCLUSION = """\
A claim is a signed call of its own. In transactions of a hundred they would take far less of the processor and cost
twice as much in DynamoDB, ten times what the processor costs (docs/decisions/0034). Lambda runs up to ten workers
at once."""


@contextmanager
def account() -> Iterator[AwsPorts]:
    """An emulated account with a version to observe, whose training data are profiled."""
    port = free_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [sys.executable, "-m", "tests.integration.moto_server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/moto-api/data.json")
        for row in TABLES:
            bind(row, PREFIX).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        client("s3").create_bucket(Bucket=BUCKET)
        DynamoModelStore(PREFIX).create(entities.version(VERSION, signature=SIGNATURE))
        news = client("sqs").create_queue(QueueName="news")["QueueUrl"]
        ports = AwsPorts(SonarSettings(table_prefix=PREFIX, observations_bucket=BUCKET, alerts_queue_url=news))
        ports.profiles.write(training_profile_key(VERSION), training_profile())
        yield ports
    finally:
        server.kill()
        server.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def whole(ports: AwsPorts, size: int, rounds: int) -> dict[str, float]:
    """Predictions a second of the worker's processor, and of the clock with moto's part in it."""
    wall, processor = [], []
    for _ in range(rounds):
        given = bodies(size)
        begun, used = time.perf_counter(), time.process_time()
        with redirect_stdout(io.StringIO()):  # where the metrics go
            assert observe(ports, given) == {}
        wall.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    return {"processor": statistics.median(processor) / size, "wall": statistics.median(wall) / size}


def steps(ports: AwsPorts, size: int, rounds: int) -> dict[str, float]:
    """Processor seconds a prediction, step by step."""
    given = bodies(size)
    made = [one for body in given for one in read_message(ports, body)]
    watched = Watched(ports)
    observations = [each for one in made for each in observations_of(one)]
    rows = [
        Checked(observation=one, raw=raw) for one, raw in zip(observations, check(watched, observations), strict=True)
    ]
    files = into_files(VERSION, rows, "commit")
    tickets = [ticket_of(watched, one) for one in made]
    head = ports.ledger.head(VERSION)
    claims = iter(range(10**6))
    actions: dict[str, Callable[[], Any]] = {
        "reading the messages": lambda: [read_message(ports, body) for body in given],
        "claims in DynamoDB": lambda: ports.ledger.claim(
            [replace(each, request_id=f"{each.request_id}-{next(claims)}") for each in tickets], "commit", 10**10
        ),
        "checks of every field": lambda: check(watched, observations),
        "the Parquet file": lambda: [to_parquet(SIGNATURE, file.rows) for file in files],
        "the profile": lambda: [profile_of(SIGNATURE, file.rows) for file in files],
        "aggregates": lambda: plan_addition(head, files, 100, "commit"),
    }
    return {name: cost(action, rounds) / size for name, action in actions.items()}


def cost(action: Callable[[], Any], rounds: int) -> float:
    used = []
    for _ in range(rounds):
        begun = time.process_time()
        action()
        used.append(time.process_time() - begun)
    return statistics.median(used)


def report(found: dict[str, Any]) -> str:
    largest = max(SIZES)
    total = found["whole"][largest]["processor"]
    return "\n\n".join(
        [
            "## Monitoring: the request log",
            INTRODUCTION,
            f"{machine()}.",
            table(
                [
                    "predictions in one delivery",
                    "a second of the worker's processor",
                    "a second of the clock, with moto",
                ],
                [
                    [f"{size:,}", f"{1 / one['processor']:,.0f}", f"{1 / one['wall']:,.0f}"]
                    for size, one in found["whole"].items()
                ],
            ),
            table(
                [f"of {largest:,} predictions together", "processor µs each", "share"],
                [[name, f"{1e6 * each:,.0f}", f"{each / total:.0%}"] for name, each in found["steps"].items()],
            ),
            f"{CONCLUSION} A prediction is {found['bytes']:,.0f} bytes of Parquet.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="How many predictions one sonar worker records.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with account() as ports:
        whole(ports, min(SIZES), 1)  # connections, and what is imported late
        results: dict[str, Any] = {"whole": {size: whole(ports, size, rounds) for size in SIZES}}
        results["steps"] = steps(ports, max(SIZES), rounds)
        listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix="log/")["Contents"]
        largest = max(each["Size"] for each in listed if each["Key"].endswith(".parquet"))
        results["bytes"] = largest / max(SIZES)
    write_results("observing", results)
    write_section("observing", report(results))


if __name__ == "__main__":
    main()
