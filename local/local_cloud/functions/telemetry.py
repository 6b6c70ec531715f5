"""What functions leave behind, in CloudWatch: metrics and logs, gathered and written together.

LocalStack makes one API call for every invocation's metric and one for its log, in the process that serves the next
invocation; that was a third of the time of a call. Metrics are summed for a second, log lines wait for a tenth.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LOG = logging.getLogger(__name__)
NAMESPACE = "AWS/Lambda"
METRIC_SECONDS = 1.0
LOG_SECONDS = 0.1


@dataclass(frozen=True)
class Metric:
    """One count of one function."""

    account: str
    region: str
    function: str
    name: str


class Tally:
    """Counts invocations and errors and hands the sums to `put` once a second."""

    def __init__(self, put: Callable[[Metric, int], None], every_s: float = METRIC_SECONDS) -> None:
        self._put, self._every_s = put, every_s
        self._counts: Counter[Metric] = Counter()
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, name="function-metrics", daemon=True).start()

    def invocation(self, function_name: str, account_id: str, region_name: str) -> None:
        """Count an invocation that went well."""
        self._count(Metric(account_id, region_name, function_name, "Invocations"))

    def error(self, function_name: str, account_id: str, region_name: str) -> None:
        """Count an invocation that ended in an error."""
        self.invocation(function_name, account_id, region_name)
        self._count(Metric(account_id, region_name, function_name, "Errors"))

    def flush(self) -> None:
        """Hand over what was counted."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        for metric, count in counts.items():
            self._put(metric, count)

    def _count(self, metric: Metric) -> None:
        with self._lock:
            self._counts[metric] += 1

    def _serve(self) -> None:
        while True:
            time.sleep(self._every_s)
            try:
                self.flush()
            except Exception:
                LOG.warning("metrics of functions were lost", exc_info=True)


def put_metric(metric: Metric, count: int) -> None:
    """Write `count` events of value 1: sums and sample counts come out as if each had been written."""
    from localstack.aws.connect import connect_to

    datum = {
        "MetricName": metric.name,
        "Dimensions": [{"Name": "FunctionName", "Value": metric.function}],
        "Timestamp": datetime.now(UTC),
        "Unit": "Count",
        "Values": [1.0],
        "Counts": [float(count)],
    }
    client = connect_to(aws_access_key_id=metric.account, region_name=metric.region).cloudwatch
    client.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def gathered(items: Iterable[Any]) -> dict[tuple[str, str], list[str]]:
    """The lines of several invocations by log group and stream, in their order; empty lines are not accepted."""
    lines: dict[tuple[str, str], list[str]] = {}
    for item in items:
        place = lines.setdefault((item.log_group, item.log_stream), [])
        place += [f"{line}\n" for line in item.logs.split("\n") if line]
    return lines


def drained(waiting: "queue.Queue[Any]", first: Any) -> list[Any]:
    """The first item and whatever else is there by now."""
    items = [first]
    while True:
        try:
            items.append(waiting.get_nowait())
        except queue.Empty:
            return items


def write_lines(client: Any, group: str, stream: str, lines: list[str]) -> None:
    """Put lines into a stream, which is made when it is missing."""
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    try:
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except client.exceptions.ResourceNotFoundException:
        make_stream(client, group, stream)
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def make_stream(client: Any, group: str, stream: str) -> None:
    """A log group and a stream in it, where they are missing."""
    for operation, names in (
        (client.create_log_group, {"logGroupName": group}),
        (client.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
    ):
        try:
            operation(**names)
        except client.exceptions.ResourceAlreadyExistsException:
            continue


def write_logs(handler: Any, *_arguments: Any, **_named: Any) -> None:
    """The loop of LocalStack's log handler: until told to stop, write what has gathered."""
    from localstack.aws.connect import connect_to
    from localstack.services.lambda_.invocation.logs import QUEUE_SHUTDOWN

    client = connect_to.with_assumed_role(
        region_name=handler.region, role_arn=handler.role_arn, service_principal="lambda"
    ).logs
    stopping = False
    while not stopping:
        first = handler.log_queue.get()
        time.sleep(0 if first is QUEUE_SHUTDOWN else LOG_SECONDS)
        items = drained(handler.log_queue, first)
        stopping = QUEUE_SHUTDOWN in items
        for (group, stream), lines in gathered(item for item in items if item is not QUEUE_SHUTDOWN).items():
            try:
                write_lines(client, group, stream, lines)
            except Exception:
                LOG.warning("log lines of %s were lost", group, exc_info=True)


def install() -> None:
    """Replace LocalStack's recording."""
    from localstack.services.lambda_.invocation import version_manager
    from localstack.services.lambda_.invocation.logs import LogHandler

    tally = Tally(put_metric)
    version_manager.record_cw_metric_invocation = tally.invocation
    version_manager.record_cw_metric_error = tally.error
    LogHandler.run_log_loop = write_logs
