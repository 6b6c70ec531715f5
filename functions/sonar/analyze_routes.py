"""Predictions of models that run elsewhere, many in a call."""

from functions.doors.http import Answer, Request
from functions.sonar import wiring
from functions.sonar.analyze import Records, analyze
from functions.sonar.door import number, route


@route("POST", "/monitoring/analyze/{version_id}")
def analyze_records(request: Request, version_id: str) -> Answer:
    """Observed soon: checks, profiles and aggregates follow as they do for our own predictions."""
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version"))
    ids = analyze(ports, version, request.json_as(Records).records)
    return Answer({"accepted": len(ids), "requestIds": ids}, status=202)
