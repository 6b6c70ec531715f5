"""LocalStack's runtime executor "process": the life of one execution environment.

LocalStack reserves an environment per concurrent invocation and calls `start`, `invoke`, `stop`. Its own executor
drives a Go init program in a container over HTTP; here `invoke` simply returns the result. A runtime that timed out,
crashed or was killed is started anew by the next invocation, as the service does.
"""

import logging
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

from local_cloud.engine import machine
from local_cloud.engine.images import ImageStore
from local_cloud.functions import launch, reports
from local_cloud.functions.container import container_launch
from local_cloud.functions.process import FunctionProcess, Launch
from local_cloud.functions.runtime_api import HOST, Answer, RuntimeApi
from local_cloud.functions.spawner import Spawner
from local_cloud.functions.telemetry import write_lines
from localstack import config as localstack_config
from localstack.aws.api.lambda_ import PackageType
from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

LOG = logging.getLogger(__name__)
SPAWNER = Spawner()
SETTINGS = launch.Settings.read(os.environ, sys.executable)
CONTAINERS = machine.read(os.environ).containers
LIVENESS_SECONDS = 0.25


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """Chosen with LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> "type[ProcessRuntimeExecutor]":
        """The executor's class."""
        return ProcessRuntimeExecutor


class ProcessRuntimeExecutor(RuntimeExecutor):
    """One execution environment: a Runtime API server and the process that talks to it."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002
        super().__init__(id=id, function_version=function_version)
        self._api = RuntimeApi()
        folder = localstack_config.dirs.tmp  # emptied at the next start, should this process be killed
        self._folder = Path(tempfile.mkdtemp(prefix=f"{function_version.id.function_name[:20]}-", dir=folder))
        self._prepared: dict[str, str] = {}
        self._launch: Launch | None = None
        self._process: FunctionProcess | None = None
        self._init_ms: float | None = None  # until the first invocation has reported it
        self._stopped = False

    def start(self, env_vars: dict[str, str]) -> None:
        """Start the runtime and wait until it asks for its first event.

        Raises StatusErrorException with the runtime's error document when the handler cannot be imported, and
        LambdaRuntimeException when the function cannot be run at all.
        """
        self._prepared = env_vars
        try:
            self._launch = self._plan(env_vars)
        except launch.NotRunnable as error:
            raise LambdaRuntimeException(str(error)) from error
        self._run()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """One invocation, from event to answer and log; errors of the function are answers too."""
        request_id = payload["invoke-id"]
        if self._running().returncode is not None:
            try:
                self._run()
            except StatusErrorException as error:
                logs = self._running().take_output()
                return InvocationResult(request_id, error.payload, is_error=True, logs=logs)
        begin = time.perf_counter()
        answer = self._await(request_id, payload)
        duration_ms = (time.perf_counter() - begin) * 1000
        return InvocationResult(
            request_id, answer.body, is_error=answer.is_error, logs=self._log(request_id, duration_ms)
        )

    def stop(self) -> None:
        """End the process and forget its folder; an invocation under way gets an exit error."""
        self._stopped = True
        if self._process:
            self._process.kill()
        self._api.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def get_logs(self) -> str:
        """What the runtime has printed outside invocations."""
        return self._process.peek_output() if self._process else ""

    def get_address(self) -> str:
        """The environment is on this machine."""
        return HOST

    def get_endpoint_from_executor(self) -> str:
        """The emulator as seen from the function: becomes its AWS_ENDPOINT_URL."""
        return HOST

    def get_runtime_endpoint(self) -> str:
        """Part of LocalStack's interface; nothing calls back over it."""
        return f"http://{HOST}:{localstack_config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack code and layers."""
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()
        for layer in function_version.config.layers or []:
            layer.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Keep the unpacked code: after a change of configuration the next version runs from the same folder.

        The process executor has no copy of its own, as a container would; the folders go when the emulator starts.
        """

    def _plan(self, prepared: dict[str, str]) -> Launch:
        config = self.function_version.config
        environment = launch.clean_environment(prepared, str(self._folder), SETTINGS)
        environment["AWS_LAMBDA_RUNTIME_API"] = self._api.address
        if config.package_type == PackageType.Image and CONTAINERS:
            return container_launch(config, environment, CONTAINERS)
        if config.package_type == PackageType.Image:
            return launch.image_launch(config, environment, ImageStore(SETTINGS.images).find)
        return launch.zip_launch(config, environment, SETTINGS)

    def _running(self) -> FunctionProcess:
        assert self._process is not None, "invoked before it was started"
        return self._process

    def _run(self) -> None:
        """Start the planned process and wait until it is ready; raises StatusErrorException."""
        assert self._launch is not None
        self._api.reset()
        begin = time.perf_counter()
        self._process = process = FunctionProcess(self._launch, SPAWNER.popen)
        while not self._api.ready.wait(LIVENESS_SECONDS / 10):
            if process.returncode is not None or self._stopped:
                break
        self._init_ms = (time.perf_counter() - begin) * 1000
        if self._api.init_error is not None:
            raise self._init_failure(self._api.init_error)
        if not self._api.ready.is_set():
            raise self._init_failure(reports.exited(process.returncode))

    def _init_failure(self, document: bytes) -> StatusErrorException:
        """LocalStack keeps no log of an environment that did not start; what it printed is all there is to look at."""
        printed = f"{self._running().take_output()}{document.decode(errors='replace')}\n"
        LOG.warning("%s did not start: %s", self.function_version.id.qualified_arn(), printed[-2000:])
        group, stream = (self._prepared[f"AWS_LAMBDA_LOG_{kind}_NAME"] for kind in ("GROUP", "STREAM"))
        identity = self.function_version.id
        client = connect_to(aws_access_key_id=identity.account, region_name=identity.region).logs
        write_lines(client, group, stream, [f"INIT_REPORT {line}" for line in printed.splitlines() if line])
        return StatusErrorException("the runtime did not start", payload=document)

    def _await(self, request_id: str, payload: dict[str, str]) -> Answer:
        timeout_s = self.function_version.config.timeout
        future = self._api.submit(
            request_id,
            payload["invoked-function-arn"],
            payload["payload"].encode(),
            payload.get("trace-id") or "",
            timeout_s,
        )
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                try:
                    return future.result(timeout=max(0.0, min(LIVENESS_SECONDS, deadline - time.monotonic())))
                except NotYet:
                    if failure := self._failure(request_id, deadline):
                        return Answer(failure, is_error=True)
        finally:
            self._api.withdraw(request_id)

    def _failure(self, request_id: str, deadline: float) -> bytes | None:
        """Why there will be no answer, if that is so."""
        process = self._running()
        if process.returncode is not None:
            return reports.exited(process.returncode, request_id)
        if time.monotonic() < deadline:
            return None
        process.kill()
        return reports.timed_out(request_id, self.function_version.config.timeout)

    def _log(self, request_id: str, duration_ms: float) -> str:
        process, memory_mb = self._running(), self.function_version.config.memory_size
        init_ms, self._init_ms = self._init_ms, None
        report = reports.report_line(request_id, duration_ms, memory_mb, process.peak_memory_mb(), init_ms)
        return reports.log_text(request_id, self.function_version.id.qualifier, process.take_output(), report)
