"""Shadows: asked by sonar after the answer, logged with the same request id."""

from functions.core.dtypes import DType
from functions.core.errors import ModelFailed
from functions.core.signature import Field, Shape, Signature
from functions.core.tensor import Tensor
from tests.unit.sonar.world import START, World, call, number, prediction, scalar


def doubling(inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    return {"y": number(2.0 * float(inputs["x"].elements()[0]))}


def shadowed(world: World, *names: str, request_id: str = "r1", at: float = START) -> dict[int, Exception]:
    return world.observe(prediction(request_id, at, x=3.0, calls=(call(3.0, shadows=names),)))


def test_g13_a_shadow_gets_the_request_and_is_logged_under_its_own_version() -> None:
    world = World()
    world.version(2)
    shadow = world.servable(2, doubling)
    assert shadowed(world, shadow.name) == {}
    (answered,), (shadows,) = world.log_of(1), world.log_of(2)
    assert answered.observation.outputs == {"y": number(4.0)}
    assert shadows.observation.outputs == {"y": number(6.0)}
    assert shadows.observation.is_shadow
    assert not answered.observation.is_shadow
    assert shadows.observation.servable_name == shadow.name


def test_g14_all_variants_are_logged_with_one_request_id() -> None:
    world = World()
    world.version(2)
    world.version(3)
    names = [world.servable(version, doubling).name for version in (2, 3)]
    shadowed(world, *names, request_id="common")
    assert [row.observation.request_id for row in world.log] == ["common"] * 3


def test_a_shadow_gets_what_only_it_takes() -> None:
    world = World()
    signature = Signature("predict", (scalar("x"), scalar("z")), (scalar("y"),))
    world.version(2, signature)
    shadow = world.servable(2, lambda inputs: {"y": inputs["z"]}, signature)
    spare = call(3.0, shadows=(shadow.name,), spare_inputs={"z": number(9.0)})
    world.observe(prediction(calls=(spare,)))
    assert world.log_of(2)[0].observation.outputs == {"y": number(9.0)}
    assert world.log_of(1)[0].observation.inputs == {"x": number(3.0)}


def test_a_shadow_that_cannot_answer_is_logged_with_its_error_and_holds_nobody() -> None:
    def raising(_: dict[str, Tensor]) -> dict[str, Tensor]:
        raise ModelFailed("the model failed: KeyError")

    wrong = Signature("predict", (scalar("x"),), (Field("y", DType.INT64, Shape(())),))
    world = World()
    for version in (2, 3, 4):
        world.version(version)
    names = [
        world.servable(2, raising).name,
        world.servable(3, None).name,
        world.servable(4, doubling, wrong).name,
    ]
    assert shadowed(world, *names) == {}
    errors = [str(world.log_of(version)[0].observation.error) for version in (2, 3, 4)]
    assert "KeyError" in errors[0]
    assert "nobody listens" in errors[1]
    assert "does not keep to its signature: output y/datatype: expected INT64, received FP64" in errors[2]
    assert world.log_of(1)[0].observation.error is None


def test_a_shadow_that_was_removed_is_passed_over() -> None:
    world = World()
    assert shadowed(world, "no-such-servable") == {}
    assert len(world.log) == 1


def test_a_shadow_is_watched_by_the_metrics_of_its_own_version() -> None:
    world = World()
    world.version(2)
    shadow = world.servable(2, doubling)
    world.metric("distance", lambda _: {"value": number(0.0)})
    shadowed(world, shadow.name)
    assert list(world.log_of(1)[0].metrics) == ["distance"]
    assert world.log_of(2)[0].metrics == {}
