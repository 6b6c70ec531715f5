"""Functions run as AWS runs them: environment, errors, timeouts, concurrency, logs, layers, death."""

import base64
import io
import json
import os
import signal
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Cloud, eventually, zipped

pytestmark = pytest.mark.cloud

Make = Callable[..., str]
Invoke = Callable[..., Any]


def test_environment_is_clean_and_complete(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    function = make_function(source, MemorySize=321, Environment={"Variables": {"MINE": "yes"}})

    seen = invoke(function)

    assert seen["MINE"] == "yes"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "321"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == function.rpartition(":")[2]
    assert seen["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert seen["DEWPOINT_CLOUD"] == cloud.cloud_id
    foreign = {"SECRET_OF_THE_HOST", "FILESYSTEM_ROOT", "GATEWAY_LISTEN", "LAMBDA_PROCESS_PYTHON"}
    assert not [name for name in seen if name in foreign or "LOCALSTACK" in name]


def test_code_outlives_the_versions_that_share_it(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    function = make_function("def handler(event, context): return 1")
    assert invoke(function) == 1
    client = cloud.client("lambda")
    client.update_function_code(FunctionName=function, ZipFile=zipped("def handler(event, context): return 2"))
    for timeout in (4, 5, 6):
        client.get_waiter("function_updated_v2").wait(FunctionName=function)
        client.update_function_configuration(FunctionName=function, Timeout=timeout)
        client.get_waiter("function_updated_v2").wait(FunctionName=function)
        time.sleep(0.5)  # the former version is cleaned up after the new one is there
        assert invoke(function) == 2


def test_a_function_calls_the_cloud_it_runs_in(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    source = "import boto3\ndef handler(event, context): return boto3.client('sts').get_caller_identity()['Account']"

    assert invoke(make_function(source)) == ACCOUNT


def test_errors_carry_type_and_trace(make_function: Make, invoke: Invoke) -> None:
    error = invoke(make_function("def handler(event, context): raise ValueError(event['why'])"), {"why": "because"})

    assert error["error"]["errorType"] == "ValueError"
    assert error["error"]["errorMessage"] == "because"
    assert any("index.py" in line for line in error["error"]["stackTrace"])


def test_an_import_error_is_reported_and_logged(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    function = make_function("import there_is_no_such_module")
    error = invoke(function)

    assert error["error"]["errorType"] == "Runtime.ImportModuleError"
    found = cloud.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{function.rpartition(':')[2]}", filterPattern="there_is_no_such_module"
    )
    assert found["events"]


def test_invocations_and_errors_are_counted(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    function = make_function("def handler(event, context): return 1 / event")
    for divisor in (1, 1, 0):
        invoke(function, divisor)
    name, watch = function.rpartition(":")[2], cloud.client("cloudwatch")

    def total(metric: str) -> float:
        now = datetime.now(UTC)
        points = watch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    eventually(lambda: (total("Invocations"), total("Errors")) == (3, 1))


def test_timeout_kills_and_the_next_call_works(make_function: Make, invoke: Invoke) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(event or 0)\n    return 'awake'"
    function = make_function(source, Timeout=1)

    began = time.monotonic()
    error = invoke(function, 30)

    assert time.monotonic() - began < 10
    assert "Task timed out after 1.00 seconds" in error["error"]["errorMessage"]
    assert invoke(function, 0) == "awake"


def test_a_killed_runtime_is_replaced(make_function: Make, invoke: Invoke) -> None:
    source = "import os\ndef handler(event, context):\n    if event == 'exit': os._exit(3)\n    return os.getpid()"
    function = make_function(source)

    first = invoke(function)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{first}/cmdline").exists() or not Path(f"/proc/{first}/cmdline").read_text())
    second = invoke(function)

    assert second != first
    assert invoke(function, "exit")["error"]["errorType"] == "Runtime.ExitError"
    assert isinstance(invoke(function), int)


def test_invocations_run_side_by_side(make_function: Make, invoke: Invoke) -> None:
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.7)\n    return os.getpid()"
    function = make_function(source)

    with ThreadPoolExecutor(4) as pool:
        processes = set(pool.map(lambda _: invoke(function), range(4)))

    assert len(processes) == 4


def test_reserved_concurrency_limits(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    function = make_function("import time\ndef handler(event, context):\n    time.sleep(2)\n    return 1")
    functions = cloud.client("lambda")
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(invoke, function)
        time.sleep(0.7)
        with pytest.raises(functions.exceptions.ClientError, match="TooManyRequests"):
            functions.invoke(FunctionName=function)
        assert first.result() == 1


def test_logs_have_the_lines_of_the_service(cloud: Cloud, make_function: Make) -> None:
    function = make_function("def handler(event, context):\n    print('said', event)\n    return 1")
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=b'"this"', LogType="Tail")

    tail = base64.b64decode(answer["LogResult"]).decode()

    assert tail.index("START RequestId") < tail.index("said this") < tail.index("END RequestId")
    assert "Memory Size: 128 MB" in tail
    assert "Init Duration" in tail
    group = f"/aws/lambda/{function.rpartition(':')[2]}"
    logs = cloud.client("logs")

    def stored() -> bool:
        groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return bool(groups) and bool(logs.filter_log_events(logGroupName=group, filterPattern="said")["events"])

    eventually(stored)
    assert not logs.filter_log_events(logGroupName=group, filterPattern="unsaid")["events"]


def test_layers_are_on_the_path_and_the_later_one_wins(cloud: Cloud, make_function: Make, invoke: Invoke) -> None:
    functions = cloud.client("lambda")
    versions = []
    for number in (1, 2):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as package:
            package.writestr("python/layered.py", f"NUMBER = {number}")
            package.writestr(f"python/only_{number}.py", "")
        layer = functions.publish_layer_version(LayerName=f"layer-{number}", Content={"ZipFile": buffer.getvalue()})
        versions.append(layer["LayerVersionArn"])

    source = "import layered, only_1, only_2\ndef handler(event, context): return layered.NUMBER"

    assert invoke(make_function(source, Layers=versions)) == 2


def test_a_result_over_six_megabytes_is_an_error(make_function: Make, invoke: Invoke) -> None:
    error = invoke(make_function("def handler(event, context): return 'x' * (7 * 1024 * 1024)"))

    assert error["error"]["errorType"] == "Function.ResponseSizeTooLarge"


def test_queue_events_reach_the_function(cloud: Cloud, make_function: Make) -> None:
    queues, functions = cloud.client("sqs"), cloud.client("lambda")
    urls = [queues.create_queue(QueueName=name)["QueueUrl"] for name in ("incoming", "outgoing")]
    arn = queues.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = (
        "import boto3, os\ndef handler(event, context):\n    for record in event['Records']:\n"
        "        boto3.client('sqs').send_message(QueueUrl=os.environ['OUT'], MessageBody=record['body'].upper())"
    )
    function = make_function(source, Environment={"Variables": {"OUT": urls[1]}})
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, BatchSize=1)

    queues.send_message(QueueUrl=urls[0], MessageBody=json.dumps({"a": 1}))

    received = eventually(
        lambda: queues.receive_message(QueueUrl=urls[1], WaitTimeSeconds=1).get("Messages"), seconds=30
    )
    assert received[0]["Body"] == '{"A": 1}'
