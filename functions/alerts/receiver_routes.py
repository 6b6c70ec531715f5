"""Who is told of alerts, for administrators."""

from functions.alerts import wiring
from functions.alerts.create_receiver import NewReceiver, create_receiver
from functions.alerts.door import route
from functions.alerts.try_receiver import try_receiver
from functions.alerts.views import View, receiver_view
from functions.doors.http import Answer, Request
from functions.doors.pages import paged


@route("GET", "/monitoring/receivers")
def get_receivers(request: Request) -> Answer:
    """With how the last delivery to each ended."""
    ports = wiring.ports()
    outcomes = ports.outcomes.all()
    return paged(
        request,
        ports.receivers.list(),
        lambda each: each.name,
        lambda page: [receiver_view(each, outcomes.get(each.name)) for each in page],
    )


@route("POST", "/monitoring/receivers")
def post_receiver(request: Request) -> Answer:
    wanted = request.json_as(NewReceiver)
    return Answer(receiver_view(create_receiver(wiring.ports(), wanted), None), 201)


@route("DELETE", "/monitoring/receivers/{name}")
def delete_receiver(_request: Request, name: str) -> View:
    ports = wiring.ports()
    receiver = ports.receivers.get(name)
    ports.receivers.delete(name)
    return receiver_view(receiver, None)


@route("POST", "/monitoring/receivers/{name}/test")
def post_test(_request: Request, name: str) -> Answer:
    """The receiver's view tells how it ended."""
    return Answer({"deliveryId": try_receiver(wiring.ports(), name).id}, 202)
