"""docs/openapi.json is true of what the request log's routes answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.sonar import wiring
from tests.unit.openapi.test_answers import check
from tests.unit.sonar.monitoring_http import MonitoringHttp
from tests.unit.sonar.world import START, World, call, number, prediction

READS = [
    ("/checks/all/{version_id}", "/checks/all/1?limit=2"),
    ("/checks/all/{version_id}", "/checks/all/1?where=x"),
    ("/checks/subsample/{version_id}", "/checks/subsample/1?size=2"),
    ("/checks/{key}", "/checks/r1"),
    ("/checks/{key}", "/checks/1?from=r1&to=r2"),
    ("/checks/{key}", "/checks/none"),
    ("/requests/{request_id}", "/requests/r1"),
    ("/slow/checks/{version_id}/{batch}", "/slow/checks/1/0"),
    ("/checks/aggregates/{version_id}", "/checks/aggregates/1"),
    ("/checks/aggregates/{version_id}", "/checks/aggregates/1?bucket=day"),
    ("/checks/comparision/{version_id}/{batch}/{other_id}", "/checks/comparision/1/0/2"),
    ("/comparison/{version_id}/{other_id}", "/comparison/1/2"),
    ("/comparison/{version_id}/{other_id}/pairs", "/comparison/1/2/pairs?limit=1"),
    ("/export/{version_id}", "/export/1?limit=1"),
]


@pytest.fixture
def monitoring() -> Iterator[MonitoringHttp]:
    world = World()
    world.version(2)
    world.servable(2, lambda _: {"y": number(1)})
    world.metric("od", lambda _: {"value": number(0.5)})
    for n in range(4):
        world.observe(prediction(f"r{n}", START + 1800 * n, calls=(call(float(n), shadows=("servable-2",)),)))
    yield MonitoringHttp(world)
    wiring.use(None)


@pytest.mark.parametrize(("pattern", "path"), READS)
def test_reads_of_the_log_answer_as_declared(
    document: Any, monitoring: MonitoringHttp, pattern: str, path: str
) -> None:
    answer = monitoring.call("GET", path)
    assert answer.json_body
    check(document, "GET", f"/monitoring{pattern}", answer)


def test_forgetting_answers_as_declared(document: Any, monitoring: MonitoringHttp) -> None:
    answer = monitoring.call("DELETE", "/checks/1")
    assert answer.status_code == 202
    check(document, "DELETE", "/monitoring/checks/{key}", answer)
