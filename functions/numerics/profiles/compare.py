"""Two profiles of a field side by side: both distributions on the same bars, or over the same categories.

Bars are powers of two wide and aligned (sketches/histogram.py), so both sides' counts on common ones are exact, without
a look at the data.
"""

from typing import Any

from functions.numerics.profiles.categorical import CategoricalProfile
from functions.numerics.profiles.field import FieldProfile
from functions.numerics.profiles.image import ImageProfile
from functions.numerics.profiles.numeric import NumericProfile
from functions.numerics.profiles.text import TextProfile
from functions.numerics.profiles.vector import VectorProfile
from functions.numerics.sketches.histogram import on_common_bars

SHOWN = 100  # categories

Comparison = dict[str, Any]


def compare(training: FieldProfile, production: FieldProfile) -> Comparison | None:
    """None where there is nothing to hold side by side: profiles of two kinds, or vectors of different lengths."""
    if isinstance(training, NumericProfile) and isinstance(production, NumericProfile):
        return _numbers(training, production)
    if isinstance(training, CategoricalProfile) and isinstance(production, CategoricalProfile):
        return _categories(training, production)
    if isinstance(training, ImageProfile) and isinstance(production, ImageProfile):
        return {"statistics": _each(training.statistics, production.statistics)}
    if isinstance(training, TextProfile) and isinstance(production, TextProfile):
        return {"distributions": _each(training.numbers, production.numbers)}
    if isinstance(training, VectorProfile) and isinstance(production, VectorProfile):
        return _vectors(training, production)
    return None


def _vectors(training: VectorProfile, production: VectorProfile) -> Comparison | None:
    if (training.together, len(training.elements)) != (production.together, len(production.elements)):
        return None
    pairs = zip(training.elements, production.elements, strict=True)
    return {"elements": [compare(one, other) for one, other in pairs]}


def _numbers(training: NumericProfile, production: NumericProfile) -> Comparison:
    edges, (before, now) = on_common_bars([training.histogram, production.histogram])
    return {"histogram": {"bins": edges, "training": before.tolist(), "production": now.tolist()}}


def _categories(training: CategoricalProfile, production: CategoricalProfile) -> Comparison:
    """The most frequent of each side, those of training first."""
    counts = training.frequencies.counts, production.frequencies.counts
    top = [side.frequencies.most_frequent(SHOWN) for side in (training, production)]
    values = list(dict.fromkeys(value for side in top for value, _ in side))
    shown = [[side.get(value, 0) for value in values] for side in counts]
    return {
        "frequencies": {
            "values": values,
            "training": shown[0],
            "production": shown[1],
            "otherTraining": training.frequencies.count - sum(shown[0]),
            "otherProduction": production.frequencies.count - sum(shown[1]),
        }
    }


def _each(training: dict[str, NumericProfile], production: dict[str, NumericProfile]) -> Comparison:
    return {name: _numbers(profile, production[name]) for name, profile in training.items() if name in production}
