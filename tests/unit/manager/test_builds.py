"""The end of a build: a Released version, or one that says why it is none."""

from functions.core.models import ModelVersion, VersionStatus
from functions.core.ports import BuildOutcome
from functions.manager.complete_upload import complete_upload
from functions.manager.finish_build import finish_build
from tests.fakes.builder import FakeImageBuilder
from tests.unit.manager.world import World


def test_m03_a_built_version_is_released_with_its_digest(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    assert finish_build(world, version.build_id) is None  # it still runs
    world.clock.advance(30)
    world.builder.succeed(version.build_id, "sha256:" + "b" * 64)
    finish_build(world, version.build_id)
    released = world.models.get("penguins", 1)
    assert released.status is VersionStatus.RELEASED
    assert released.image.reference == "registry/models@sha256:" + "b" * 64
    assert released.finished == world.clock.now()


def test_m03_a_failed_build_says_why(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    tail = (
        "[Container] 2026/01/01 00:00:00 Running command docker build",
        "ERROR: No matching distribution found for scikit-lern",
        "",
        "[Container] 2026/01/01 00:00:01 Phase complete: BUILD State: FAILED",
    )
    world.builder.fail(version.build_id, "BUILD: exit status 1", *tail)
    finish_build(world, version.build_id)
    failed = world.models.get("penguins", 1)
    assert failed.status is VersionStatus.FAILED
    assert failed.reason == "BUILD: exit status 1\nERROR: No matching distribution found for scikit-lern"


DOCKER = (
    "#8 1.902 ERROR: No matching distribution found for nope",
    '#8 ERROR: process "/bin/sh -c pip install nope" did not complete successfully: exit code: 1',
    "------",
    " > [4/4] RUN pip install nope:",
    "1.903 ERROR: No matching distribution found for nope",
    "------",
    "Dockerfile:14",
    "--------------------",
    "   4 | >>> RUN pip install nope",
    "--------------------",
    'ERROR: failed to solve: process "/bin/sh -c pip install nope" did not complete successfully: exit code: 1',
)


def test_m03_dockers_picture_of_the_instruction_is_no_reason(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    said = ("ERROR: No matching distribution found for nope", "build failed: install command ended with status 1")
    world.builder.fail(version.build_id, "BUILD", *DOCKER, *said)
    finish_build(world, version.build_id)
    repeated = "1.903 ERROR: No matching distribution found for nope"
    assert world.models.get("penguins", 1).reason.split("\n") == [repeated, *said]


def test_m03_but_it_is_better_than_nothing(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    world.builder.fail(version.build_id, "BUILD", *DOCKER[-1:])
    finish_build(world, version.build_id)
    assert world.models.get("penguins", 1).reason == f"BUILD\n{DOCKER[-1]}"


def test_an_image_without_a_digest_is_a_failure(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    world.builder.succeed(version.build_id, digest="")
    finish_build(world, version.build_id)
    assert world.models.get("penguins", 1).reason == "the build reported no image digest"


def test_the_end_of_a_build_told_twice_is_told_once(world: World) -> None:
    version = world.built()
    world.builder.fail(version.build_id, "late nonsense")
    assert finish_build(world, version.build_id) is None
    assert world.models.get("penguins", 1) == version


def test_a_build_that_ends_before_its_id_is_written_down(world: World) -> None:
    class Hasty(FakeImageBuilder):
        """Its builds are over before `start` has answered."""

        def start(self, version: ModelVersion, contract_key: str) -> str:
            build_id = super().start(version, contract_key)
            self.succeed(build_id)
            finish_build(world, build_id)
            return build_id

    world.builder = Hasty()
    version = complete_upload(world, world.uploaded())
    assert version.status is VersionStatus.RELEASED
    assert version.build_id


def test_m03_of_two_builds_of_a_version_the_one_that_was_written_down_may_fail_it(world: World) -> None:
    """The first was started, and who started it died before he wrote it down."""
    version = complete_upload(world, world.uploaded())
    first = f"{version.build_id}-first"
    world.builder.started[first] = version
    world.builder.report(first, BuildOutcome(name="penguins", version=1, succeeded=False, reason="stopped"))
    assert finish_build(world, first) is None
    world.builder.succeed(version.build_id)
    finished = finish_build(world, version.build_id)
    assert finished is not None
    assert finished.status is VersionStatus.RELEASED


def test_a_build_of_nothing_known_is_dropped(world: World) -> None:
    assert finish_build(world, "someone-elses:1") is None
    version = world.built()
    world.models.delete("penguins", 1)
    assert finish_build(world, version.build_id) is None
