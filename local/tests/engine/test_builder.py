"""Builds: what ends up in the image, what is cached, what fails and how."""

import os
import threading
from pathlib import Path

import pytest
from engine_scene import BASE, Workbench
from local_cloud.engine.errors import BuildFailed, DockerfileError


def test_an_image_has_the_files_the_environment_and_the_command(bench: Workbench, context: Path) -> None:
    (context / "src").mkdir()
    (context / "src/a.py").write_text("a = 1\n")
    (context / "run.sh").write_text("#!/bin/sh\n")
    image, _ = bench.build(
        context,
        "ARG NAME=slim\nFROM python:3.13-${NAME}\nARG GREETING\nENV WORD=hi TWO=\"a b\"\nWORKDIR /app\n"
        "COPY src lib\nCOPY --chmod=755 run.sh ./\nWORKDIR deep\nRUN echo $GREETING $WORD > said\nLABEL k=v\n"
        'USER 1000:1000\nEXPOSE 9091\nENTRYPOINT ["python"]\nCMD ["-V"]\n',
        GREETING="hello",
    )  # fmt: skip
    assert (image.rootfs / "app/lib/a.py").read_text() == "a = 1\n"
    assert (image.rootfs / "app/deep/said").read_text() == "hello hi\n"
    assert os.access(image.rootfs / "app/run.sh", os.X_OK)
    config = image.config
    assert (config.workdir, config.user, config.entrypoint) == ("/app/deep", "1000:1000", ("python",))
    assert (config.command, config.ports, config.labels) == (("-V",), ("9091",), {"k": "v"})
    assert config.env["TWO"] == "a b"
    assert "GREETING" not in config.env


def test_the_second_build_runs_nothing_and_a_changed_file_runs_only_what_follows(
    bench: Workbench, context: Path
) -> None:
    text = BASE + "COPY first first\nRUN echo running-one\nCOPY second second\nRUN echo running-two\n"
    (context / "first").write_text("1")
    (context / "second").write_text("2")
    image, said = bench.build(context, text)
    assert [line.split()[-1] for line in said if "running" in line and "RUN" not in line] == [
        "running-one",
        "running-two",
    ]
    again, said = bench.build(context, text)
    assert again.digest == image.digest
    assert not [line for line in said if "running" in line and "RUN" not in line]
    (context / "second").write_text("3")
    changed, said = bench.build(context, text)
    assert changed.digest != image.digest
    assert [line.split()[-1] for line in said if "running" in line and "RUN" not in line] == ["running-two"]


def test_the_digest_is_of_the_content(bench: Workbench, context: Path) -> None:
    one, _ = bench.build(context, BASE + "RUN printf same > file\n")
    two, _ = bench.build(context, BASE + "RUN printf sa > file && printf me >> file\n")
    three, _ = bench.build(context, BASE + "RUN printf other > file\n")
    assert one.digest == two.digest != three.digest


def test_a_child_changes_its_own_files_only(bench: Workbench, context: Path) -> None:
    parent, _ = bench.build(context, BASE + "WORKDIR /m\nRUN echo parent > file\n")
    bench.store.tag("parent:1", parent.digest)
    child, _ = bench.build(context, "ARG FROM_WHAT\nFROM ${FROM_WHAT}\nRUN echo child >> file\n", FROM_WHAT="parent:1")
    assert (parent.rootfs / "m/file").read_text() == "parent\n"
    assert (child.rootfs / "m/file").read_text() == "parent\nchild\n"
    assert child.parents[-1] == parent.digest


def test_pip_in_a_child_sees_replaces_and_removes_packages_without_touching_the_parent(
    bench: Workbench, context: Path
) -> None:
    for version in ("1.0", "2.0"):
        source = context / f"pkg-{version}"
        source.mkdir()
        (source / "thing.py").write_text(f"version = '{version}'\n")
        (source / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "wheel_of_one_file"\nbackend-path = ["."]\n'
        )
        (source / "wheel_of_one_file.py").write_text(_BACKEND.replace("VERSION", version))
    show = 'python -c "import thing; print(thing.version)"'
    parent, _ = bench.build(context, BASE + f"COPY pkg-1.0 pkg\nRUN pip install ./pkg && {show}\n")
    bench.store.tag("things:1", parent.digest)
    child, said = bench.build(
        context,
        f"FROM things:1\nRUN pip list\nCOPY pkg-2.0 other\nRUN pip install --upgrade ./other && {show} && thing\n",
    )
    assert any(line.split()[-2:] == ["thing", "1.0"] for line in said), "pip lists what the parent installed"
    printed = [line.split()[-1] for line in said if not line.endswith(("DONE", "CACHED"))]
    assert printed.count("2.0") == 2, "imported, and run as a program"
    assert next(parent.venv.glob("lib/*/site-packages/thing.py")).read_text().startswith("version = '1.0'")
    assert str(child.venv) in (child.venv / "bin/thing").read_text()


_BACKEND = """
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    info, name = "thing-VERSION.dist-info", "thing-VERSION-py3-none-any.whl"
    files = {
        "thing.py": open("thing.py").read() + "def main():\\n    print(version)\\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: thing\\nVersion: VERSION\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt": "[console_scripts]\\nthing = thing:main\\n",
    }
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"]))
    return name
"""


def test_a_failing_command_fails_with_its_exit_code_and_leaves_no_layer(bench: Workbench, context: Path) -> None:
    bench.build(context, BASE)
    before = len(list((bench.store.root / "layers").iterdir()))
    with pytest.raises(BuildFailed) as caught:
        bench.build(context, BASE + "RUN echo about to fail && exit 42\n")
    assert caught.value.exit_code == 42
    assert len(list((bench.store.root / "layers").iterdir())) == before


def test_a_build_has_no_credentials_and_its_own_home(bench: Workbench, context: Path) -> None:
    os.environ["AWS_SECRET_ACCESS_KEY"] = "of the developer"
    try:
        _, said = bench.build(context, BASE + "RUN env\n")
    finally:
        del os.environ["AWS_SECRET_ACCESS_KEY"]
    names = {line.split()[-1].partition("=")[0] for line in said}
    assert not [name for name in names if name.startswith("AWS_")]
    assert not any("HOME=" + str(Path.home()) in line for line in said)
    assert any("DEWPOINT_CLOUD=test-engine" in line for line in said)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("COPY missing .", "not found"),
        ("COPY ../outside .", "outside the build context"),
        ("COPY a* single", "must be a folder"),
    ],
)
def test_a_copy_that_cannot_be_done_names_its_line(bench: Workbench, context: Path, step: str, message: str) -> None:
    (context / "a1").write_text("")
    (context / "a2").write_text("")
    with pytest.raises(DockerfileError, match=message) as caught:
        bench.build(context, BASE + "\n" + step + "\n")
    assert caught.value.line == 3


def test_a_link_in_the_image_does_not_lead_a_copy_out_of_it(bench: Workbench, context: Path, tmp_path: Path) -> None:
    (context / "file").write_text("stolen")
    (tmp_path / "outside").mkdir()
    with pytest.raises(DockerfileError, match="would leave the image"):
        bench.build(context, BASE + f"RUN ln -s {tmp_path}/outside link\nCOPY file link/\n")
    assert not list((tmp_path / "outside").iterdir())


def test_an_unknown_base_is_named(bench: Workbench, context: Path) -> None:
    with pytest.raises(DockerfileError, match=r"ubuntu:22\.04: not found"):
        bench.build(context, "FROM ubuntu:22.04\n")


def test_ignored_files_are_not_copied_and_do_not_count(bench: Workbench, context: Path) -> None:
    (context / ".dockerignore").write_text("**/__pycache__\n")
    (context / "pkg/__pycache__").mkdir(parents=True)
    (context / "pkg/a.py").write_text("")
    (context / "pkg/__pycache__/a.pyc").write_text("1")
    one, _ = bench.build(context, BASE + "COPY pkg pkg\n")
    (context / "pkg/__pycache__/a.pyc").write_text("2")
    two, said = bench.build(context, BASE + "COPY pkg pkg\n")
    assert one.digest == two.digest
    assert said[-1].endswith("CACHED")
    assert not (one.rootfs / "pkg/__pycache__").exists()


def test_two_builds_of_the_same_at_once_make_it_once(bench: Workbench, context: Path) -> None:
    (context / "salt").write_text("concurrent")
    text = BASE + "COPY salt salt\nRUN sleep 0.5 && echo really-run\n"
    (context / "Dockerfile").write_text(text)
    found: list[tuple] = []
    threads = [threading.Thread(target=lambda: found.append(bench.build(context, text))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0][0].digest == found[1][0].digest
    runs = [line for _, said in found for line in said if line.endswith("really-run") and "RUN" not in line]
    assert len(runs) == 1


def test_volumes_are_told(bench: Workbench, context: Path) -> None:
    image, _ = bench.build(context, BASE + 'VOLUME /tmp\nVOLUME ["/data", "/more"]\n')
    assert image.config.volumes == ("/tmp", "/data", "/more")
    found = bench.store.find(image.digest)
    assert found is not None
    assert found.config.volumes == image.config.volumes
