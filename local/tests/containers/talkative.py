"""A model that does what its input says: look around, keep a processor busy, or take all the memory there is."""

import json
import os
import time
from pathlib import Path


def predict(order):
    return {"answer": json.dumps(ORDERS.get(str(order), unknown)())}


def unknown():
    return None


def facts():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    try:
        Path("/written").touch()
        writable = True
    except OSError:
        writable = False
    return {
        "user": os.getuid(),
        "pid": os.getpid(),
        "capabilities": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd")],
        "no_new_privileges": int(status["NoNewPrivs"]),
        "root_is_writable": writable,
        "processes": sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()),
        "environment": dict(os.environ),
    }


def spin():
    began, busy = time.monotonic(), time.process_time()
    while time.process_time() - busy < 0.4:
        pass
    return {"seconds": time.monotonic() - began, "busy": time.process_time() - busy}


def hoard():
    taken = []
    while True:
        taken.append(os.urandom(1 << 20))


ORDERS = {"facts": facts, "spin": spin, "hoard": hoard}
