"""The process engine: images, builds and containers for a machine without a container engine.

An image is a folder (`rootfs/`) and a virtual environment (`venv/`) instead of a stack of tar archives, and a running
container is a process whose working directory is inside that folder. What the rest of the local cloud may rely on is
the pair of protocols in `ports.py`; a real container engine can be put behind the same protocols.

There is no sandbox: the process sees the machine's files and network. It has an address (127.a.b.c), a user and a
capability set of its own where the machine allows it, and nothing of the caller's environment.

This package knows nothing of LocalStack.
"""
