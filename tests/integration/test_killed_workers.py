"""Workers that are killed while they record: nothing is lost and nothing is doubled.

A real queue, tables and files (moto's, over sockets), workers that are real processes, and SIGKILL.
"""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import msgspec
import pytest

from functions.core.ledger import Batch, Head
from functions.numerics.profiles.stored import from_bytes
from tests.cloud import ROOT, wait_until
from tests.integration.observer import BATCH_SIZE, VERSION
from tests.published import PREFIX, published, segments
from tests.unit.sonar.world import START, body, prediction

SEED = 7
AT_A_TIME = 17  # predictions sent before a kill
KILLS, MOST_KILLS = 14, 60
TAKEN_OVER = 3  # commits of dead workers that the living have aborted, at least
WORKERS = 2
BUCKET = "dewpoint-observations"


class Account:
    """An emulated account with the resources that sonar has."""

    def __init__(self, url: str) -> None:
        self.settings = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "TABLE_PREFIX": PREFIX,
            "OBSERVATIONS_BUCKET": BUCKET,
            "LEASE": "2",
        }
        wait_until("the server answers", lambda: answers(url), 30)
        self.client("s3").create_bucket(Bucket=BUCKET)
        for name in ("DEAD_LETTERS_URL", "OBSERVATIONS_QUEUE_URL", "ALERTS_QUEUE_URL"):
            self.settings[name] = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        assert self.start("prepare").wait(60) == 0

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.settings["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def start(self, command: str) -> "subprocess.Popen[bytes]":
        environ = os.environ | self.settings
        return subprocess.Popen([sys.executable, "-m", "tests.integration.observer", command], cwd=ROOT, env=environ)

    def waiting(self) -> int:
        """Messages that nobody has done with."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = self.settings["OBSERVATIONS_QUEUE_URL"]
        told = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def send(self, first: int, count: int) -> int:
        """Sends so many predictions, numbered on from `first`, and tells the next number."""
        sqs, url = self.client("sqs"), self.settings["OBSERVATIONS_QUEUE_URL"]
        for number in range(first, first + count):
            sqs.send_message(QueueUrl=url, MessageBody=body(prediction(f"r{number}", START + number)))
        return first + count

    def watch(self, longest: float) -> None:
        """Waits until somebody is recording, or so many seconds."""
        deadline = time.monotonic() + longest
        while not self.under_way() and time.monotonic() < deadline:
            time.sleep(0.01)

    def under_way(self) -> bool:
        """Whether a prediction is claimed for a commit that is neither published nor aborted."""
        ended = {item["commit"]["S"] for item in self.items("commits")}
        return any(item["commit"]["S"] not in ended for item in self.items("requests"))

    def aborted(self) -> int:
        return sum(item["status"]["S"] == "aborted" for item in self.items("commits"))

    def items(self, table: str) -> list[dict[str, Any]]:
        return list(self.client("dynamodb").scan(TableName=f"{PREFIX}-{table}")["Items"])


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/moto-api/data.json").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "tests.integration.moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with (tmp_path / "moto.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield Account(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


@pytest.mark.timeout(900)  # every worker that is killed is a process that starts
def test_s23_workers_killed_at_random_points_lose_and_double_nothing(account: Account) -> None:
    chance = random.Random(SEED)
    workers = [account.start("work") for _ in range(WORKERS)]
    sent = kills = 0
    try:
        while kills < KILLS or account.aborted() < TAKEN_OVER:  # until enough kills struck a worker that had begun
            assert kills < MOST_KILLS, f"{account.aborted()} kills of {kills} struck"
            sent = account.send(sent, AT_A_TIME)
            account.watch(2)
            time.sleep(chance.uniform(0, 0.1))
            victim = workers.pop(chance.randrange(WORKERS))
            victim.kill()
            victim.wait()
            workers.append(account.start("work"))
            kills += 1
        sent = account.send(sent, AT_A_TIME)
        wait_until("all is recorded", lambda: account.waiting() == 0, 120)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    rows = published(account.client, VERSION)
    ids = [f"r{n}" for n in range(sent)]
    assert sorted(row["request_id"] for row in rows) == sorted(ids)
    assert {row["request_id"]: row["in_x"] for row in rows} == dict.fromkeys(ids, 1.0)
    check_sums(account, sent)


def check_sums(account: Account, sent: int) -> None:
    """The numbers of rows, batches and profiles tell of every row once."""
    found = sorted(segments(account.client, VERSION), key=lambda each: each.first)
    assert [each.first for each in found] == [sum(e.rows for e in found[:at]) for at in range(len(found))]
    [head] = account.items("log-heads")
    assert msgspec.json.decode(head["document"]["S"], type=Head).rows == sent
    batches = [msgspec.json.decode(item["document"]["S"], type=Batch) for item in account.items("batches")]
    assert sorted(batch.number for batch in batches) == list(range(-(-sent // BATCH_SIZE)))
    assert sum(batch.tally.requests for batch in batches) == sent
    s3 = account.client("s3")
    profiles = [from_bytes(s3.get_object(Bucket=BUCKET, Key=each.profile_key)["Body"].read()) for each in found]
    assert sum(profile.fields["x"].count for profile in profiles) == sent
