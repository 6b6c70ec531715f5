"""The recording of predictions as a process of its own: what Lambda does with sonar's queue, over a real queue.

`python -m tests.integration.observer prepare` makes the tables and a version to observe; `work` goes on until killed.
"""

import os
import sys

from functions.adapters.clients import client
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.tables import TABLES, bind
from functions.core.settings import SonarSettings, read_settings
from functions.sonar.observe import observe
from functions.sonar.wiring import AwsPorts
from tests.fakes import entities
from tests.unit.sonar.world import X_TO_Y

VERSION = 1
BATCH_SIZE = 7
HIDDEN = 3  # seconds that a message is not delivered again


def prepare(prefix: str) -> None:
    for row in TABLES:
        bind(row, prefix).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    version = entities.version(VERSION, signature=X_TO_Y, monitoring={"batchSize": BATCH_SIZE})
    DynamoModelStore(prefix).create(version)


def work(settings: SonarSettings) -> None:
    ports, sqs, url = AwsPorts(settings), client("sqs"), settings.observations_queue_url
    while True:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN, WaitTimeSeconds=1)
        messages = got.get("Messages", [])
        failures = observe(ports, [message["Body"] for message in messages])
        for at, message in enumerate(messages):
            if at not in failures:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(os.environ["TABLE_PREFIX"])
    else:
        work(read_settings(SonarSettings))
