"""buildspec.yml as CodeBuild runs it: one bash for all commands, with stand-ins for `aws` and `docker` on the PATH.

The stand-ins keep what they were asked, serve files from a folder, and let the docker one run the real check.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servable.folders import field, python_folder, signature
from tests.servable.running import ROOT

SERVABLE = ROOT / "servable"
ADD = signature([field("a")], [field("y")])
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

AWS = """#!/bin/bash
echo "aws $*" >> "$CALLS"
case "$1 $2" in
  "ecr get-login-password") [ -z "$NO_LOGIN" ] && echo secret || { echo "no credentials" >&2; exit 254; } ;;
  "s3 cp") [[ "$5" == s3://* ]] && exec cp "$4" "$BUCKET/$(basename "$5")"
    cp "$BUCKET/$(basename "$4")" "$5" || { echo "fatal error: 404 Key does not exist" >&2; exit 1; } ;;
esac
"""
DOCKER = """#!/bin/bash
echo "docker $*" >> "$CALLS"
case "$1" in
  login) [ "$(cat)" = secret ] ;;
  build) case "$*" in *"--file Dockerfile "*) ;; *) exit 0 ;; esac
    cd image/model && echo "#7 [4/4] RUN echo build failed: not this line" &&
    (export SERVABLE_RUNTIME=python
     { "$PYTHON" -m servable.infer_signature && "$PYTHON" -m servable.check; } 2>&1 |
       sed 's/^/#7 0.512 /'; exit "${PIPESTATUS[0]}") ||
    { echo "ERROR: process did not complete successfully: exit code: 1"; exit 1; } ;;
  inspect) echo "${@: -1}@sha256:$(printf '0%.0s' {1..64})" ;;
esac
"""


class Build:
    """One build in a folder of its own."""

    def __init__(self, folder: Path, source: str, signature_file: bytes | None = None, dockerfile: str = "") -> None:
        """With `signature_file` the contract comes without a signature, and the payload holds that file."""
        self._work = folder / "source"
        shutil.copytree(SERVABLE, self._work, ignore=shutil.ignore_patterns("__pycache__", "runtimes", "pb"))
        self._bucket = folder / "bucket"
        self._calls = folder / "calls"
        model = python_folder(folder / "model", ADD, source)
        self._bucket.mkdir()
        contract = json.loads((model / "contract.json").read_text())
        if signature_file is not None:
            contract["signature"] = None
            (model / "files" / "signature.json").write_bytes(signature_file)
        if dockerfile:
            (model / "files" / "Dockerfile").write_text(dockerfile)
        shutil.make_archive(str(self._bucket / "payload"), "gztar", model / "files")
        contract["installCommand"] = "pip install 'a b'\npip install c"
        (self._bucket / "contract.json").write_text(json.dumps(contract))
        for name, text in (("aws", AWS), ("docker", DOCKER)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        self._environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PYTHON": sys.executable,
            "CALLS": str(self._calls),
            "BUCKET": str(self._bucket),
            "PAYLOAD_URI": "s3://bucket/payload.tar.gz",
            "PAYLOAD_SHA256": hashlib.sha256((self._bucket / "payload.tar.gz").read_bytes()).hexdigest(),
            "CONTRACT_URI": "s3://bucket/contract.json",
            "SIGNATURE_URI": "s3://bucket/signature.json",
            "CODEBUILD_BUILD_ID": "model-build:1",
            "MODEL_NAME": "add",
            "MODEL_VERSION": "1",
            "RUNTIME_IMAGE": f"{REGISTRY}/dewpoint/runtime:python",
            "IMAGE_URI": f"{REGISTRY}/dewpoint/models:add-1",
        }

    def run(self, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Commands one after the other until one fails, as CodeBuild does it in buildspec version 0.2."""
        spec = yaml.safe_load((self._work / "buildspec.yml").read_text())
        assert spec["version"] == 0.2
        commands = [command for phase in ("pre_build", "build") for command in spec["phases"][phase]["commands"]]
        script = "".join(f"{command}\n[ $? -eq 0 ] || exit 1\n" for command in commands)
        script += "".join(f'echo "exported {name}=${name}"\n' for name in spec["env"]["exported-variables"])
        return subprocess.run(
            [spec["env"]["shell"], "-c", script],
            cwd=self._work,
            env={**self._environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def signature(self) -> Any:
        """What the build left for the platform; None when it left nothing."""
        file = self._bucket / "signature.json"
        return json.loads(file.read_text()) if file.exists() else None

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines()


GOOD = "def predict(a): return {'y': a}"


def test_m03_a_build_from_payload_to_digest(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD)
    done = build.run()
    assert done.returncode == 0, done.stdout
    assert f"exported IMAGE_DIGEST=sha256:{'0' * 64}" in done.stdout
    # the two sides of a pipe start in any order
    assert sorted(build.calls[0:2]) == [
        "aws ecr get-login-password",
        f"docker login --username AWS --password-stdin {REGISTRY}",
    ]
    assert f"docker push {REGISTRY}/dewpoint/models:add-1" in build.calls
    text = "\n".join(build.calls)
    assert f"--build-arg RUNTIME={REGISTRY}/dewpoint/runtime:python" in text
    assert "--build-arg INSTALL_COMMAND=pip install 'a b'\npip install c --tag" in text


def test_m05_a_build_leaves_the_signature_that_it_inferred(tmp_path: Path) -> None:
    told = json.loads((python_folder(tmp_path / "told", ADD, GOOD) / "contract.json").read_text())["signature"]
    build = Build(tmp_path, GOOD, signature_file=json.dumps(told, indent=1).encode())
    done = build.run()
    assert done.returncode == 0, done.stdout
    assert build.signature == told
    # not from the cache of an earlier build, whose step would not say it again
    assert any("--build-arg INFERRED_BY=model-build:1 " in call for call in build.calls)
    assert any(call.endswith("signature.json s3://bucket/signature.json") for call in build.calls)
    assert "called with an example: y = 1.0" in done.stdout  # the check saw the inferred contract


def test_a_build_leaves_no_signature_where_the_contract_has_one(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD)
    assert build.run().returncode == 0
    assert build.signature is None
    assert any("--build-arg INFERRED_BY= " in call for call in build.calls)


def test_a_signature_file_that_is_none_fails_the_build(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD, signature_file=b'{"signatureName": "predict"}')
    assert last_line(build.run()) == "build failed: signature.json: Object missing required field `inputs`"
    assert build.signature is None
    assert not any("docker push" in call for call in build.calls)


def test_a_public_runtime_needs_no_login(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD)
    assert build.run(RUNTIME_IMAGE="docker.io/library/custom:1").returncode == 0
    assert sum("docker login" in call for call in build.calls) == 1


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode != 0, done.stdout
    return done.stdout.splitlines()[-1]


def test_m22_a_dockerfile_of_the_payloads_is_built_in_the_payload(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD, dockerfile="FROM python:3.13-slim")
    done = build.run(RUNTIME_IMAGE="")
    assert done.returncode == 0, done.stdout
    [call] = [call for call in build.calls if call.startswith("docker build")]
    assert call == (
        "docker build --file image/model/files/Dockerfile --build-arg MODEL_NAME=add --build-arg MODEL_VERSION=1"
        f" --tag {REGISTRY}/dewpoint/models:add-1 image/model/files"
    )
    context = tmp_path / "source" / "image" / "model" / "files"
    assert json.loads((context / "contract.json").read_text())["name"] == "model"
    assert (context / "Dockerfile").read_text() == "FROM python:3.13-slim\nVOLUME /tmp\n"
    assert any(call.startswith("docker push") for call in build.calls)


@pytest.mark.parametrize("runtime", [f"{REGISTRY}/dewpoint/runtime:python", ""])
def test_m23_the_secret_of_a_package_index_is_mounted_and_in_no_argument(tmp_path: Path, runtime: str) -> None:
    build = Build(tmp_path, GOOD, dockerfile="FROM python:3.13-slim")
    done = build.run(RUNTIME_IMAGE=runtime, PACKAGE_INDEX="[global]\nindex-url = https://me:hunter2@index/simple")
    assert done.returncode == 0, done.stdout
    assert any("--secret id=pip.conf,env=PACKAGE_INDEX" in call for call in build.calls)
    assert "hunter2" not in done.stdout + "\n".join(build.calls)


BUILDKIT = """
#7 [4/4] RUN pip install nope
#7 1.201 Looking in indexes: https://me:****@index/simple
#7 1.902 ERROR: Could not find a version that satisfies the requirement nope
#7 1.903 ERROR: No matching distribution found for nope
#7 1.904
#7 ERROR: process "/bin/sh -c pip install nope" did not complete successfully: exit code: 1
------
 > [4/4] RUN pip install nope:
1.903 ERROR: No matching distribution found for nope
------
Dockerfile:4
--------------------
   4 | >>> RUN pip install nope
--------------------
ERROR: failed to solve: process "/bin/sh -c pip install nope" did not complete successfully: exit code: 1
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            BUILDKIT,
            [
                "Looking in indexes: https://me:****@index/simple",
                "ERROR: Could not find a version that satisfies the requirement nope",
                "ERROR: No matching distribution found for nope",
                'build failed: process "/bin/sh -c pip install nope" did not complete successfully: exit code: 1',
            ],
        ),
        (
            "#5 0.1 no such package\n#5 0.2 build failed: install command ended with status 1: pip\n#5 ERROR: exit 1\n",
            ["no such package", "build failed: install command ended with status 1: pip"],
        ),
        (
            "#5 0.1 loading\n#5 0.2 build failed: the model is shy\n#5 ERROR: exit code: 1\n",
            ["build failed: the model is shy"],
        ),
        ("ERROR: cannot reach the daemon\n", []),
    ],
    ids=["a step of theirs", "an install command", "a step of ours", "no step"],
)
def test_m03_the_last_words_of_the_step_that_failed_are_said_last(tmp_path: Path, log: str, said: list[str]) -> None:
    (tmp_path / "build.log").write_text(log)
    command = ["bash", SERVABLE / "reason.sh", tmp_path / "build.log"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines() == said


def test_another_payload_than_declared(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD)
    said = last_line(build.run(PAYLOAD_SHA256="f" * 64))
    assert said.startswith("build failed: the payload's SHA-256 is not the one that was declared, ffff")
    assert not any("docker build" in call for call in build.calls)


def test_m06_a_model_that_does_not_fit_its_signature(tmp_path: Path) -> None:
    build = Build(tmp_path, "def predict(b): ...")
    assert last_line(build.run()).startswith("build failed: predict(b) does not take the signature's inputs (a)")
    assert not any("docker push" in call for call in build.calls)


@pytest.mark.parametrize(
    ("environ", "said"),
    [({"NO_LOGIN": "1"}, "no credentials"), ({"PAYLOAD_URI": "s3://bucket/no.tar.gz"}, "404 Key does not exist")],
)
def test_a_step_that_fails_ends_the_build(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    build = Build(tmp_path, GOOD)
    assert said in build.run(**environ).stdout
    assert not any("docker build" in call for call in build.calls)


def test_a_hostile_payload_names_its_entry(tmp_path: Path) -> None:
    build = Build(tmp_path, GOOD)
    target = tmp_path / "bucket" / "payload.tar.gz"
    subprocess.run(["tar", "-czPf", target, "/etc/hostname"], check=True)
    done = build.run(PAYLOAD_SHA256=hashlib.sha256(target.read_bytes()).hexdigest())
    assert last_line(done).startswith("build failed: payload refused: '/etc/hostname'")
