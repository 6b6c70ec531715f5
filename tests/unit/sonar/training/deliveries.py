"""Files of training data on their way: given, delivered to a worker, and what comes of them."""

from typing import Any

from functions.core.observations import training_profile_key
from functions.core.training import ProfileWanted, TrainingFile, kind_of
from functions.numerics.profiles.stored import from_bytes
from functions.sonar.training.profile_training_data import profile_training_data
from functions.sonar.training.submit_training_data import receive_training_data
from tests.unit.sonar.world import World

PLENTY = 900.0
CSV = b"x,y\n1,2\n3,4\n"
OTHER = b"x,y\n10,20\nbad,1\n"


def deliver(world: World, wanted: ProfileWanted, **more: Any) -> None:
    profile_training_data(world, wanted, more.pop("left", lambda: PLENTY), **more)


def deliver_all(world: World) -> None:
    for wanted in world.training_queue.sent:
        deliver(world, wanted)


def given_files(world: World, *contents: bytes) -> list[TrainingFile]:
    return [receive_training_data(world, 1, content) for content in contents]


def extremes(world: World) -> tuple[int, float, float]:
    profiles = from_bytes(world.profiles.profiles[training_profile_key(1)])
    view = profiles.fields["x"].view()
    return profiles.rows, view["quantile"]["min"], view["quantile"]["max"]


def status(world: World) -> str:
    return kind_of(world.training_files.of_version(1))
