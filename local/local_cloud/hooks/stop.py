"""The emulator ends at once: its state is in memory, so there is nothing to save, and its children end with it.

LocalStack would wait up to ten seconds for its worker threads.
"""

import os

from localstack.runtime import hooks


@hooks.on_runtime_shutdown()
def leave() -> None:
    """Before the server is stopped."""
    os._exit(0)
