"""What users and programs are told: outputs.json and the contexts of the dewpoint command."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from local.machine.addresses import PublishAddresses, has_living_cloud
from local.machine.environment import Environments
from local.machine.settings import Settings
from local.machine.state import State
from local.machine.toolchain import Toolchain


def publish(settings: Settings, state: State, is_living: Callable[[Path], bool] = lambda _: False) -> dict:
    state.record.api_key = "k1"
    environments = Environments(settings, state, Toolchain(settings))
    PublishAddresses(settings, state, environments, is_living).run(print)
    return json.loads(settings.cli_config.read_text())


def test_outputs_hold_the_addresses_and_are_private(settings: Settings, state: State) -> None:
    publish(settings, state)
    path = state.folder / "outputs.json"
    outputs = json.loads(path.read_text())
    assert outputs["edge"] == "http://127.0.0.1:8080"
    assert outputs["grpc"] == "127.0.0.1:8081"
    assert outputs["api_key"] == "k1"
    assert outputs["emulator"] == "http://127.0.0.1:4566"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_context_is_current_and_other_contexts_stay(settings: Settings, state: State) -> None:
    others = {"prod": {"url": "https://example.org", "api_key": "p"}}
    settings.cli_config.write_text(json.dumps({"current": "prod", "contexts": others, "theme": "dark"}))
    config = publish(settings, state)
    assert config["current"] == "local"
    assert config["contexts"]["prod"] == others["prod"]
    assert config["theme"] == "dark"
    expected = {"url": "http://127.0.0.1:8080", "grpc": "127.0.0.1:8081", "api_key": "k1", "state": str(state.folder)}
    assert config["contexts"]["local"] == expected
    assert stat.S_IMODE(settings.cli_config.stat().st_mode) == 0o600


def test_a_name_is_not_taken_from_a_living_clone(settings: Settings, state: State, tmp_path: Path) -> None:
    other = {"url": "http://127.0.0.1:9999", "state": str(tmp_path / "other")}
    settings.cli_config.write_text(json.dumps({"contexts": {"local": other}}))
    config = publish(settings, state, is_living=lambda folder: folder == tmp_path / "other")
    assert config["contexts"]["local"] == other
    assert config["current"] == "local-clone"
    config = publish(settings, state)  # now the other is gone
    assert config["contexts"]["local"]["state"] == str(state.folder)


def test_two_living_clones_of_the_same_name_get_different_contexts(settings: Settings, state: State) -> None:
    taken = {"local": {"state": "/a"}, "local-clone": {"state": "/b"}}
    settings.cli_config.write_text(json.dumps({"contexts": taken}))
    config = publish(settings, state, is_living=lambda _: True)
    assert config["current"] == f"local-clone-{settings.short_id}"
    assert replace(settings, state=Path("/elsewhere")).short_id != settings.short_id


def test_a_broken_configuration_is_replaced(settings: Settings, state: State) -> None:
    settings.cli_config.write_text("{not json")
    assert publish(settings, state)["current"] == "local"


def test_a_folder_without_processes_has_no_living_cloud(state: State, tmp_path: Path) -> None:
    assert not has_living_cloud(tmp_path / "nowhere")
    assert not has_living_cloud(state.folder)
