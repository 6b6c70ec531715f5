"""When monitoring calls something an alert, as a version's configuration says it under `alerts`."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from functions.core.alerts import rules_of
from functions.core.errors import InvalidRequest
from functions.doors.http import problem_of

POINTER = "/monitoringConfiguration/alerts"


def check_alert_rules(monitoring: Mapping[str, Any]) -> None:
    """Raises InvalidRequest."""
    try:
        rules_of(monitoring)
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        raise InvalidRequest.of([replace(problem, pointer=POINTER + problem.pointer)]) from None
