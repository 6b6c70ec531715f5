"""Notices go out: one delivery to each receiver that wants it, each tried and lost alone."""

from collections.abc import Sequence

from functions.alerts.ports import Ports
from functions.core.alerts import Notice
from functions.core.receivers import TOPIC, Delivery, Receiver


def dispatch(ports: Ports, notices: Sequence[Notice]) -> None:
    """Raises Unavailable when the queue did not take all of them."""
    receivers = ports.receivers.list()
    ports.deliveries.put(
        [
            Delivery(receiver=name, notice=notice)
            for notice in notices
            for name in (TOPIC, *(each.name for each in receivers if _wants(each, notice)))
        ]
    )


def _wants(receiver: Receiver, notice: Notice) -> bool:
    """All alerts of a notice are of one version."""
    return not receiver.models or notice.told[0].alert.model_name in receiver.models
