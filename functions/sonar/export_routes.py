"""The files of the log for whoever reads Parquet, and an end to them."""

from functions.core.log_keeping import ForgetLog
from functions.doors.http import Answer, Request
from functions.doors.pages import MAX_LIMIT, NEXT, encode_token, number_in, token_in
from functions.sonar import wiring
from functions.sonar.check_routes import version_called
from functions.sonar.door import route
from functions.sonar.export_files import export_page
from functions.sonar.read_wanted import check_parameters, read_times
from functions.sonar.views import moment

HOUR = len("2026-01-31T05")


@route("GET", "/monitoring/export/{version_id}")
def get_export(request: Request, version_id: str) -> Answer:
    """Where the files are that hold the rows of these hours, oldest first, and what is in them."""
    check_parameters(request, "from", "till", "limit", "next")
    version = version_called(version_id)
    since, until = read_times(request)
    limit = number_in(request, "limit", MAX_LIMIT, 1, MAX_LIMIT)
    token = token_in(request, lambda last: len(str(last)) == HOUR)
    page = export_page(wiring.ports(), version, since, until, limit, str(token or ""))
    headers = {NEXT: encode_token(request.path, page.following)} if page.following else {}
    body = {"modelVersionId": version.id, "schema": page.schema, "files": page.files}
    return Answer(body, headers=headers)


@route("DELETE", "/monitoring/checks/{key}")
def delete_checks(request: Request, key: str) -> Answer:
    """Removes what version `key` has logged up to now; its predictions go on being logged."""
    check_parameters(request)
    ports, version = wiring.ports(), version_called(key)
    head, until = ports.index.head(version.id), ports.clock.now().timestamp()
    batches = head.batches + (head.open is not None)
    ports.care.ask(ForgetLog(version_id=version.id, until=until, rows=head.rows, batches=batches))
    return Answer({"modelVersionId": version.id, "until": moment(until)}, status=202)
