"""What is remembered, and how it is guarded: fingerprints, records, locks."""

import stat
import threading
from pathlib import Path

import pytest

from local.machine.errors import Busy
from local.machine.fingerprint import fingerprint
from local.machine.state import Started, State, exclusive, read_record, write_private


def never(_: str) -> None:
    raise AssertionError("it should not have to wait")


def test_a_fingerprint_changes_with_content_name_mode_and_extra(clone: Path) -> None:
    names = ("functions", "app.py")
    seen = [fingerprint(clone, names)]
    (clone / "functions/a.py").write_text("A = 2\n")
    seen.append(fingerprint(clone, names))
    (clone / "functions/a.py").rename(clone / "functions/b.py")
    seen.append(fingerprint(clone, names))
    (clone / "functions/b.py").chmod(0o755)
    seen.append(fingerprint(clone, names))
    (clone / "functions/empty.txt").write_text("")
    seen.append(fingerprint(clone, names))
    (clone / "app.py").unlink()
    seen.append(fingerprint(clone, names))
    seen.append(fingerprint(clone, names, "extra"))
    assert len(set(seen)) == len(seen)


def test_a_fingerprint_ignores_what_tools_leave_behind(clone: Path) -> None:
    before = fingerprint(clone, ("functions",))
    for name in ("functions/__pycache__/a.pyc", "functions/x.egg-info/PKG-INFO", "functions/node_modules/m.js"):
        (clone / name).parent.mkdir(parents=True)
        (clone / name).write_text("made")
    assert fingerprint(clone, ("functions",)) == before
    assert fingerprint(clone, ("functions", "missing")) == before


def test_a_record_survives_and_only_its_owner_reads_it(state: State) -> None:
    state.record.emulator = Started(7, 8, "x")
    state.record.api_key = "secret"
    state.save()
    again = State(state.folder).record
    assert again == state.record
    assert again.emulator is not None
    assert again.emulator.instance == "7-8"
    assert stat.S_IMODE((state.folder / "machine.json").stat().st_mode) == 0o600
    assert [path.name for path in state.folder.iterdir() if "machine" in path.name] == ["machine.json"]


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text('{"cloud": 3')
    assert read_record(tmp_path) is None
    assert State(tmp_path).record.cloud


def test_a_file_becomes_private_even_if_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_purge_removes_the_clouds_files_and_nothing_else(state: State) -> None:
    for name in ("logs/a.log", "images/i", "env/emulator/x", "test/machine.json"):
        (state.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (state.folder / name).write_text("")
    before = state.record.cloud
    state.purge()
    assert {path.name for path in state.folder.iterdir()} == {"env", "test"}
    assert state.record.cloud != before


def test_a_held_folder_is_busy_and_names_the_holder(tmp_path: Path) -> None:
    said: list[str] = []
    busy = State(tmp_path).lock(0.3, said.append)
    with State(tmp_path).lock(0, never), pytest.raises(Busy, match=r"process \d+ is at work"):
        busy.__enter__()
    assert len(said) == 1


def test_a_lock_is_passed_on(tmp_path: Path) -> None:
    entered = threading.Event()
    waits = threading.Event()

    def second() -> None:
        with exclusive(tmp_path / "lock", 10, lambda _: waits.set()):
            entered.set()

    with exclusive(tmp_path / "lock", 0, never):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(5)
        assert not entered.is_set()
    assert entered.wait(5)
    thread.join()


def test_the_record_is_read_again_once_the_lock_is_held(state: State) -> None:
    other = State(state.folder)
    assert other.record.api_key == ""
    state.record.api_key = "new"
    state.save()
    with other.lock(0, never):
        assert other.record.api_key == "new"
