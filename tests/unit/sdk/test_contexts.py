"""Contexts: which platform is asked, and with which key."""

import json
import stat
from pathlib import Path

import pytest
from dewpoint.contexts import Context, ContextFile, Environment, resolve
from dewpoint.errors import NoContext

from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.platform_double import ADMIN, VIEWER, PlatformDouble


@pytest.fixture
def file(tmp_path: Path) -> ContextFile:
    file = ContextFile(tmp_path / "new" / "config.json")
    file.put(Context("one", "http://one/", "one:1", "dp_one"), current=True)
    file.put(Context("two", "http://two", "", "dp_two"), current=False)
    return file


def environment(file: ContextFile, **said: str) -> Environment:
    names = {f"DEWPOINT_{name.upper()}": value for name, value in said.items()}
    return Environment.read({"DEWPOINT_CONFIG": str(file.path), **names})


def chosen(file: ContextFile, name: str | None = None, **said: str) -> tuple[str, str]:
    context = resolve(file, environment(file, **said), name)
    return context.url, context.api_key


def test_the_current_one_then_the_environment_then_the_option(file: ContextFile) -> None:
    assert chosen(file) == ("http://one", "dp_one")
    assert chosen(file, context="two") == ("http://two", "dp_two")
    assert chosen(file, api_key="dp_other") == ("http://one", "dp_other")
    assert chosen(file, url="http://else", api_key="dp_other") == ("http://else", "dp_other")
    assert chosen(file, name="one", context="two", url="http://else", api_key="dp_other") == ("http://one", "dp_one")


def test_a_key_is_not_sent_to_another_address(file: ContextFile) -> None:
    assert chosen(file, url="http://else") == ("http://else", "")
    assert chosen(file, url="http://one/") == ("http://one", "dp_one")


def test_the_file_is_private_and_keeps_what_it_does_not_know(file: ContextFile) -> None:
    document = json.loads(file.path.read_text())
    document["contexts"]["one"]["state"] = "/somewhere"
    file.path.write_text(json.dumps(document | {"other": 1}))
    file.use("two")
    again = json.loads(file.path.read_text())
    assert (again["current"], again["other"], again["contexts"]["one"]["state"]) == ("two", 1, "/somewhere")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["config.json"]


def test_what_is_not_there(file: ContextFile, tmp_path: Path) -> None:
    with pytest.raises(NoContext, match="known are: one, two"):
        file.get("three")
    with pytest.raises(NoContext, match="context add"):
        resolve(ContextFile(tmp_path / "none.json"), environment(file))
    file.path.write_text("{")
    with pytest.raises(NoContext, match="cannot be read"):
        file.list()


def test_k08_contexts_are_added_used_shown_and_removed(offline_cli: Cli) -> None:
    cli = offline_cli
    cli("context", "add", "a", "--url", "http://a/", "--grpc", "a:1", "--api-key", "dp_0123456789")
    cli("context", "add", "b", "--server", "http://b", "--api-key", "-", "--no-use", stdin="dp_piped\n")
    assert [(c["name"], c["url"], c["current"]) for c in cli.json("context", "list")] == [
        ("a", "http://a", True),
        ("b", "http://b", False),
    ]
    cli("context", "use", "b")
    assert json.loads(cli.config.read_text())["contexts"]["b"]["api_key"] == "dp_piped"
    assert cli.json("context", "show")["name"] == "b"
    shown = cli("context", "show", "a").stdout
    assert "dp_012…" in shown
    assert "dp_0123456789" not in shown
    cli("context", "rm", "b")
    assert "no platform is configured" in cli("model", "list", code=2).stderr
    assert "known are: a" in cli("context", "use", "b", code=2).stderr


def test_k08_the_option_is_honoured_by_either_name(cli: Cli, platform: PlatformDouble) -> None:
    cli("context", "add", "reader", "--url", platform.url, "--api-key", VIEWER, "--no-use")
    for option in (["--context", "reader"], ["--cluster", "reader"], ["--cluster=reader"]):
        assert cli.json("key", "list", *option)
        assert platform.requests[-1].headers["x-api-key"] == VIEWER
        cli("app", "list")
        assert platform.requests[-1].headers["x-api-key"] == ADMIN
    cli("--context=reader", "app", "list", DEWPOINT_URL="http://127.0.0.1:9")
    assert "known are" in cli("--cluster", "nowhere", "app", "list", code=2).stderr
