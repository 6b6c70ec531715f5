"""A receiver is tried: an alert about nothing goes the way that all others go."""

import uuid

from functions.alerts.ports import Ports
from functions.core.alerts import Alert, Notice, Occasion, Told
from functions.core.bulletins import Trouble
from functions.core.receivers import Delivery

LASTS = 300  # seconds that a receiver may take it for true


def try_receiver(ports: Ports, name: str) -> Delivery:
    """What is on its way now; the receiver's view tells how it ended. Raises NotFound."""
    receiver = ports.receivers.get(name)
    now = ports.clock.now().timestamp()
    told = Told(occasion=Occasion.TEST, alert=_example(now), expires=now + LASTS)
    notice = Notice(id=f"test-{uuid.uuid4().hex}", version_id=0, at=now, told=(told,))
    delivery = Delivery(receiver=receiver.name, notice=notice)
    ports.deliveries.put([delivery])
    return delivery


def _example(now: float) -> Alert:
    return Alert(
        version_id=0,
        number=0,
        key="check:example/max",
        trouble=Trouble.CHECK,
        field="example",
        name="max",
        model_name="example",
        model_version=1,
        application=None,
        stage=0,
        metric_spec_id=None,
        description="a test of this receiver",
        threshold="1",
        value="2",
        reason="",
        started=now,
        breached=now,
        first_seen=now,
        last_seen=now,
        failures=1,
        requests=1,
        examples=("example",),
        row=0,
        announced=now,
    )
