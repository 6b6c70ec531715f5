"""The environments of the processes that a local cloud starts.

Everything that could lead a tool to a real AWS account, or to other settings than ours, is left out: credentials,
profiles, endpoints, emulator options. What a machine needs to reach its package indexes (proxies, pip, uv, npm) stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.machine.ports import LOOPBACK
from local.machine.processes import MARKER
from local.machine.settings import CONTAINERS, EMULATOR, REGISTRY, Settings
from local.machine.state import State
from local.machine.toolchain import Toolchain

REGION = "us-east-1"
ACCOUNT = "000000000000"  # the emulator's account

LEFT_OUT = (
    "AWS_",
    "CDK_",
    "LAMBDA_",
    "PROVIDER_",
    "LOCALSTACK_",
    "DEWPOINT_",
    "CODEBUILD_",
    "ECS_",
    "PYTHON",
    "GATEWAY_",
)
LEFT_OUT_NAMES = {"VIRTUAL_ENV", "SERVICES", "DEBUG", "EAGER_SERVICE_LOADING", "PERSISTENCE", "FILESYSTEM_ROOT"}
NOT_A_FILE = "/dev/null"


@dataclass(frozen=True)
class Environments:
    settings: Settings
    state: State
    toolchain: Toolchain

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.state.record.ports[EMULATOR]}"

    def plain(self) -> dict[str, str]:
        """For tools that only install."""
        return cleaned(self.settings.inherited)

    def emulator(self) -> dict[str, str]:
        return {
            **self.plain(),
            **self._engine(),
            "FILESYSTEM_ROOT": str(self.state.folder / "data"),
            "GATEWAY_LISTEN": f"{LOOPBACK}:{self.state.record.ports[EMULATOR]}",
            "LAMBDA_PROCESS_PYTHON": str(self.toolchain.lambda_python),
        }

    def edge(self) -> dict[str, str]:
        return {**self.plain(), "PYTHONPATH": str(self.settings.root), "AWS_EC2_METADATA_DISABLED": "true"}

    def cdk(self) -> dict[str, str]:
        """For the CDK command line: our tools first, the emulator as the only AWS there is."""
        path = [self.settings.python.parent, *filter(None, [self.settings.inherited.get("PATH")])]
        return {
            **self.plain(),
            **self._engine(),
            MARKER: self.state.record.cloud,
            "PATH": ":".join(map(str, path)),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_CONFIG_FILE": NOT_A_FILE,
            "AWS_SHARED_CREDENTIALS_FILE": NOT_A_FILE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_DOCKER": str(self.toolchain.docker),
            # where CDK remembers which account a key belongs to; a remembered one of elsewhere would be wrong here
            "CDK_HOME": str(self.state.folder / "cdk-home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "NO_COLOR": "1",
        }

    def _engine(self) -> dict[str, str]:
        """What the engine needs, in the emulator and behind CDK's docker command alike."""
        return {
            **self.containers(),
            "DEWPOINT_IMAGES": str(self.state.folder / "images"),
            "DEWPOINT_UV": str(self.settings.uv),
            "DEWPOINT_PYTHON": str(self.settings.python),
        }

    def containers(self) -> dict[str, str]:
        """Where the container engine is; empty when processes do."""
        record = self.state.record
        if record.engine != CONTAINERS:
            return {}
        return {
            "DEWPOINT_ENGINE": CONTAINERS,
            "DEWPOINT_DOCKER": record.docker,
            "DOCKER_HOST": record.docker_host,
            "DEWPOINT_REGISTRY": f"{LOOPBACK}:{record.ports[REGISTRY]}",
        }


def cleaned(inherited: Mapping[str, str]) -> dict[str, str]:
    """The inherited environment without what could misdirect a tool; loopback is never reached through a proxy."""
    kept = {
        name: value for name, value in inherited.items() if not name.startswith(LEFT_OUT) and name not in LEFT_OUT_NAMES
    }
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name), LOOPBACK, "localhost"]))
    return kept
