"""The profile of an image field: what each image measures, profiled as numbers.

An image is a tensor [height, width] or [height, width, channels]; [channels, height, width] is told by its 1, 3 or 4
channels in front. A tensor with one more axis is several images. Pixel values are taken as they are: brightness,
contrast and the rest are in the tensor's own units.

- brightness: mean of the luma (Rec. 601 weights of red, green and blue)
- contrast: its standard deviation (root mean square contrast)
- sharpness: variance of its Laplacian (Pech-Pacheco et al.: Diatom autofocusing in brightfield microscopy, 2000)
- colorfulness: of the opponent colours' spread and mean (Hasler, Süsstrunk: Measuring colourfulness in natural images,
  2003); grey images have none
"""

from typing import Any

import msgspec
import numpy as np

from functions.numerics.arrays import Array, Floats
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.numeric import NumericProfile, merge_numeric, profile_numbers

CHANNELS = (1, 3, 4)
LUMA = np.array([0.299, 0.587, 0.114])
ELEMENTS_AT_ONCE = 1 << 20


class ImageProfile(msgspec.Struct, frozen=True, eq=False, tag="image"):
    count: int = 0
    missing: int = 0
    statistics: dict[str, NumericProfile] = {}

    def view(self) -> dict[str, Any]:
        return {
            "kind": "image",
            "common": {"count": self.count, "missing": self.missing},
            "statistics": {name: profile.view() for name, profile in self.statistics.items()},
        }


def profile_images(column: Column) -> ImageProfile:
    """The profile of images of one shape, or (an array of objects) of images of any shapes.

    Raises TypeError for rows that are no images: tensors of two to four axes.
    """
    present = column.present()
    if column.values.dtype.kind == "O":
        found = [np.asarray(image)[np.newaxis] for image in present if image is not None]
    else:
        found = [present]
    missing = column.rows - sum(map(len, found))
    stacks = [stack for images in found for stack in _stacks(_each(images))]
    measured = [_measure(stack) for stack in stacks]
    names = sorted({name for found in measured for name in found})
    columns = {name: np.concatenate([found[name] for found in measured if name in found]) for name in names}
    profiles = {name: profile_numbers(Column(values)) for name, values in columns.items()}
    return ImageProfile(missing + sum(map(len, stacks)), missing, profiles)


def merge_images(parts: list[ImageProfile]) -> ImageProfile:
    """The profile of all images of `parts`."""
    names = sorted({name for part in parts for name in part.statistics})
    return ImageProfile(
        sum(part.count for part in parts),
        sum(part.missing for part in parts),
        {name: merge_numeric([part.statistics[name] for part in parts if name in part.statistics]) for name in names},
    )


def _each(rows: Array) -> Array:
    """Rows of several images as the images."""
    return rows.reshape(rows.shape[0] * rows.shape[1], *rows.shape[2:]) if rows.ndim == 5 else rows


def _stacks(images: Array) -> list[Array]:
    """`images` in parts whose temporaries are not large."""
    step = max(1, ELEMENTS_AT_ONCE // max(1, images[:1].size))
    return [images[at : at + step] for at in range(0, len(images), step)]


def _measure(images: Array) -> dict[str, Array]:
    """Each statistic of each image of [images, height, width(, channels)]; of one without pixels, its size."""
    pixels = _channels_last(images)
    count, height, width, channels = pixels.shape
    sizes = {"height": height, "width": width, "channels": channels}
    found: dict[str, Array] = {name: np.full(count, size) for name, size in sizes.items()}
    if not pixels.size:
        return found
    with np.errstate(invalid="ignore", over="ignore"):
        luma = pixels[..., :3] @ LUMA if channels >= 3 else pixels[..., 0]
        found["brightness"], found["contrast"] = luma.mean((1, 2)), luma.std((1, 2))
        if height > 2 and width > 2:
            found["sharpness"] = _laplacian(luma).var((1, 2))
        if channels >= 3:
            found["colorfulness"] = _colorfulness(pixels)
    return found


def _channels_last(images: Array) -> Floats:
    pixels = images.astype(np.float64)
    if pixels.ndim == 3:
        return pixels[..., np.newaxis]
    if pixels.ndim != 4:
        raise TypeError(f"expected images of two to four axes, received shape {list(images.shape[1:])}")
    in_front = pixels.shape[1] in CHANNELS and pixels.shape[3] not in CHANNELS
    return np.moveaxis(pixels, 1, 3) if in_front else pixels


def _laplacian(luma: Floats) -> Floats:
    inner = luma[:, 1:-1, 1:-1]
    return luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:] - 4 * inner


def _colorfulness(pixels: Floats) -> Floats:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std((1, 2)), yellow_blue.std((1, 2)))
    return np.asarray(spread + 0.3 * np.hypot(red_green.mean((1, 2)), yellow_blue.mean((1, 2))))
