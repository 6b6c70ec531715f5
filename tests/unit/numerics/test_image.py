"""The image profile: each measure on images whose answer is known."""

import math

import numpy as np
import pytest

from functions.numerics.profiles.column import Column
from functions.numerics.profiles.image import merge_images, profile_images
from tests.unit.numerics.columns import objects

BOARD = np.indices((6, 8)).sum(0) % 2 * 200  # black and light fields


def values(profile: object, name: str) -> tuple[float, float]:
    statistic = profile.statistics[name]  # type: ignore[attr-defined]
    return statistic.minimum, statistic.maximum


def test_s06_a_grey_image_is_measured() -> None:
    profile = profile_images(Column(np.stack([BOARD, BOARD * 0 + 50]).astype(np.uint8)))
    assert values(profile, "height") == (6, 6)
    assert values(profile, "width") == (8, 8)
    assert values(profile, "channels") == (1, 1)
    assert values(profile, "brightness") == (50, 100)
    assert values(profile, "contrast") == (0, 100)
    assert values(profile, "sharpness") == (0, 800**2)  # the Laplacian of a field is four times its step
    assert "colorfulness" not in profile.statistics
    assert profile.view()["common"] == {"count": 2, "missing": 0}


def test_s06_colour_is_measured_and_channels_are_found_in_front() -> None:
    red = np.zeros((1, 5, 7, 3), np.float32)
    red[..., 0] = 1
    last, front = profile_images(Column(red)), profile_images(Column(np.moveaxis(red, 3, 1)))
    for profile in (last, front):
        assert values(profile, "width") == (7, 7)
        assert values(profile, "channels") == (3, 3)
        assert values(profile, "brightness")[0] == pytest.approx(0.299)
        assert values(profile, "colorfulness")[0] == pytest.approx(0.3 * math.hypot(1, 0.5))


def test_s06_images_of_any_size_are_measured_one_by_one() -> None:
    profile = profile_images(objects([np.ones((3, 3)), None, np.ones((9, 4, 3)), np.ones((1, 1))]))
    assert (profile.count, profile.missing) == (4, 1)
    assert values(profile, "height") == (1, 9)
    assert profile.statistics["sharpness"].count == 2


def test_s06_pixels_that_are_no_numbers_are_counted() -> None:
    image = np.ones((1, 4, 4))
    image[0, 0, 0] = math.nan
    assert profile_images(Column(image)).statistics["brightness"].nan == 1


def test_s06_images_merge() -> None:
    one, other = (profile_images(Column(np.full((2, 4, 4), level))) for level in (1.0, 3.0))
    merged = merge_images([one, other])
    assert (merged.count, values(merged, "brightness")) == (4, (1, 3))
    assert merged.statistics["brightness"].moments.mean == 2


@pytest.mark.parametrize("shape", [(2, 5), (2, 1, 2, 2, 2, 2)])
def test_s06_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match="expected images"):
        profile_images(Column(np.zeros(shape)))


def test_s06_a_row_may_hold_several_images_or_none_or_one_without_pixels() -> None:
    several = profile_images(Column(np.ones((2, 3, 4, 5, 3)), np.array([False, True])))
    assert (several.count, several.missing) == (4, 1)
    assert several.statistics["brightness"].count == 3
    rows = objects([np.ones((2, 4, 5, 3)), np.ones((0, 4, 5, 3)), np.ones((0, 5)), None])
    apart = profile_images(rows)
    assert (apart.count, apart.missing) == (4, 1)
    assert (apart.statistics["height"].minimum, apart.statistics["brightness"].count) == (0, 2)
