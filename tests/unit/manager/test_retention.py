"""A model keeps its newest Released versions, and everything that is used."""

import pytest

from functions.core.errors import InvalidRequest
from functions.manager.complete_upload import complete_upload
from functions.manager.delete_model import delete_model, delete_version
from functions.manager.deploy_servable import deploy_servable
from functions.manager.finish_build import finish_build
from functions.manager.retire_versions import retire_versions
from tests.unit.manager.world import World


def numbers(world: World, name: str = "penguins") -> list[int]:
    return [version.version for version in world.models.list(name)]


def test_without_a_number_every_version_stays(world: World) -> None:
    for _ in range(4):
        world.built()
    assert numbers(world) == [1, 2, 3, 4]


def test_m09_a_release_removes_what_is_older_than_the_newest_kept(world: World) -> None:
    for _ in range(3):
        world.built()
    world.built(name="otters")
    world.built(keep_versions=2)
    assert numbers(world) == [3, 4]
    assert numbers(world, "otters") == [1]
    assert "models/penguins/1/payload.tar.gz" not in world.payloads
    assert set(world.images.tags) == {"penguins-3", "penguins-4", "otters-1"}
    assert "models/penguins/3/payload.tar.gz" in world.payloads


def test_a_version_in_use_stays_until_it_is_free(world: World) -> None:
    servable = deploy_servable(world, world.built(), "default", {})
    world.built()
    world.built(keep_versions=1)
    assert numbers(world) == [1, 3]
    world.servables.delete(servable.name)
    world.built(keep_versions=1)
    assert numbers(world) == [4]


def test_failed_and_assembling_versions_do_not_count_and_stay(world: World) -> None:
    world.built()
    failed = complete_upload(world, world.uploaded())
    world.builder.fail(failed.build_id, "no")
    finish_build(world, failed.build_id)
    complete_upload(world, world.uploaded())
    world.built(keep_versions=1)
    assert numbers(world) == [2, 3, 4]


def test_a_build_that_fails_removes_nothing(world: World) -> None:
    world.built()
    failed = complete_upload(world, world.uploaded(keep_versions=1))
    world.builder.fail(failed.build_id, "no")
    finish_build(world, failed.build_id)
    assert numbers(world) == [1, 2]


def test_retiring_again_removes_nothing_more(world: World) -> None:
    for _ in range(2):
        world.built()
    newest = world.built(keep_versions=2)
    assert retire_versions(world, newest) == []
    assert numbers(world) == [2, 3]


def test_m09_a_deleted_version_leaves_neither_payload_nor_image(world: World) -> None:
    for _ in range(2):
        world.built()
    delete_version(world, "penguins", 1)
    assert numbers(world) == [2]
    assert list(world.images.tags) == ["penguins-2"]
    delete_model(world, 1)
    assert not world.images.tags
    assert not [key for key in world.payloads.objects if key.startswith("models/")]


def test_m09_a_build_that_outlives_its_version_leaves_no_image(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    delete_version(world, "penguins", 1)
    world.images.push(version.image, "sha256:" + "a" * 64)
    world.builder.succeed(version.build_id)
    for _ in range(2):
        assert finish_build(world, version.build_id) is None
    assert not world.images.tags


def test_keeping_nothing_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="/keepVersions: expected a whole number above 0, received 0"):
        world.uploaded(keep_versions=0)
