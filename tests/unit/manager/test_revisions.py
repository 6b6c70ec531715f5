"""The past of an application, and the way back to it."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.models import Application, ApplicationStatus
from functions.core.revisions import KEPT_REVISIONS, RevisionState, state_of
from functions.manager.create_deployment import NewDeployment, create_deployment
from functions.manager.delete_application import delete_application
from functions.manager.delete_model import delete_version
from functions.manager.deploy_servable import deploy_servable
from functions.manager.rollback_application import Rollback, rollback_application
from tests.unit.manager.applications import ready, update, variant
from tests.unit.manager.test_routes import application_body
from tests.unit.manager.world import Http, World


def updated(world: World, *stages: list[dict[str, Any]], **more: Any) -> Application:
    """An update that came through."""
    changing = update(world, *stages, **more)
    world.serve(*changing.all_servables)
    return world.applications.get("shop")


def rollback(world: World, to: int | None = None, expected: int | None = None) -> Application:
    return rollback_application(world, "shop", Rollback(to), expected)


def history(world: World) -> list[tuple[int, str]]:
    application = world.applications.get("shop")
    revisions = world.applications.revisions(application.id)
    return [(revision.number, state_of(revision.number, application)) for revision in revisions]


def versions(application: Application) -> list[tuple[int, int]]:
    return [(each.model_version, each.weight) for stage in application.stages for each in stage.variants]


def test_m12_what_was_asked_for_is_kept_and_says_what_became_of_it(world: World) -> None:
    one, two, three = (world.built() for _ in range(3))
    ready(world, [variant(one)])
    second = updated(world, [variant(one, 80), variant(two, 20)])
    failing = update(world, [variant(three)])
    assert history(world)[-1] == (failing.revision, RevisionState.STARTING)
    assert failing.candidate is not None
    world.fail(failing.candidate.servables[0])
    described = update(world, [variant(one, 80), variant(two, 20)], metadata={"owner": "me"})
    update(world, [variant(one, 80), variant(two, 20)])  # nothing new
    assert history(world) == [
        (1, RevisionState.SUPERSEDED),
        (second.answered[-1], RevisionState.SUPERSEDED),
        (failing.revision, RevisionState.DROPPED),
        (described.revision, RevisionState.ACTIVE),
    ]


def test_m12_one_call_brings_the_graph_before_back_while_the_present_one_answers(world: World) -> None:
    one, two = world.built(), world.built()
    first = ready(world, [variant(one)])
    second = updated(world, [variant(two)], metadata={"commit": "abc"})
    back = rollback(world)
    assert (back.id, back.name, back.status) == (first.id, "shop", ApplicationStatus.READY)
    assert back.servables == second.servables
    assert back.candidate is not None
    world.serve(*back.candidate.servables)
    after = world.applications.get("shop")
    assert (versions(after), after.metadata, after.candidate) == ([(1, 100)], {}, None)
    assert set(world.host.running) == set(after.servables)
    assert world.applications.revisions(first.id)[-1].rolled_back_to == 1
    again = rollback(world)
    world.serve(*again.all_servables)
    assert versions(world.applications.get("shop")) == [(2, 100)]
    assert world.applications.get("shop").metadata == {"commit": "abc"}


def test_m12_any_kept_revision_comes_back_with_weights_and_configurations(world: World) -> None:
    one, two = world.built(), world.built()
    create_deployment(world, NewDeployment(name="small"))
    first = ready(world, [variant(one, 80), variant(two, 20, deploymentConfigName="small")])
    for _ in range(2):
        updated(world, [variant(world.built())])
    rolled = rollback(world, to=1)
    assert rolled.candidate is not None
    same = ("model_version_id", "weight", "deployment_configuration_name")
    found = [[getattr(each, name) for name in same] for each in rolled.candidate.stages[0].variants]
    assert found == [[getattr(each, name) for name in same] for each in first.stages[0].variants]


def test_m12_a_rollback_during_an_update_stops_what_it_started(world: World) -> None:
    before = ready(world, [variant(world.built())])
    update(world, [variant(world.built())])
    after = rollback(world)
    assert (after.stages, after.candidate, after.status) == (before.stages, None, ApplicationStatus.READY)
    assert set(world.host.running) == set(before.servables)
    with pytest.raises(Conflict, match="no revision before"):
        rollback(world)


def test_m12_a_rollback_is_refused_with_what_is_gone(world: World) -> None:
    one, two = world.built(), world.built()
    create_deployment(world, NewDeployment(name="small"))
    ready(world, [variant(one, 50), variant(two, 50, deploymentConfigName="small")])
    updated(world, [variant(world.built())])
    before = world.applications.get("shop")
    delete_version(world, "penguins", one.version)
    world.deployments.delete("small")
    with pytest.raises(Conflict, match=r"revision 1 .* cannot come back: .*penguins:1.*; .*small") as refused:
        rollback(world)
    assert [problem.pointer for problem in refused.value.problems] == [
        "/executionGraph/stages/0/modelVariants/0",
        "/executionGraph/stages/0/modelVariants/1",
    ]
    assert world.applications.get("shop") == before
    with pytest.raises(NotFound, match="there is no revision 99 of application shop; there are 1, "):
        rollback(world, to=99)


def test_m12_a_servable_that_people_made_is_used_again_or_made_anew(world: World) -> None:
    one = world.built()
    mine = deploy_servable(world, one, "default", {}).name
    world.serve(mine)
    ready(world, [{"servableName": mine}])
    updated(world, [variant(world.built())])
    assert rollback(world).servables == (mine,)
    updated(world, [variant(world.built())])
    world.servables.delete(mine)
    back = rollback(world, to=1)
    assert back.candidate is not None
    assert back.candidate.servables != (mine,)
    assert back.candidate.stages[0].variants[0].model_version_id == one.id


def test_m12_a_rollback_may_insist_on_a_revision(world: World) -> None:
    ready(world, [variant(world.built())])
    now = updated(world, [variant(world.built())])
    with pytest.raises(PreconditionFailed):
        rollback(world, expected=now.revision - 1)
    assert rollback(world, expected=now.revision).candidate is not None


def test_m12_a_failed_application_takes_a_rollback_at_once(world: World) -> None:
    ready(world, [variant(world.built())])
    broken = updated(world, [variant(world.built())])
    world.fail(broken.servables[0])
    back = rollback(world)
    assert (back.candidate, versions(back)) == (None, [(1, 100)])


def test_the_past_goes_with_the_application(world: World) -> None:
    first = ready(world, [variant(world.built())])
    delete_application(world, "shop")
    assert world.applications.revisions(first.id) == []
    ready(world, [variant(world.built())])
    assert history(world) == [(1, RevisionState.ACTIVE)]


def test_what_answered_is_not_remembered_without_end(world: World) -> None:
    version = world.built()
    ready(world, [variant(version)])
    for at in range(KEPT_REVISIONS + 5):
        update(world, [variant(version)], metadata={"at": str(at)})
    assert len(world.applications.get("shop").answered) == KEPT_REVISIONS
    assert {state for _, state in history(world)} == {RevisionState.ACTIVE, RevisionState.SUPERSEDED}


def test_an_application_from_before_there_were_revisions_has_none_to_go_back_to(world: World) -> None:
    now = ready(world, [variant(world.built())])
    world.applications.update(replace(now, answered=(), revision=now.revision + 1), now.revision)
    with pytest.raises(Conflict, match="no revision before"):
        rollback(world)


def test_m12_the_routes_list_page_and_roll_back_once_per_key(http: Http, world: World) -> None:
    http.call("POST", "/application", application_body(world.built().id, metadata={"a": "b"}))
    world.serve(*world.applications.get("shop").all_servables)
    http.call("PUT", "/application/shop", application_body(world.built().id, metadata={}))
    world.serve(*world.applications.get("shop").all_servables)
    listed = http.call("GET", "/application/shop/revisions").json_body
    assert [(each["revision"], each["status"]) for each in listed] == [(3, "Active"), (1, "Superseded")]
    assert listed[1]["metadata"] == {"a": "b"}
    [stage] = listed[1]["executionGraph"]["stages"]
    assert stage["modelVariants"][0]["modelVersion"] == 1
    page = http.call("GET", "/application/shop/revisions?limit=1")
    rest = http.call("GET", f"/application/shop/revisions?limit=1&next={page.headers['x-next']}")
    assert page.json_body + rest.json_body == listed
    assert http.call("POST", "/application/shop/rollback", {"revision": 1}, if_match='"3"').status_code == 412
    first, again = (http.call("POST", "/application/shop/rollback", idempotency_key="k") for _ in range(2))
    assert first.status_code == 200
    assert first.json_body["metadata"] == {"a": "b"}
    assert first.json_body["candidateGraph"]["stages"][0]["modelVariants"][0]["modelVersion"] == 1
    assert (again.json_body, again.headers["Idempotency-Replayed"]) == (first.json_body, "true")
    assert again.headers["ETag"] == f'"{first.json_body["revision"]}"'
    assert len(http.call("GET", "/application/shop/revisions").json_body) == 3
    for body in ({"revision": "one"}, {"to": 1}, []):
        assert http.call("POST", "/application/shop/rollback", body).status_code == 400
    assert http.call("POST", "/application/nobody/rollback").status_code == 404
    assert http.call("GET", "/application/nobody/revisions").status_code == 404
