"""`python -m local_cloud`: LocalStack in host mode, on loopback only, with everything of this package plugged in.

LocalStack reads its settings when it is imported; so they are completed here first, then the interpreter is repaired
and fenced in, and only then LocalStack is imported. Whatever the caller sets wins over a default.
"""

import os
import shutil
from pathlib import Path

from local_cloud import compat, loopback

MOTO = "moto"

DEFAULTS = {
    # a container marker file (many CI machines have one) would select /var/lib/localstack and ignore FILESYSTEM_ROOT
    "OVERRIDE_IN_DOCKER": "0",
    "DISABLE_EVENTS": "1",  # no usage telemetry
    "SKIP_SSL_CERT_DOWNLOAD": "1",  # a self-signed certificate is made instead
    "DNS_ADDRESS": "0",  # no name server on port 53
    "GATEWAY_LISTEN": "127.0.0.1:4566",
    "SQS_ENDPOINT_STRATEGY": "path",
    "CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES": "0",  # a type that nobody serves fails the deployment
    "IN_MEMORY_CLIENT": "1",  # services call one another without the way through a socket: 7 ms less per API call
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "120",  # heavy imports on a small machine
    # an idle event source is asked again after at most this long (10 s otherwise)
    "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "1",
    # what the community edition would have to download
    "PROVIDER_OVERRIDE_DYNAMODB": MOTO,
    "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": MOTO,
    "PROVIDER_OVERRIDE_KINESIS": MOTO,
}


def empty_folder(path: Path) -> Path:
    """A folder with nothing in it; what an emulator that was killed left there is gone."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def main() -> None:
    """Run the emulator until it is told to stop; raises `loopback.NotLoopback` for a public listen address."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    root = Path(os.environ.setdefault("FILESYSTEM_ROOT", str(Path.home() / ".local/state/local_cloud")))
    os.environ["TMPDIR"] = str(empty_folder(root / "scratch"))  # unpacked functions would fill the machine's /tmp
    host, port = os.environ["GATEWAY_LISTEN"].rsplit(":", 1)
    os.environ.setdefault("LOCALSTACK_HOST", f"localhost:{port}")

    compat.install()
    loopback.install(host)

    from localstack.runtime.main import main as run

    run()


if __name__ == "__main__":
    main()
