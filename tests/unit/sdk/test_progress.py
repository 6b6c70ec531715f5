"""Progress: bars in a terminal, lines elsewhere."""

import io

import pytest
from dewpoint.cli.output import Output
from dewpoint.cli.progress import LineWatcher, LiveWatcher, ShownWatcher, watch
from rich.console import Console


def output(*, terminal: bool) -> tuple[Output, io.StringIO]:
    written = io.StringIO()
    shown = Output(None)
    shown.err = Console(file=written, force_terminal=terminal, width=100, color_system=None)
    return shown, written


def build(watcher: ShownWatcher) -> None:
    with watcher:
        watcher.packed(3, 2_000_000)
        watcher.uploaded(0, 2_000_000)
        watcher.uploaded(2_000_000, 2_000_000)
        watcher.state("penguins:1", "Assembling", "")
        watcher.log("Step 1 [bold]\x1b[2J")
        watcher.state("penguins:1", "Assembling", "")
        watcher.state("penguins:1", "Failed", "no\nreason")


def test_the_place_decides() -> None:
    assert isinstance(watch(output(terminal=True)[0], quiet=False), LiveWatcher)
    assert isinstance(watch(output(terminal=False)[0], quiet=False), LineWatcher)


def test_lines() -> None:
    shown, written = output(terminal=False)
    build(LineWatcher(shown, quiet=False))
    assert written.getvalue().splitlines() == [
        "uploading 3 files, 2.0 MB",
        "uploaded 2.0 MB",
        "penguins:1 Assembling",
        "  Step 1 [bold]�[2J",
        "penguins:1 Failed: no",
        "reason",
    ]


@pytest.mark.parametrize("quiet", [False, True])
def test_bars(quiet: bool) -> None:
    shown, written = output(terminal=True)
    build(LiveWatcher(shown, quiet=quiet))
    told = written.getvalue()
    assert "penguins:1 Failed" in told
    assert "no reason" in told
    assert ("Step 1 [bold]" in told) is not quiet
    assert "\x1b[2J" not in told
