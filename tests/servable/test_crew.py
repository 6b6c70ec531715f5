"""The threads that call the model: side by side, in order, and still there after a call that failed."""

import threading
from queue import SimpleQueue

from servable.crew import Crew


def test_calls_run_side_by_side_and_outlive_one_that_fails() -> None:
    crew = Crew(2)
    meeting = threading.Barrier(2, timeout=10)
    done: SimpleQueue[int] = SimpleQueue()

    def fail() -> None:
        raise RuntimeError("unforeseen")

    def meet(number: int) -> None:
        meeting.wait()
        done.put(number)

    for _ in range(2):  # one for each thread
        crew.submit(fail)
    crew.submit(meet, 1)
    crew.submit(meet, 2)
    assert {done.get(timeout=10), done.get(timeout=10)} == {1, 2}


def test_an_idle_thread_forgets_its_last_call() -> None:
    crew = Crew(1)
    gone = threading.Event()

    class Request:
        def __del__(self) -> None:
            gone.set()

    crew.submit(lambda _: None, Request())
    assert gone.wait(10)
