"""Which profile a field has: what its signature says goes before what its type suggests."""

import numpy as np
import pytest

from functions.core.dtypes import DType
from functions.core.signature import Field, Profile
from functions.numerics.profiles.categorical import CategoricalProfile
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import kind_of, profile_column
from functions.numerics.profiles.image import ImageProfile
from functions.numerics.profiles.language_tools import LanguageTools
from functions.numerics.profiles.numeric import NumericProfile
from functions.numerics.profiles.text import TextProfile
from functions.numerics.profiles.vector import VectorProfile
from tests.unit.numerics.columns import field, numbers, objects


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        (field("x", DType.DOUBLE), "numeric"),
        (field("x", DType.INT8, profile=Profile.RATIO), "numeric"),
        (field("x", DType.INT8, profile=Profile.ORDINAL), "categorical"),
        (field("x", DType.FLOAT, profile=Profile.CATEGORICAL), "categorical"),
        (field("x", DType.BOOL), "categorical"),
        (field("x", DType.BOOL, profile=Profile.NUMERICAL), "categorical"),
        (field("x", DType.STRING), "categorical"),
        (field("x", DType.STRING, profile=Profile.NOMINAL), "categorical"),
        (field("x", DType.STRING, profile=Profile.TEXT), "text"),
        (field("x", DType.UINT8, (28, 28), Profile.IMAGE), "image"),
        (field("x", DType.UINT8, (-1, -1, 3), Profile.IMAGE), "image"),
        (field("x", DType.UINT8, (784,), Profile.IMAGE), "numeric"),
        (field("x", DType.FLOAT, (16000,), Profile.AUDIO), "numeric"),
    ],
)
def test_a_field_has_the_kind_that_its_signature_says(named: Field, kind: str) -> None:
    assert kind_of(named) == kind


@pytest.mark.parametrize(
    ("named", "column", "profile"),
    [
        (field("x", DType.DOUBLE), numbers([1, 2]), NumericProfile),
        (field("x", DType.DOUBLE, None), numbers([1, 2]), NumericProfile),
        (field("x", DType.DOUBLE, None), numbers([[1, 2]]), VectorProfile),
        (field("x", DType.DOUBLE, None), objects([None, [1.0]]), VectorProfile),
        (field("x", DType.DOUBLE, None), objects([2.0, np.ones(2)]), VectorProfile),
        (field("x", DType.STRING, (-1,), Profile.TEXT), objects([["a"], ["b", "c"]]), TextProfile),
        (field("x", DType.DOUBLE, (2,)), numbers([[1, 2]]), VectorProfile),
        (field("x", DType.DOUBLE, (-1,)), objects([[1.0], [1.0, 2.0]]), VectorProfile),
        (field("x", DType.STRING, (2,)), objects([["a", "b"]]), VectorProfile),
        (field("x", DType.STRING, None), objects(["a", None]), CategoricalProfile),
        (field("x", DType.STRING, (2,), Profile.TEXT), Column(np.array([["a", "b"]], object)), TextProfile),
        (field("x", DType.UINT8, (2, 2), Profile.IMAGE), numbers([[[1, 2], [3, 4]]], np.uint8), ImageProfile),
    ],
)
def test_a_column_is_profiled_by_its_fields_kind(named: Field, column: Column, profile: type) -> None:
    assert type(profile_column(named, column, LanguageTools())) is profile
