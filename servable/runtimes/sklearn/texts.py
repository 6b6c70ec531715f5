"""Which columns of a pipeline's table are text: those that an encoder or a vectorizer in it was fitted on as text."""

from collections.abc import Iterable, Iterator
from typing import Any


def known_texts(estimator: Any) -> dict[str, str]:
    """A text that the model knows, by column. What no step tells about is not there."""
    names = [str(name) for name in estimator.feature_names_in_]
    return dict(_of_step(estimator, names))


def _of_step(step: Any, names: list[str]) -> Iterator[tuple[str, str]]:
    """The texts of a step that is given the columns `names`, of the first step that can tell."""
    if hasattr(step, "steps"):
        yield from _of_steps((inner for _, inner in step.steps), names)
    elif hasattr(step, "transformers_"):
        for _, inner, columns in step.transformers_:
            yield from _of_step(inner, _named(columns, names))
    elif hasattr(step, "best_estimator_"):
        yield from _of_step(step.best_estimator_, names)
    elif hasattr(step, "categories_"):
        for name, categories in zip(names, step.categories_, strict=False):
            texts = [value for value in categories if isinstance(value, str)]
            if texts:
                yield name, texts[0]
    elif hasattr(step, "build_analyzer"):
        yield from ((name, "foo") for name in names[:1])


def _of_steps(steps: Iterable[Any], names: list[str]) -> Iterator[tuple[str, str]]:
    # an imputer before the encoder keeps the columns as they are
    for step in steps:
        found = list(_of_step(step, names))
        if found:
            yield from found
            return


def _named(columns: Any, names: list[str]) -> list[str]:
    """A ColumnTransformer keeps columns as names, positions, a slice, a mask, or one of them alone."""
    if isinstance(columns, slice):
        return names[columns] if not isinstance(columns.start, str) else names
    chosen = [columns] if isinstance(columns, str | int) else list(columns)
    if chosen and all(isinstance(one, bool) for one in chosen):
        return [name for name, wanted in zip(names, chosen, strict=False) if wanted]
    return [one if isinstance(one, str) else names[one] for one in chosen]
