"""What there is to find out about predictions before they are recorded: what shadows say, and every check."""

from collections.abc import Sequence

from aws_lambda_powertools import Logger

from functions.core.messages import PredictionMade
from functions.core.observations import Checked, Observation, observations_of
from functions.sonar.ask import Allowance
from functions.sonar.call_shadows import call_shadows
from functions.sonar.check import check
from functions.sonar.measure import measure
from functions.sonar.ports import Ports
from functions.sonar.watched import Watched

log = Logger(service="sonar", utc=True)


def investigate(ports: Ports, watched: Watched, made: Sequence[PredictionMade]) -> list[Checked]:
    """The rows of `made`. Nothing here may fail a prediction's recording: what cannot be asked is an errored check, or
    a shadow's error. Versions that were deleted meanwhile have no log any more; theirs are left out."""
    allowance = Allowance(ports.rules.call_timeout)
    found = [observation for one in made for observation in observations_of(one)]
    found += call_shadows(ports, watched, made, allowance)
    kept = [observation for observation in found if _has_log(watched, observation)]
    raw = check(watched, kept)
    metrics = measure(ports, watched, kept, allowance)
    return [
        Checked(observation=one, raw=of_fields, metrics=of_metrics)
        for one, of_fields, of_metrics in zip(kept, raw, metrics, strict=True)
    ]


def _has_log(watched: Watched, observation: Observation) -> bool:
    version = watched.version(observation.model_version_id)
    if version is not None and version.signature is not None:
        return True
    log.warning(
        "observation of a deleted version left out",
        request_id=observation.request_id,
        model_version_id=observation.model_version_id,
    )
    return False
