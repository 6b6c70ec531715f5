"""The last step before a container's command: what must be done in the new process itself.

Run by path with `python -I -S`: standard library only. The one argument is JSON: `parent` (pid), `argv`, and for a
caller that is root `uid` (or null) and `drop` (give up every capability).

Doing this here and not between fork and exec (`preexec_fn`) keeps a parent with many threads from dead-locking.
"""

import ctypes
import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
LAST_POSSIBLE_CAPABILITY = 63


def main() -> None:
    """Becomes the command."""
    order = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None)
    if order["drop"]:
        # with an empty bounding set even root has no capability after exec
        for capability in range(LAST_POSSIBLE_CAPABILITY + 1):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    # after the change of user, which clears it
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != order["parent"]:
        sys.exit(137)
    os.umask(0o022)
    os.execvp(order["argv"][0], order["argv"])


if __name__ == "__main__":
    main()
