"""A model that finishes no call any more is ill; one that is merely busy, or slow now and then, is not."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from servable.progress import Progress
from tests.servable.folders import python_folder
from tests.servable.running import Servable
from tests.servable.test_drain import until_started
from tests.servable.test_server import SLOW, SLOW_SOURCE


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_a_call_that_does_not_end_is_stuck() -> None:
    clock = Clock()
    progress = Progress(10, clock)
    clock.now = 100
    assert not progress.is_stuck  # nobody called
    with progress:
        clock.now = 105
        assert not progress.is_stuck
        with suppress(ValueError), progress:
            clock.now = 111
            raise ValueError
        assert not progress.is_stuck  # another one ended just now
        clock.now = 122
        assert progress.is_stuck
    assert not progress.is_stuck


def test_zero_is_for_ever() -> None:
    clock = Clock()
    progress = Progress(0, clock)
    with progress:
        clock.now = 1e9
        assert not progress.is_stuck


def test_m11_a_model_that_finishes_no_call_is_ill_and_well_again_when_it_does(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder, SERVABLE_STUCK_SECONDS="0.2") as servable, ThreadPoolExecutor() as callers:
        call = callers.submit(servable.infer, SLOW, seconds=4)
        until_started(tmp_path)
        while servable.state() != "NOT_SERVING":
            assert not call.done()
            time.sleep(0.05)
        assert call.result()["y"] == 4
        assert servable.state() == "SERVING"
    assert "asking to be replaced" in servable.log.read_text()
