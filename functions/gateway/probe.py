"""`python -m functions.gateway.probe`: ends with 0 when the gateway of this container serves."""

import sys

from functions.core.settings import Settings, read_settings
from functions.doors.grpc import is_healthy


class ProbeSettings(Settings, frozen=True, kw_only=True):
    app_host: str = "127.0.0.1"
    app_port: int = 9091


def main() -> int:
    settings = read_settings(ProbeSettings)
    host = "127.0.0.1" if settings.app_host == "0.0.0.0" else settings.app_host  # noqa: S104 - not bound, compared
    return 0 if is_healthy(f"{host}:{settings.app_port}", timeout=3.0) else 1


if __name__ == "__main__":
    sys.exit(main())
