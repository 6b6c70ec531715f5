"""What a person sees: progress, failures of tools, and the tour's verdicts."""

import io
import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local.machine.commands import RealCommands, telling_lines
from local.machine.errors import CommandFailed, MachineError, Unsupported
from local.machine.progress import LineProgress, LiveProgress, progress_on
from local.machine.settings import Settings
from local.machine.tour import agrees, tour


def test_a_slow_step_is_told_while_it_goes_on_and_when_it_ends() -> None:
    stream = io.StringIO()
    with LineProgress(stream, quiet=0.1, beat=0.1).step("deploying") as say:
        say("3 of 7")
        time.sleep(0.35)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "deploying: 3 of 7 (0 s)"
    assert lines[-1] == "deploying: done in 0 s"
    assert len(lines) >= 3


def test_a_quick_step_says_nothing() -> None:
    stream = io.StringIO()
    with progress_on(stream).step("looking"):
        pass
    assert stream.getvalue() == ""


def test_a_terminal_gets_a_line_for_a_slow_step_only() -> None:
    stream = io.StringIO()
    progress = LiveProgress(Console(file=stream, force_terminal=True, width=80), quiet=0.1)
    with progress.step("quick"):
        pass
    with progress.step("slow") as say:
        say("working")
        time.sleep(0.7)
    assert "✓" in stream.getvalue()
    assert "slow: working" in stream.getvalue()
    assert stream.getvalue().count("✓") == 1


def test_a_failed_step_is_not_called_done() -> None:
    stream = io.StringIO()

    def fail() -> None:
        with LineProgress(stream, quiet=0.0).step("deploying"):
            raise MachineError("no")

    with pytest.raises(MachineError):
        fail()
    assert "done" not in stream.getvalue()


def test_a_tools_output_is_logged_and_heard_line_by_line(tmp_path: Path) -> None:
    heard: list[str] = []
    argv = ["sh", "-c", "echo one; echo two >&2"]
    RealCommands().run("sh", argv, os.environ, tmp_path, tmp_path / "log", heard.append)
    assert heard == ["one", "two"]
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


def test_a_failing_tool_is_quoted_where_it_matters(tmp_path: Path) -> None:
    script = "echo Error: the reason; for i in $(seq 50); do echo noise $i; done; exit 3"
    with pytest.raises(CommandFailed) as caught:
        RealCommands().run("deploy", ["sh", "-c", script], os.environ, tmp_path, tmp_path / "log")
    assert "Error: the reason" in str(caught.value)
    assert str(tmp_path / "log") in str(caught.value)
    with pytest.raises(Unsupported, match="not on this machine"):
        RealCommands().run("x", ["/no/such/tool"], {}, tmp_path, tmp_path / "log")


def test_telling_lines_keep_their_order_and_number() -> None:
    lines = [*(f"error {number}" for number in range(30)), "", "last words"]
    chosen = telling_lines(lines)
    assert chosen[-1] == "last words"
    assert len(chosen) == 12
    assert chosen == sorted(chosen, key=lines.index)


class FakeCli:
    def __init__(self, answers: dict[str, dict]) -> None:
        self.answers = answers
        self.ran: list[list[str]] = []

    def run(self, arguments: Sequence[str], code: int = 0) -> str:
        self.ran.append([*arguments, str(code)])
        return json.dumps(self.answers[arguments[1]]) if arguments[0] == "predict" else ""


class FakeProtocols:
    """Answers over HTTP and gRPC what it was made with."""

    def __init__(self, http: Any, grpc: Any) -> None:
        self.http, self.grpc = http, grpc

    def over_http(self, application: str, request: dict) -> Any:
        return self.http

    def over_grpc(self, application: str, request: dict) -> Any:
        return self.grpc


TRUTH = {"label": 3, "p": [0.25, 0.75]}


@pytest.fixture
def example(settings: Settings) -> Settings:
    folder = settings.root / "examples/digits"
    folder.mkdir(parents=True)
    (folder / "tour.json").write_text('{"title": "Digits", "application": "digits", "shown": ["label", "p"]}')
    (folder / "request.json").write_text('{"x": [[1.5]], "y": 1}')
    (folder / "answer.json").write_text(json.dumps(TRUTH | {"unseen": 1}))
    return settings


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ({"label": 3, "p": [0.25, 0.75], "more": 1}, True),
        ({"label": 4, "p": [0.25, 0.75]}, False),
        ({"label": 3, "p": [0.25, 0.7]}, False),
        ({"label": 3}, False),
        ([], False),
    ],
)
@pytest.mark.parametrize("way", [0, 1, 2])
def test_the_tour_checks_every_answer_of_every_way(example: Settings, answer: dict, right: bool, way: int) -> None:
    answers = [answer if at == way else TRUTH for at in range(3)]
    screen, cli = io.StringIO(), FakeCli({"digits": answers[0]})
    assert tour(example, Console(file=screen, width=200), cli, FakeProtocols(*answers[1:])) is right
    assert cli.ran[0] == ["apply", "--quiet", "-f", "examples/digits/serving.yaml", "0"]
    assert cli.ran[1][:4] == ["predict", "digits", "--file", "examples/digits/request.json"]
    assert ("wrong" in screen.getvalue()) is not right
    assert f"{int(right)} of 1 examples answered right" in screen.getvalue()


def test_the_tour_ends_with_something_that_is_refused(example: Settings) -> None:
    cli = FakeCli({"digits": TRUTH})
    tour(example, Console(file=io.StringIO()), cli, FakeProtocols(TRUTH, TRUTH))
    assert json.loads(cli.ran[-1][3]) == {"y": "five"}
    assert cli.ran[-1][-1] == "1"


def test_a_tour_without_stops_or_with_a_broken_one_is_an_error(settings: Settings, clone: Path) -> None:
    with pytest.raises(MachineError, match="no example"):
        tour(replace(settings), Console(file=io.StringIO()), FakeCli({}), FakeProtocols({}, {}))
    (clone / "examples/x").mkdir(parents=True)
    (clone / "examples/x/tour.json").write_text('{"title": 1}')
    with pytest.raises(MachineError, match=r"tour\.json"):
        tour(settings, Console(file=io.StringIO()), FakeCli({}), FakeProtocols({}, {}))


def test_numbers_agree_closely_and_shapes_exactly() -> None:
    assert agrees(0.1 + 0.2, 0.3)
    assert agrees(1.0, 1)
    assert not agrees([1.0], [1.0, 2.0])
    assert not agrees("a", None)
