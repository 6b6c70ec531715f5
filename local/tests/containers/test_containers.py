"""Real containers: built by the buildspec, run by ECS with limits, ended without a trace."""

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import grpc
import pytest
from container_scene import PYTHON, Engine, Hosts, Model, Running, manifest_digest
from running_cloud import ACCOUNT, REGISTRY, Cloud, eventually

from functions.core.scaling import Scaling

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(600)]
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
PLACE = "000000000000/us-east-1"
FUNCTION = """
import os
def handler(event, context):
    if event == "exit":
        os._exit(9)
    return [event, os.getuid()]
"""
FUNCTION_IMAGE = f"""
FROM python:{PYTHON}-slim
RUN --mount=type=secret,id=pip,target=/etc/pip.conf,mode=0444 --mount=type=secret,id=ca,mode=0444 \\
    pip install --no-cache-dir awslambdaric==4.0.0
WORKDIR /var/task
COPY app.py .
ENTRYPOINT ["python", "-m", "awslambdaric"]
CMD ["app.handler"]
"""


@pytest.fixture(scope="module")
def servable(model: Model, hosts: Hosts) -> Running:
    """A quarter of a processor, half a gigabyte."""
    return hosts.start(model.image, cpu=0.25, memory=512)


def test_nothing_of_this_machine_is_in_the_base_image(engine: Engine, tmp_path: Path) -> None:
    """Where the packages came from and how this machine finds names, looked for in every byte."""
    if not engine.is_own:
        pytest.skip("this machine's own engine pulls its base images")
    container = engine.docker("create", engine.docker("images", "-q", "python").split()[0]).strip()
    engine.docker("export", "--output", str(tmp_path / "base.tar"), container)
    engine.docker("rm", container)
    content = (tmp_path / "base.tar").read_bytes()
    telling = addresses_of_this_machine()
    assert telling
    assert [address for address in telling if address.encode() in content] == []
    with tarfile.open(tmp_path / "base.tar") as archive:
        sizes = {member.name: member.size for member in archive}
    assert not [name for name in sizes if name.startswith("etc/apt/")]
    # the engine itself puts empty ones into a container that it has not started
    assert sizes.get("etc/hostname", 0) == sizes.get("etc/resolv.conf", 0) == 0
    assert {"usr/bin/python3", "usr/bin/pip", "etc/ssl/certs/ca-certificates.crt"} <= sizes.keys()


def test_a_build_leaves_no_certificates_and_no_package_index_in_the_image(engine: Engine, model: Model) -> None:
    image = model.image.replace(model.image.partition("/")[0], f"{engine.variables['DEWPOINT_REGISTRY']}/{PLACE}")
    looked = "ls -A /run/secrets; cat /etc/pip.conf; env | grep -E '^(PIP_CERT|PIP_INDEX|SSL_CERT|HTTPS?_PROXY)'; true"
    said = engine.docker("run", "--rm", "--network=none", "--entrypoint", "sh", image, "-c", f"({looked}) 2>/dev/null")
    assert said == ""


def test_a_build_pushes_what_ecr_and_the_registry_know_by_the_same_digest(
    cloud: Cloud, engine: Engine, model: Model
) -> None:
    [known] = cloud.client("ecr").describe_images(repositoryName="models")["imageDetails"]
    assert known["imageDigest"] == model.digest
    assert known["imageTags"] == ["talkative-1"]
    assert manifest_digest(engine.variables["DEWPOINT_REGISTRY"], "models", "talkative-1") == model.digest


def test_a_failed_build_ends_its_log_with_the_reason(model: Model) -> None:
    """The lines are BuildKit's here, not the process engine's."""
    done = model.run("def predict(other): ...", "misfit-1")
    assert done["buildStatus"] == "FAILED"
    said = [line for line in model.log(done) if "[Container]" not in line]
    assert said[-1].startswith("build failed: predict(other) does not take the signature's inputs (order)")


def test_a_servable_answers_at_an_address_of_its_own_and_has_nothing_else_of_the_machine(servable: Running) -> None:
    [replica] = servable.healthy()
    assert replica.address.startswith("127.")
    assert replica.address.endswith(":9091")
    facts = servable.ask("facts")
    assert facts["environment"]["APP_HOST"] == replica.address.partition(":")[0]
    assert facts["user"] == 1000
    assert facts["pid"] == 1
    assert facts["processes"] == [1] or len(facts["processes"]) <= 3, "its own processes, and perhaps a probe"
    assert facts["capabilities"] == [0, 0, 0, 0]
    assert facts["no_new_privileges"] == 1
    assert facts["root_is_writable"] is False
    assert not [name for name in facts["environment"] if name.startswith(("AWS_", "PIP_CERT"))]


def test_the_limits_are_the_task_definitions(engine: Engine, servable: Running) -> None:
    limits = engine.inspect(servable.container())["HostConfig"]
    assert limits["Memory"] == limits["MemorySwap"] == 512 << 20
    assert limits["NanoCpus"] == 250_000_000
    assert limits["PidsLimit"] == 1024
    assert limits["ReadonlyRootfs"] is True
    assert limits["CapDrop"] == ["ALL"]
    assert limits["SecurityOpt"] == ["no-new-privileges"]


def test_a_quarter_of_a_processor_is_not_more(servable: Running) -> None:
    spent = servable.ask("spin")
    # four times as long by the quota; two, in case the first period was a whole one
    assert spent["seconds"] > 2 * spent["busy"]


def test_a_busy_servable_gets_another_copy(hosts: Hosts, model: Model) -> None:
    busy = hosts.start(model.image, Scaling(max_replicas=2, cpu_utilization=10), cpu=0.25, memory=512)
    eventually(lambda: busy.ask("spin") and len(busy.healthy()) == 2, 120)


def test_more_memory_than_the_limit_is_the_reason_that_the_servable_gives(servable: Running) -> None:
    first = servable.healthy()[0].task
    with pytest.raises(grpc.RpcError) as failure:
        servable.ask("hoard")
    assert failure.value.code() == grpc.StatusCode.UNAVAILABLE
    [reason] = eventually(servable.stopped, 60)
    assert reason == f"Essential container in task exited, exit code 137, {OUT_OF_MEMORY}"
    again = eventually(servable.healthy, 120)
    assert again[0].task != first, "another one takes its place"


def test_a_servable_that_is_stopped_ends_by_itself_and_its_container_is_gone(engine: Engine, servable: Running) -> None:
    container = servable.container()
    servable.hosts.host.stop(servable.name)
    eventually(lambda: not engine.docker("ps", "-aq", "--no-trunc", "--filter", f"id={container}").strip(), 60)
    reasons = eventually(lambda: len(found := servable.stopped()) == 2 and found, 60)
    assert "exit code 0" in reasons[-1] or "exit code 0" in reasons[0], "it was asked, not killed"
    assert servable.log()


def test_an_image_that_is_not_there_cannot_be_pulled(hosts: Hosts, model: Model) -> None:
    missing = model.image.replace(model.digest, "sha256:" + "0" * 64)
    definition = hosts.ecs.register_task_definition(
        family="missing",
        networkMode="awsvpc",
        containerDefinitions=[{"name": "main", "image": missing, "essential": True, "memory": 128}],
    )["taskDefinition"]["taskDefinitionArn"]
    assert run(hosts, definition)["stoppedReason"].startswith("CannotPullContainerError: ")


def test_a_command_that_is_not_there_cannot_be_started(hosts: Hosts, model: Model) -> None:
    container = {"name": "main", "image": model.image, "memory": 128, "entryPoint": ["no-such-program"]}
    definition = hosts.ecs.register_task_definition(
        family="nothing", networkMode="awsvpc", containerDefinitions=[container]
    )["taskDefinition"]["taskDefinitionArn"]
    reason = run(hosts, definition)["stoppedReason"]
    assert reason.startswith("CannotStartContainerError: ")
    assert "no-such-program" in reason


def test_an_image_function_runs_in_a_container(cloud: Cloud, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FUNCTION)
    (tmp_path / "Dockerfile").write_text(FUNCTION_IMAGE)
    image, functions = f"{REGISTRY}/function:1", cloud.client("lambda")
    cloud.client("ecr").create_repository(repositoryName="function")
    for words in (("build", "--tag", image, str(tmp_path)), ("push", image)):
        done = cloud.docker(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    role = f"arn:aws:iam::{ACCOUNT}:role/anything"
    functions.create_function(
        FunctionName="boxed", PackageType="Image", Code={"ImageUri": image}, Role=role, Timeout=60, MemorySize=256
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="boxed")
    assert invoke(functions, {"a": 1}) == [{"a": 1}, 993]
    [container] = engine.docker("ps", "-q", "--filter", "name=function-").split()
    assert engine.inspect(container)["HostConfig"]["Memory"] == 256 << 20
    assert invoke(functions, "exit")["errorType"] == "Runtime.ExitError"
    assert invoke(functions, {"a": 2}) == [{"a": 2}, 993], "a runtime that ended is started anew"
    functions.delete_function(FunctionName="boxed")
    eventually(lambda: not engine.docker("ps", "-aq", "--filter", "name=function-").strip(), 60)


def test_what_a_killed_emulator_leaves_ends_with_the_cloud(engine: Engine, model: Model, hosts: Hosts) -> None:
    """The last one: its container is still there when the engine's fixture takes everything down and looks."""
    running = hosts.start(model.image, cpu=0.5, memory=512)
    assert engine.inspect(running.container())["State"]["Running"]


def invoke(functions: Any, event: Any) -> Any:
    answer = functions.invoke(FunctionName="boxed", Payload=json.dumps(event).encode())
    return json.loads(answer["Payload"].read())


def run(hosts: Hosts, definition: str) -> dict[str, str]:
    """One task, to its end."""
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}
    [task] = hosts.ecs.run_task(
        cluster="servables", taskDefinition=definition, launchType="FARGATE", networkConfiguration=network
    )["tasks"]
    look = lambda: hosts.ecs.describe_tasks(cluster="servables", tasks=[task["taskArn"]])["tasks"][0]  # noqa: E731
    return dict(eventually(lambda: (t := look()) and t["lastStatus"] == "STOPPED" and t, 60))


def addresses_of_this_machine() -> list[str]:
    """What would tell where an image was made: package archives and name servers."""
    files = [
        Path("/etc/apt/sources.list"),
        *Path("/etc/apt/sources.list.d").glob("*.sources"),
        Path("/etc/resolv.conf"),
    ]
    text = "\n".join(file.read_text() for file in files if file.exists())
    return sorted({*re.findall(r"https?://([^/\s]+)", text), *re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE)})
