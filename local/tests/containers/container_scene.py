"""What the tests of real containers do all the time: an engine, builds, servables by the platform's own adapter."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from running_cloud import ACCOUNT, REGION, REGISTRY, ROOT, Cloud, eventually

from functions.adapters.ecs import EcsServableHost, HostSettings
from functions.adapters.ecs_scaling import ServiceScaling
from functions.adapters.ecs_tasks import end_reason
from functions.adapters.logs import CloudWatchLogs
from functions.core.deployments import Resources
from functions.core.models import Replica
from functions.core.scaling import Scaling
from local.machine.own_engine import CGROUPS, RUN, mounts_below
from local.machine.processes import Processes
from servable.pb import open_inference_pb2_grpc as rpc
from tests.fakes import entities
from tests.servable.folders import field, python_folder, signature
from tests.servable.running import outputs_of, request_for

HERE = Path(__file__).parent
PYTHON = "{}.{}".format(*sys.version_info)
TALK = signature([field("order", "DT_STRING")], [field("answer", "DT_STRING")])
SOURCES = "sources"


class Engine:
    """An engine in a state folder of its own, started and stopped by the commands that users have."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.variables: dict[str, str] = {}
        self._environment = {**os.environ, "DEWPOINT_STATE": str(self.state), "NO_COLOR": "1"}
        # neither the machine's engine nor the ports of a cloud that may be running
        for name in ("DOCKER_HOST", "DEWPOINT_ENGINE"):
            self._environment.pop(name, None)

    def start(self) -> None:
        """Skips the tests where Debian's packages cannot be had."""
        done = self._machine("engine", "--install")
        if "apt-get failed" in done.stderr:
            pytest.skip(f"Debian's packages cannot be installed: {done.stderr[-500:]}")
        assert done.returncode == 0, done.stderr
        self.variables = json.loads(done.stdout)

    def stop(self) -> None:
        self._marks = (self.cloud, f"{self.cloud}/engine") if self.variables else ()
        done = self._machine("down", "--purge")
        assert done.returncode == 0, done.stderr

    @property
    def is_own(self) -> bool:
        """Whether it was started for these tests; false on a machine whose Docker engine answers."""
        return self._name() in self.variables["DOCKER_HOST"]

    @property
    def cloud(self) -> str:
        return str(json.loads((self.state / "machine.json").read_text())["cloud"])

    def traces(self) -> list[str]:
        """Everything of it that is still on the machine."""
        living = [f"process {process.argv}" for mark in self._marks for process in Processes(mark).living()]
        folders = [*self._run_folders(), *CGROUPS.glob(f"*/{self._name()}"), *CGROUPS.glob(self._name())]
        mounted = mounts_below(self.state, *self._run_folders())
        left = [path.name for path in self.state.iterdir() if path.name != "lock"]
        return [*living, *map(str, folders), *mounted, *left]

    def docker(self, *words: str) -> str:
        """The real client, asked as an operator does."""
        environment = {**os.environ, "DOCKER_HOST": self.variables["DOCKER_HOST"]}
        done = subprocess.run(
            [self.variables["DEWPOINT_DOCKER"], *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def inspect(self, container: str) -> Any:
        return json.loads(self.docker("inspect", container))[0]

    def _name(self) -> str:
        return f"dewpoint-{hashlib.sha256(str(self.state).encode()).hexdigest()[:6]}"

    def _run_folders(self) -> list[Path]:
        return [folder for folder in [RUN / self._name()] if folder.exists()]

    def _machine(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "local.machine", *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )


class Model:
    """The model of talkative.py, from source to image."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder
        self.runtime = f"{REGISTRY}/runtime:python"
        self.digest = ""
        for name in ("runtime", "models"):
            cloud.client("ecr").create_repository(repositoryName=name)
        cloud.client("s3").create_bucket(Bucket=SOURCES)
        cloud.client("s3").put_object(Bucket=SOURCES, Key="servable.zip", Body=zipped(ROOT / "servable"))
        cloud.client("codebuild").create_project(
            name="models",
            source={"type": "S3", "location": f"{SOURCES}/servable.zip", "buildspec": "buildspec.yml"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=f"arn:aws:iam::{ACCOUNT}:role/build",
        )

    def build_runtime(self) -> None:
        """As the CDK does when it publishes the asset."""
        context = str(ROOT / "servable")
        for words in (
            ("build", "--tag", "asset", "--build-arg", f"PYTHON={PYTHON}", "--file",
             f"{context}/runtimes/python/Dockerfile", "--platform", "linux/amd64", context),
            ("tag", "asset", self.runtime),
            ("login", "--username", "AWS", "--password-stdin", f"https://{REGISTRY}"),
            ("push", self.runtime),
        ):  # fmt: skip
            done = self._cloud.docker(*words)
            assert done.returncode == 0, done.stdout + done.stderr

    @property
    def image(self) -> str:
        return f"{REGISTRY}/models@{self.digest}"

    def build(self) -> None:
        source = (HERE / "talkative.py").read_text()
        done = self.run(source, "talkative-1")
        assert done["buildStatus"] == "SUCCEEDED", "\n".join(self.log(done))
        [exported] = done["exportedEnvironmentVariables"]
        self.digest = str(exported["value"])

    def run(self, source: str, tag: str) -> dict[str, Any]:
        """One build, to its end."""
        folder = python_folder(self._folder / tag, TALK, source)
        archive = Path(shutil.make_archive(str(folder / "payload"), "gztar", folder / "files"))
        s3, codebuild = self._cloud.client("s3"), self._cloud.client("codebuild")
        s3.put_object(Bucket=SOURCES, Key=f"{tag}/payload", Body=archive.read_bytes())
        s3.put_object(Bucket=SOURCES, Key=f"{tag}/contract", Body=(folder / "contract.json").read_bytes())
        variables = {
            "PAYLOAD_URI": f"s3://{SOURCES}/{tag}/payload",
            "PAYLOAD_SHA256": hashlib.sha256(archive.read_bytes()).hexdigest(),
            "CONTRACT_URI": f"s3://{SOURCES}/{tag}/contract",
            "SIGNATURE_URI": f"s3://{SOURCES}/{tag}/signature",
            "RUNTIME_IMAGE": self.runtime,
            "IMAGE_URI": f"{REGISTRY}/models:{tag}",
        }
        given = [{"name": name, "value": value} for name, value in variables.items()]
        build = codebuild.start_build(projectName="models", environmentVariablesOverride=given)["build"]["id"]
        look = lambda: (b := codebuild.batch_get_builds(ids=[build])["builds"][0]) and b["buildComplete"] and b  # noqa: E731
        return dict(eventually(look, 240))

    def log(self, done: dict[str, Any]) -> list[str]:
        where = {"logGroupName": done["logs"]["groupName"], "logStreamName": done["logs"]["streamName"]}
        events = self._cloud.client("logs").get_log_events(**where, startFromHead=True)["events"]
        return [event["message"] for event in events]


class Hosts:
    """The platform's own adapter, in front of the local ECS."""

    def __init__(self, cloud: Cloud) -> None:
        self.ecs = cloud.client("ecs")
        self.ecs.create_cluster(clusterName="servables")
        cloud.client("logs").create_log_group(logGroupName="/servables")
        settings = HostSettings(
            cluster="servables",
            subnets=["subnet-1"],
            security_groups=["sg-1"],
            execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/execution",
            log_group="/servables",
            region=REGION,
            port=9091,
        )
        scaling = ServiceScaling(cloud.client("application-autoscaling"), "servables")
        logs = CloudWatchLogs(cloud.client("logs"))
        self.host = EcsServableHost(self.ecs, scaling, logs, settings)

    def start(self, image: str, scaling: Scaling | None = None, **configuration: Any) -> "Running":
        name = f"talkative-1-{uuid.uuid4().hex[:6]}"
        wanted = entities.configuration(resources=Resources(**configuration))
        self.host.start(entities.servable(name, scaling=scaling), image, wanted)
        running = Running(self, name)
        eventually(running.healthy, 120)
        return running


@dataclass(frozen=True)
class Running:
    """A servable."""

    hosts: Hosts
    name: str

    def healthy(self) -> list[Replica]:
        seen = self.hosts.host.look(self.name)
        return [replica for replica in seen.replicas if replica.healthy] if seen else []

    def stopped(self) -> list[str]:
        """How its tasks ended, also those that were asked to, in which the platform sees no failure."""
        ecs = self.hosts.ecs
        arns = ecs.list_tasks(cluster="servables", serviceName=self.name, desiredStatus="STOPPED")["taskArns"]
        tasks = ecs.describe_tasks(cluster="servables", tasks=arns)["tasks"] if arns else []
        return [end_reason(task, "stopped") for task in tasks if task["lastStatus"] == "STOPPED"]

    def container(self) -> str:
        """The engine's name of its one container."""
        arns = self.hosts.ecs.list_tasks(cluster="servables", serviceName=self.name)["taskArns"]
        [task] = self.hosts.ecs.describe_tasks(cluster="servables", tasks=arns)["tasks"]
        return str(task["containers"][0]["runtimeId"])

    def ask(self, order: str) -> Any:
        """What the model answers; raises grpc.RpcError."""
        with grpc.insecure_channel(self.healthy()[0].address) as channel:
            answer = rpc.GRPCInferenceServiceStub(channel).ModelInfer(request_for(TALK, {"order": order}), timeout=60)
        return json.loads(outputs_of(answer)["answer"].item())

    def log(self) -> tuple[str, ...]:
        return self.hosts.host.log(self.name).lines


def zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(folder))
    return buffer.getvalue()


def manifest_digest(registry: str, repository: str, tag: str) -> str:
    """What the registry itself says."""
    request = urllib.request.Request(
        f"http://{registry}/v2/{ACCOUNT}/{REGION}/{repository}/manifests/{tag}",
        headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return str(answer.headers["Docker-Content-Digest"])
