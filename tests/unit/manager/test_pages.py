"""Every list in pages: docs/api.md, Lists."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from chalice.test import HTTPResponse

from functions.access import wiring as access
from functions.core.api_keys import ApiKey, Role
from functions.doors.pages import FULL, encode_token, fitting
from tests.fakes import entities
from tests.fakes.stores import FakeKeyStore
from tests.unit.manager.world import Http, World

LISTS = {
    "/model": ("name", [f"m{n}" for n in range(7)]),
    "/model/version": ("id", list(range(1, 8))),
    "/servable": ("fullName", [f"s{n}" for n in range(7)]),
    "/application": ("name", [f"a{n}" for n in range(7)]),
    "/deployment_configuration": ("name", [*[f"d{n}" for n in range(6)], "default"]),
    "/api_key": ("name", [f"k{n}" for n in range(7)]),
}


@pytest.fixture
def full(http: Http, world: World) -> Iterator[Http]:
    """Seven of each kind, made in no order."""
    keys = FakeKeyStore()
    for n in (3, 0, 6, 2, 5, 1, 4):
        world.models.create(entities.version(1, f"m{n}", id=n + 1, model_id=n + 1))
        team = {"team": "blue" if n % 2 else "red"}
        world.servables.create(entities.servable(f"s{n}", metadata=team))
        world.applications.create(entities.application(f"a{n}", f"s{n}"))
        keys.put(ApiKey(digest=f"{n}", name=f"k{n}", role=Role.VIEWER, created=entities.START + timedelta(n)))
        if n < 6:
            world.deployments.create(entities.configuration(f"d{n}"))
    access.use(access.Ports(keys, world.clock))
    yield http
    access.use(None)


def pages(http: Http, path: str, **query: str) -> Iterator[HTTPResponse]:
    while True:
        answer = http.call("GET", f"{path}?{urlencode(query)}")
        assert answer.status_code == 200
        yield answer
        if "x-next" not in answer.headers:
            return
        assert answer.headers["Link"] == f'<?{urlencode(query | {"next": answer.headers["x-next"]})}>; rel="next"'
        query["next"] = answer.headers["x-next"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_every_list_can_be_read_page_by_page(full: Http, path: str, limit: int) -> None:
    field, expected = LISTS[path]
    found = [answer.json_body for answer in pages(full, path, limit=str(limit))]
    assert [thing[field] for page in found for thing in page] == expected
    assert all(len(page) == limit for page in found[:-1])
    assert 0 < len(found[-1]) <= limit


@pytest.mark.parametrize("path", LISTS)
def test_a_bad_token_or_limit_is_refused(full: Http, path: str) -> None:
    elsewhere = encode_token("/api/v2/elsewhere", "a")
    other_kind = encode_token(f"/api/v2{path}", "x" if path == "/model/version" else 7)
    for query in ("next=nonsense", "next=", "next=ü", f"next={elsewhere}", f"next={other_kind}"):
        answer = full.call("GET", f"{path}?{query}")
        assert answer.status_code == 400
        assert answer.json_body["errors"][0]["pointer"] == "/query/next"
    for limit in ("0", "1001", "-1", "many", ""):
        answer = full.call("GET", f"{path}?limit={limit}")
        assert answer.status_code == 400
        assert answer.json_body["errors"][0]["pointer"] == "/query/limit"


def test_without_a_limit_a_page_has_a_thousand(http: Http, world: World) -> None:
    for n in range(1001):
        world.deployments.create(entities.configuration(f"d{n:04}"))
    first, second = (answer.json_body for answer in pages(http, "/deployment_configuration"))
    assert (len(first), len(second)) == (1000, 2)


def test_what_comes_and_goes_between_pages_repeats_and_hides_nothing(full: Http, world: World) -> None:
    reading = pages(full, "/application", limit="3")
    assert [each["name"] for each in next(reading).json_body] == ["a0", "a1", "a2"]
    world.applications.delete("a2")
    world.applications.delete("a0")
    world.applications.create(entities.application("a00", "s0"))
    world.applications.create(entities.application("a4b", "s0"))
    assert [each["name"] for page in reading for each in page.json_body] == ["a3", "a4", "a4b", "a5", "a6"]


def test_a_filter_goes_along_from_page_to_page(full: Http) -> None:
    found = [answer.json_body for answer in pages(full, "/servable", limit="2", **{"metadata.team": "red"})]
    assert [thing["fullName"] for page in found for thing in page] == ["s0", "s2", "s4", "s6"]


def test_a_page_ends_before_the_answer_grows_too_large() -> None:
    third = "x" * (FULL // 3)
    assert fitting([third] * 5) == 2
    assert fitting(["x" * FULL * 2, "y"]) == 1
    assert fitting([]) == 0
