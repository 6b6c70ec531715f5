"""Secrets of a build reach the step that mounts them, and nothing else."""

import os
from pathlib import Path

import pytest
from engine_scene import BASE, Workbench
from local_cloud.engine import secrets
from local_cloud.engine.builder import Builder
from local_cloud.engine.errors import DockerfileError, EngineError
from local_cloud.engine.images import Image

READS = "RUN --mount=type=secret,id=pip.conf,uid=1000 wc -c < /run/secrets/pip.conf > size\n"


def build(bench: Workbench, context: Path, text: str, **given: bytes) -> tuple[Image, list[str]]:
    said: list[str] = []
    (context / "Dockerfile").write_text(BASE + "WORKDIR /app\n" + text)
    known = {name.replace("_", "."): content for name, content in given.items()}
    builder = Builder(bench.store, bench.machine, said.append, known)
    return builder.build(context, context / "Dockerfile", {}, {}), said


def test_m23_a_step_reads_its_secret_and_no_layer_has_it(bench: Workbench, context: Path) -> None:
    image, said = build(bench, context, READS, pip_conf=b"hunter2")
    assert (image.rootfs / "app/size").read_text().strip() == "7"
    files = [Path(folder, name) for folder, _, names in os.walk(image.rootfs) for name in names]
    assert [file.name for file in files] == ["size"]
    assert "hunter2" not in "\n".join(said)


def test_m23_another_secret_is_not_another_image(bench: Workbench, context: Path) -> None:
    text = READS + "# once\n"
    first, _ = build(bench, context, text, pip_conf=b"1234567")
    second, said = build(bench, context, text, pip_conf=b"7654321")
    assert first.digest == second.digest
    assert any("CACHED" in line for line in said)


def test_a_secret_may_have_a_place_of_its_own(bench: Workbench, context: Path) -> None:
    step = "RUN --mount=type=secret,id=key,target=/etc/key cat /etc/key | tr a-z A-Z > loud\n"
    image, _ = build(bench, context, step, key=b"abc")
    assert (image.rootfs / "app/loud").read_text() == "ABC"


def test_a_secret_that_is_not_given_is_not_there_unless_it_is_required(bench: Workbench, context: Path) -> None:
    image, _ = build(bench, context, "RUN --mount=type=secret,id=no test ! -e /run/secrets/no && touch fine\n")
    assert (image.rootfs / "app/fine").exists()
    with pytest.raises(DockerfileError, match="secret no: not found"):
        build(bench, context, "RUN --mount=type=secret,id=no,required true\n")


def test_secrets_come_from_variables_and_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"two")
    found = secrets.given(["id=a,env=A", f"id=b,src={tmp_path / 'file'}"], {"A": "one"})
    assert found == {"a": b"one", "b": b"two"}


@pytest.mark.parametrize("option", ["env=A", "id=a", "id=a,env=NOT_SET", "id=a,src=/no/such/file"])
def test_a_secret_from_nowhere_is_refused(option: str) -> None:
    with pytest.raises(EngineError, match="secret"):
        secrets.given([option], {"A": "1"})
