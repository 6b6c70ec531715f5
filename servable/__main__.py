"""`python -m servable`: load the model of the working directory, serve it, end well on SIGTERM.

Exit status: 0 after a full drain, 1 when the model cannot be loaded or running calls had to be left. The last line on
stderr says why a model cannot be loaded; the platform shows it as the servable's reason.
"""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from servable.contract import read_contract
from servable.errors import CannotLoad
from servable.load import load_model
from servable.server import Server
from servable.settings import read_settings

log = logging.getLogger("servable")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    model_dir = Path.cwd()
    try:
        settings = read_settings(os.environ)
        contract = read_contract(model_dir)
        model = load_model(model_dir, contract, settings.runtime, settings.cpus)
        end = _end_signal()
        server = Server(model, settings)
    except CannotLoad as error:
        log.debug("cannot load", exc_info=True)
        return _refuse(error)
    log.info("serving %s %d on %s:%d", contract.name, contract.version, settings.host, server.port)
    end.wait()
    if server.drain():
        log.info("drained")
        return 0
    log.warning("stopped with calls still running")
    return 1


def _refuse(error: CannotLoad) -> int:
    if error.__cause__ is not None:
        log.error("the cause", exc_info=error.__cause__)
    sys.stderr.write(f"cannot load model: {' '.join(str(error).split())}\n")
    return 1


def _end_signal() -> threading.Event:
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    return end


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # a call that outlived the drain still holds its thread, and an ordinary exit would wait for it
    os._exit(status)
