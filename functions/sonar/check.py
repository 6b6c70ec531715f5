"""Raw checks: each observation held against what the training data of its version say."""

from collections.abc import Sequence

import numpy as np

from functions.core.checks import Check
from functions.core.observations import Observation
from functions.numerics.arrays import Array
from functions.numerics.checks.judge import FAILED, PASSED, SILENT, Judged, checks_by_row, judge
from functions.sonar.table import table_of
from functions.sonar.watched import Watched


def check(watched: Watched, observations: Sequence[Observation]) -> list[dict[str, list[Check]]]:
    """The checks of each observation, by element; none for a version without training data."""
    checks: list[dict[str, list[Check]]] = [{} for _ in observations]
    places: dict[int, list[int]] = {}
    for place, observation in enumerate(observations):
        places.setdefault(observation.model_version_id, []).append(place)
    for version, of_version in places.items():
        found = _of_version(watched, version, [observations[place] for place in of_version])
        for place, by_element in zip(of_version, found, strict=True):
            checks[place] = by_element
    return checks


def _of_version(watched: Watched, version: int, observations: Sequence[Observation]) -> list[dict[str, list[Check]]]:
    rules = watched.rules(version)
    if not rules:
        return [{} for _ in observations]
    signature = watched.signature(version)
    table = table_of(signature, observations)
    judged = [_of_observations(one, table.owners, len(observations)) for one in judge(rules, table.columns)]
    checks = checks_by_row(judged, len(observations))
    # what a failed prediction did not answer is not missing: the error says why
    inputs = {field.name for field in signature.inputs}
    of_inputs = checks_by_row([one for one in judged if one.rule.field in inputs], len(observations))
    return [
        of_inputs[at] if observation.error is not None else checks[at] for at, observation in enumerate(observations)
    ]


def _of_observations(judged: Judged, owners: Array, count: int) -> Judged:
    """The verdicts of rows as those of the observations they belong to: failed when a row failed, shown is that row."""
    if len(owners) == count:
        return judged
    verdicts = np.full(count, SILENT, np.int8)
    shown = np.zeros(count, np.int64)
    for at in range(len(owners) - 1, -1, -1):
        owner, verdict = owners[at], judged.verdicts[at]
        if verdict == FAILED or (verdict == PASSED and verdicts[owner] != FAILED):
            verdicts[owner], shown[owner] = verdict, at
    return Judged(judged.rule, verdicts, judged.values[shown] if len(owners) else judged.values)
