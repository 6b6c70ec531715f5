"""Containers as processes: what they see, how they end, that nothing of them stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine_scene import BASE, Workbench
from local_cloud.engine.errors import ImageNotFound, StartFailed
from local_cloud.engine.identity import NOBODY, Identity, choose
from local_cloud.engine.ports import OUT_OF_MEMORY, ContainerSpec, Exit


@pytest.fixture(scope="module")
def image(bench: Workbench, tmp_path_factory: pytest.TempPathFactory):
    context = tmp_path_factory.mktemp("context")
    return bench.build(context, BASE + 'WORKDIR /app\nENV OWN=1 PYTHONUNBUFFERED=1\nENTRYPOINT ["python", "-c"]\n')[0]


def code(text: str) -> dict[str, tuple[str, ...]]:
    return {"command": (text,)}


def test_it_sees_its_image_and_what_it_is_given_and_nothing_else(bench: Workbench, image) -> None:
    os.environ["LEAK"] = "x"
    lines: list[str] = []
    show = (
        "import os, sys; print(sorted(os.environ)); print(os.getcwd()); print(sys.prefix); print(os.environ['GIVEN'])"
    )
    container = bench.start(image, lines, environment={"GIVEN": "42"}, **code(show))
    del os.environ["LEAK"]
    assert container.wait(20) == Exit(0)
    names, folder, prefix, given = lines
    assert "LEAK" not in names
    assert "AWS" not in names
    assert set(eval(names)) >= {"OWN", "GIVEN", "HOME", "TMPDIR", "PATH", "DEWPOINT_CLOUD"}
    assert (folder, prefix, given) == (str(image.workdir), str(image.venv), "42")


def test_exit_codes_and_signals(bench: Workbench, image) -> None:
    assert bench.start(image, **code("raise SystemExit(3)")).wait(20) == Exit(3)
    assert bench.start(image, **code("import os; os.kill(os.getpid(), 9)")).wait(20) == Exit(137)


def test_stop_lets_it_drain_and_kills_what_does_not(bench: Workbench, image) -> None:
    lines: list[str] = []
    polite = "import signal, time\nsignal.signal(15, lambda *_: (print('bye'), exit(0)))\nprint('up')\ntime.sleep(60)"
    container = bench.start(image, lines, **code(polite))
    _until(lambda: lines)
    container.stop(10)
    assert (container.wait(0), lines) == (Exit(0), ["up", "bye"])
    lines.clear()
    container = bench.start(image, lines, **code(polite.replace("(print('bye'), exit(0))", "None").replace("60", "9")))
    _until(lambda: lines)
    begun = time.monotonic()
    container.stop(1)
    assert container.wait(0) == Exit(137)
    assert time.monotonic() - begun < 3


def test_what_it_started_ends_with_it(bench: Workbench, image) -> None:
    lines: list[str] = []
    container = bench.start(image, lines, **code("import subprocess; print(subprocess.Popen(['sleep', '300']).pid)"))
    assert container.wait(20) == Exit(0)
    _until(lambda: not _is_alive(int(lines[0])))


def test_too_much_memory_ends_it_with_the_reason(bench: Workbench, image) -> None:
    hoard = "import os, time; x = [os.urandom(1 << 20) for _ in range(120)]; time.sleep(30)"
    container = bench.start(image, memory_mib=64, **code(hoard))
    assert container.wait(20) == Exit(137, OUT_OF_MEMORY)


def test_its_processor_time_is_counted_with_that_of_what_it_starts(bench: Workbench, image) -> None:
    burn = "import time; exec('while time.process_time() < 0.5: pass')"
    lines: list[str] = []
    start = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {burn!r}]); {burn}; print('done')"
    container = bench.start(image, lines, **code(f"{start}; time.sleep(60)"))
    deadline = time.monotonic() + 30
    while "done" not in lines:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert 0.9 < container.processor_seconds() < 3  # the kernel counts in hundredths
    container.stop(0)


def test_execute_runs_beside_it_with_a_timeout(bench: Workbench, image) -> None:
    container = bench.start(image, environment={"A": "7"}, **code("import time; time.sleep(60)"))
    assert container.execute(["python", "-c", "import os; exit(int(os.environ['A']))"], 10) == 7
    assert container.execute(["sleep", "30"], 0.3) is None
    assert container.execute(["no-such-program"], 5) not in (0, None)
    container.stop(5)


def test_what_cannot_start_says_so(bench: Workbench, image) -> None:
    with pytest.raises(StartFailed, match='exec: "nothing": executable file not found'):
        bench.start(image, entrypoint=("nothing",))
    with pytest.raises(ImageNotFound, match="absent:1"):
        bench.engine.start(ContainerSpec("x", "absent:1", "127.0.0.1"), print)


def test_it_ends_when_its_parent_is_killed(bench: Workbench, image, tmp_path: Path) -> None:
    bench.store.tag("orphan:1", image.digest)
    program = tmp_path / "parent.py"
    program.write_text(
        "import os, sys, time, threading\n"
        f"sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[2])!r}]\n"
        "from engine_scene import Workbench\nfrom pathlib import Path\n"
        f"bench = Workbench(Path({str(bench.store.root)!r}), dict(os.environ))\n"
        "image = bench.store.get('orphan:1')\n"
        "def go(): print(bench.start(image, command=('import time; time.sleep(300)',)).session, flush=True)\n"
        "thread = threading.Thread(target=go)\nthread.start()\nthread.join()\ntime.sleep(300)\n"
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    assert _is_alive(child), "the end of the thread that started it is not the end of its parent"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _until(lambda: not _is_alive(child))


@pytest.mark.parametrize(
    ("user", "caller", "expected"),
    [
        ("1000:1000", 0, Identity(1000, drop_capabilities=True)),
        ("app", 0, Identity(NOBODY, drop_capabilities=True)),
        ("", 0, Identity()),
        ("root", 0, Identity()),
        ("1000", 501, Identity()),
    ],
)
def test_the_user_is_taken_where_the_caller_is_root(tmp_path: Path, user: str, caller: int, expected: Identity) -> None:
    assert choose(user, [Path("/usr/bin/env")], caller) == expected


def test_below_a_closed_folder_root_only_loses_its_powers(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert choose("1000", [closed / "python"], 0) == Identity(None, drop_capabilities=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has powers to lose")
def test_a_user_of_the_image_has_no_capabilities(bench: Workbench, image) -> None:
    lines: list[str] = []
    show = "print([l for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapBnd'))])"
    bench.start(image, lines, user="1000", **code(show)).wait(20)
    assert lines == ["['CapEff:\\t0000000000000000\\n', 'CapBnd:\\t0000000000000000\\n']"]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(look, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)
