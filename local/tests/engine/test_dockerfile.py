"""Dockerfiles as data: what is understood, and what is refused with file and line."""

from pathlib import Path

import pytest
from local_cloud.engine.dockerfile import parse
from local_cloud.engine.errors import DockerfileError
from local_cloud.engine.ignore import reader
from local_cloud.engine.variables import expand


def parsed(tmp_path: Path, text: str) -> list:
    file = tmp_path / "Dockerfile"
    file.write_text(text)
    return parse(file)


def test_instructions_with_continuations_comments_and_flags(tmp_path: Path) -> None:
    steps = parsed(
        tmp_path,
        "# first\nARG V=1\nfrom --platform=linux/amd64 python:${V}\n"
        "RUN --mount=type=cache,target=/x a && \\\n  # between\n  b\n"
        'ENTRYPOINT ["python", "-m", "servable"]\nCOPY --chmod=755 a b /c/\n',
    )
    assert [step.keyword for step in steps] == ["ARG", "FROM", "RUN", "ENTRYPOINT", "COPY"]
    assert steps[1].text == "python:${V}"
    assert steps[2].words == ("/bin/sh", "-c", "a && b")
    assert steps[2].line == 4
    assert (steps[3].words, steps[3].is_exec) == (("python", "-m", "servable"), True)
    assert (steps[4].words, steps[4].flags) == (("a", "b", "/c/"), (("chmod", "755"),))


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("FROM a\nFROM b\n", 2, "several stages"),
        ("FROM a\nCOPY --from=x y z\n", 2, "COPY --from"),
        ("FROM a\n\nADD x y\n", 3, "ADD"),
        ("FROM a\nRUN <<EOF\nls\nEOF\n", 2, "here-document"),
        ('FROM a\nCMD ["x", 1]\n', 2, "exec form"),
        ("RUN ls\nFROM a\n", 1, "RUN before FROM"),
        ("FROM a\nRUN\n", 2, "needs an argument"),
    ],
)
def test_what_cannot_be_done_is_refused_by_file_and_line(tmp_path: Path, text: str, line: int, named: str) -> None:
    with pytest.raises(DockerfileError, match=named) as caught:
        parsed(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path}/Dockerfile:{line}: ")


def test_variables() -> None:
    known = {"A": "1", "EMPTY": ""}
    assert expand(r"$A-${A} ${B:-x$A} ${EMPTY:-d} ${A:+yes}${B:+no} \$A $B.", known) == "1-1 x1 d yes $A ."


@pytest.mark.parametrize(
    ("path", "is_ignored"),
    [
        ("a.pyc", True),
        ("x/y/b.pyc", True),
        ("keep.pyc", False),
        ("build/x/y", True),
        ("rebuild", False),
        ("a.py", False),
    ],
)
def test_dockerignore(tmp_path: Path, path: str, is_ignored: bool) -> None:
    (tmp_path / ".dockerignore").write_text("# note\n**/*.pyc\n*.pyc\nbuild/\n!keep.pyc\n")
    assert reader(tmp_path)(path) is is_ignored
