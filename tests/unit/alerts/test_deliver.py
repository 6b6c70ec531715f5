"""Whoever is told, is told in a form of his own, signed, and again when it failed."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from functions.alerts.alertmanager import to_alertmanager
from functions.alerts.deliver import deliver
from functions.alerts.look_around import look_around
from functions.alerts.sign import REPLAY_WINDOW, signature
from functions.core.bulletins import Trouble
from functions.core.errors import NotFound, Unavailable
from functions.core.receivers import Delivery, Form
from tests.fakes.alerts import FakePoster
from tests.unit.alerts.world import COOL_DOWN, QUIET, WINDOW, World, finding, receiver

DOCS = Path(__file__).resolve().parents[3] / "docs"


def fire(world: World, *findings: Any) -> None:
    world.happen(*(findings or (finding(),)))


def deliver_all(world: World) -> None:
    for delivery in world.deliveries.items:
        deliver(world, delivery)


def test_s17_a_webhook_is_signed_over_its_moment_and_its_body() -> None:
    world = World()
    world.receivers.create(receiver())
    fire(world)
    deliver_all(world)
    [(url, body, headers)] = world.poster.posted
    assert url == "https://ops.example.org/hook"
    moment, given = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["dewpoint-signature"]).groups()  # type: ignore[union-attr]
    assert int(moment) == int(world.now)
    expected = hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert given == expected
    assert headers["dewpoint-delivery"] == "1-1-ops"
    assert headers["content-type"] == "application/json"


def test_s17_a_webhook_tells_all_that_is_known() -> None:
    world = World()
    world.receivers.create(receiver())
    fire(world)
    deliver_all(world)
    told = json.loads(world.poster.posted[0][1])
    [alert] = told.pop("alerts")
    assert told == {"schema": 1, "deliveryId": "1-1-ops", "at": "2026-01-01T00:00:00.000Z", "modelVersionId": 1}
    assert (alert["occasion"], alert["state"], alert["check"]) == ("fired", "firing", "check:x/max")
    assert (alert["value"], alert["threshold"], alert["failures"], alert["requests"]) == (12.5, 9, 5, 10)
    assert alert["exampleRequestIds"] == ["r1", "r2", "r3"]
    assert alert["link"] == "https://models.example.org/models/penguins/1/monitoring"


def documented_check() -> Any:
    """The function that docs/api.md gives to receivers."""
    text = (DOCS / "api.md").read_text()
    [snippet] = [block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "def is_from_dewpoint" in block]
    names: dict[str, Any] = {}
    exec(snippet, names)
    return names["is_from_dewpoint"]


def test_s17_the_documented_check_takes_what_is_signed_and_nothing_else() -> None:
    check, body, now = documented_check(), b'{"schema":1}', 1_767_225_600
    header = signature(b"s3cret", body, now)
    assert check(b"s3cret", header, body, now=now + REPLAY_WINDOW)
    assert not check(b"s3cret", header, body, now=now + REPLAY_WINDOW + 1)
    assert not check(b"s3cret", header, body, now=now - REPLAY_WINDOW - 1)
    assert not check(b"other", header, body, now=now)
    assert not check(b"s3cret", header, body + b" ", now=now)
    assert not check(b"s3cret", header.replace(str(now), str(now + 1)), body, now=now)
    assert not check(b"s3cret", "nonsense", body, now=now)


def test_s17_a_repetition_is_signed_anew_under_the_same_id() -> None:
    world = World()
    world.receivers.create(receiver())
    fire(world)
    deliver_all(world)
    world.clock.advance(REPLAY_WINDOW * 2)
    deliver_all(world)
    (_, first, told), (_, second, again) = world.poster.posted
    assert first == second
    assert told["dewpoint-delivery"] == again["dewpoint-delivery"]
    assert told["dewpoint-signature"] != again["dewpoint-signature"]


def test_s17_alertmanager_gets_its_list_with_labels_that_stay() -> None:
    world = World()
    world.receivers.create(receiver("prometheus", form=Form.ALERTMANAGER, secret="", url="http://am.example.org:9093"))
    fire(world, finding(), finding(field="", name="drift", trouble=Trouble.METRIC, metric_spec_id="m1"))
    world.clock.advance(QUIET)
    look_around(world)
    deliver_all(world)
    (url, firing, headers), (_, resolved, _) = world.poster.posted
    assert url == "http://am.example.org:9093/api/v2/alerts"
    assert "dewpoint-signature" not in headers
    began, ended = json.loads(firing), json.loads(resolved)
    assert began[0]["labels"] == {
        "alertname": "DewpointCheckFailed",
        "modelVersionId": "1",
        "modelVersionIncrement": "1",
        "modelName": "penguins",
        "applicationName": "adders",
        "applicationStageId": "0",
        "fieldName": "x",
        "checkName": "max",
    }
    assert began[1]["labels"]["metricSpecId"] == "m1"
    assert [each["labels"] for each in began] == [each["labels"] for each in ended]
    assert [each["startsAt"] for each in began] == [each["startsAt"] for each in ended]
    annotations = began[0]["annotations"]
    assert (annotations["checkValue"], annotations["checkThreshold"]) == ("12.5", "9")
    assert annotations["exampleRequestIds"] == "r1, r2, r3"
    assert began[0]["generatorURL"].startswith("https://models.example.org/")
    assert "r1" not in json.dumps([each["labels"] for each in began])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://am.example.org", "https://am.example.org/api/v2/alerts"),
        ("https://am.example.org/prefix/", "https://am.example.org/prefix/api/v2/alerts"),
        ("https://am.example.org/api/v2/alerts", "https://am.example.org/api/v2/alerts"),
        ("https://am.example.org/x?token=a/b", "https://am.example.org/x/api/v2/alerts?token=a/b"),
    ],
)
def test_s17_alertmanager_is_told_where_it_takes_alerts(url: str, expected: str) -> None:
    world = World()
    world.receivers.create(receiver("am", url=url, form=Form.ALERTMANAGER, secret=""))
    fire(world)
    deliver_all(world)
    assert [posted for posted, _, _ in world.poster.posted] == [expected]


def test_s17_what_nobody_foresaw_is_noted_as_well() -> None:
    class Broken(FakePoster):
        def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
            raise KeyError(url)

    world = World()
    world.poster = Broken()
    world.receivers.create(receiver())
    fire(world)
    with pytest.raises(KeyError):
        deliver_all(world)
    assert world.outcomes.all()["ops"].reason == "it could not be sent: KeyError"


def test_s17_alertmanager_keeps_an_alert_until_it_is_told_again() -> None:
    """Without an end it would take an alert for over after five minutes."""
    world = World()
    fire(world)
    [entry] = to_alertmanager(world.notices[0], "")
    began, ends = (datetime.fromisoformat(entry[name]) for name in ("startsAt", "endsAt"))
    assert (ends - began).total_seconds() > COOL_DOWN + WINDOW
    assert "generatorURL" not in entry


def test_s17_subscriptions_of_the_topic_choose_by_attributes() -> None:
    world = World()
    fire(world, finding(), finding(field="y"))
    deliver_all(world)
    assert len(world.topic.published) == 2
    body, attributes = world.topic.published[0]
    assert attributes == {
        "occasion": "fired",
        "state": "firing",
        "kind": "check",
        "modelName": "penguins",
        "modelVersionId": "1",
        "applicationName": "adders",
        "deliveryId": "1-1-1",
    }
    assert json.loads(body)["check"] == "check:x/max"


def test_s17_a_receiver_may_ask_for_some_models_only() -> None:
    world = World()
    world.receivers.create(receiver("mine", models=("penguins",)))
    world.receivers.create(receiver("others", models=("digits",)))
    fire(world)
    assert [each.receiver for each in world.deliveries.items] == ["", "mine"]


def test_s17_what_fails_is_noted_and_tried_again() -> None:
    world = World()
    world.receivers.create(receiver())
    fire(world)
    delivery = world.deliveries.items[-1]
    world.poster.refuse = Unavailable("ops.example.org answered 503")
    with pytest.raises(Unavailable):
        deliver(world, delivery)
    assert world.outcomes.all()["ops"].reason == "ops.example.org answered 503"
    world.poster.refuse = None
    deliver(world, delivery)
    assert world.outcomes.all()["ops"].reason == ""


def test_s17_a_secret_that_is_missing_is_noted() -> None:
    world = World()
    world.receivers.create(receiver(secret="unknown"))
    fire(world)
    with pytest.raises(NotFound):
        deliver_all(world)
    assert "there is no secret unknown" in world.outcomes.all()["ops"].reason
    assert world.poster.posted == []


def test_a_receiver_that_was_deleted_is_told_nothing() -> None:
    world = World()
    fire(world)
    deliver(world, Delivery(receiver="gone", notice=world.notices[0]))
    assert world.poster.posted == []
