"""Sticky keys and named variants: which servable answers, over the use case and through both doors' headers."""

from collections import Counter

import pytest

from functions.core.errors import InvalidRequest, NotFound
from functions.gateway.inputs import PlainInputs
from functions.gateway.options import read_options
from functions.gateway.ports import CallOptions
from functions.gateway.predict import Prediction, predict
from functions.gateway.resolve import resolve_application
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, adding, field, number, signature

Y_TO_Z = signature([field("y")], [field("z")])


def ask(world: World, version: str = "", **options: str) -> Prediction:
    said = CallOptions(request_id="r", **options)
    return predict(world.ports, resolve_application(world.ports, "app", version, said), PlainInputs({"x": 0}), said)


def split(world: World, *weights: int) -> None:
    """An application `app` whose variant m:1 adds 1, m:2 adds 2 …"""
    servables = [world.servable("m", at, adding(at)) for at in range(1, len(weights) + 1)]
    world.application("app", list(zip(servables, weights, strict=True)))


def two_stages(world: World) -> None:
    first = [world.servable("first", at, adding(at)) for at in (1, 2)]
    second = [world.servable("second", at, adding(10 * at, "y", "z"), signature=Y_TO_Z) for at in (1, 2)]
    world.application("app", [(first[0], 100), (first[1], 0)], [(second[0], 50), (second[1], 50)])


def test_g15_a_sticky_key_gets_the_same_variant_every_time_and_keys_are_shared_by_weight() -> None:
    world = World()
    split(world, 80, 20)
    answers = {key: {ask(world, sticky_key=key).version for _ in range(3)} for key in map(str, range(1000))}
    assert all(len(versions) == 1 for versions in answers.values())
    assert Counter(version for versions in answers.values() for version in versions)["2"] == pytest.approx(200, abs=40)


def test_without_a_key_the_same_caller_sees_every_variant() -> None:
    world = World()
    split(world, 50, 50)
    assert {ask(world).version for _ in range(50)} == {"1", "2"}


@pytest.mark.parametrize("weights", [(100, 0), (50, 50)])
def test_g15_a_variant_that_is_named_answers_whatever_its_weight(weights: tuple[int, int]) -> None:
    world = World()
    split(world, *weights)
    assert {ask(world, variant="m:2").model for _ in range(20)} == {"m:2"}
    (_, second) = world.applications.get("app").servables
    assert {ask(world, variant=second).model for _ in range(20)} == {"m:2"}


def test_the_name_wins_over_the_sticky_key() -> None:
    world = World()
    split(world, 50, 50)
    assert {ask(world, variant="m:1", sticky_key=str(key)).model for key in range(20)} == {"m:1"}


def test_variants_of_several_stages_are_named_by_stage() -> None:
    world = World()
    two_stages(world)
    assert ask(world, variant="0=first:2; 1=second:2").outputs == {"z": number(22)}
    assert ask(world, variant="0=first:2;second:1").outputs == {"z": number(12)}
    assert {ask(world, variant="second:2").outputs["z"] for _ in range(20)} == {number(21)}


def test_a_variant_that_is_not_there_is_not_found_and_those_there_are_named() -> None:
    world = World()
    split(world, 100, 0)
    one, two = world.applications.get("app").servables
    with pytest.raises(NotFound) as caught:
        ask(world, variant="m:3")
    assert str(caught.value) == f"stage 0 of application app has no variant 'm:3'; it has m:1 ({one}), m:2 ({two})"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("2=m:1", "stages from 0 to 0, received stage 2"),
        ("m:1;m:2", "one variant per stage, received stage 0 twice"),
        ("x=m:1", "received 'x=m:1'"),
        ("m 1", "received 'm 1'"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_with_what_is_wrong(header: str, told: str) -> None:
    world = World()
    split(world, 100, 0)
    with pytest.raises(InvalidRequest) as caught:
        ask(world, variant=header)
    assert told in str(caught.value)
    assert len(world.client) == 0


def test_a_header_against_the_version_in_the_path_is_refused() -> None:
    world = World()
    split(world, 100, 0)
    assert ask(world, "2", variant="m:2").version == "2"
    with pytest.raises(InvalidRequest, match="version 2, which is asked for as well"):
        ask(world, "2", variant="m:1")


def test_options_are_read_from_headers() -> None:
    read = read_options(
        {"x-dewpoint-sticky-key": "k", "x-dewpoint-variant": "m:1", "x-dewpoint-observe": "off"}, "r", 5, 2
    )
    assert read == CallOptions(request_id="r", heard=5, time_left=2, observed=False, sticky_key="k", variant="m:1")
    assert read_options({}, "r", 5) == CallOptions(request_id="r", heard=5)


def test_over_http_both_headers_count_on_both_kinds_of_route() -> None:
    world = World()
    split(world, 50, 50)
    gateway = HttpGateway(world)
    plain = ("/gateway/application/app", {"x": 0})
    protocol = ("/v2/models/app/infer", {"inputs": [{"name": "x", "datatype": "FP64", "shape": [], "data": [0]}]})
    for path, body in (plain, protocol):
        for _ in range(5):
            named = gateway.post(path, body, {"X-Dewpoint-Variant": "m:2"})
            assert named.status_code == 200
            assert "2.0" in named.body.decode()
        sticky = {gateway.post(path, body, {"X-Dewpoint-Sticky-Key": "k"}).body for _ in range(10)}
        assert len(sticky) == 1
        missing = gateway.post(path, body, {"x-dewpoint-variant": "m:9"})
        assert (missing.status_code, "it has m:1" in missing.json_body["detail"]) == (404, True)
        assert gateway.post(path, body, {"x-dewpoint-variant": "7=m:1"}).status_code == 400
