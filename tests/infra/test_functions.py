"""What ships runs: handlers exist in their zips, find everything they import, and are told all that they read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.core.settings import (
    AccessSettings,
    AlertSettings,
    GatewaySettings,
    ManagerSettings,
    Settings,
    SonarSettings,
)
from tests.infra.synth import ROOT, Environments, Template, all_resources, resources

# what AWS puts beside a Python function
LAMBDA_RUNTIME = {"boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3"}
# there, but not needed: botocore takes certifi and pynamodb blinker when they find them, setuptools hooks itself into
# every start of an interpreter, grpcio-tools shares protobuf's namespace, and grpc looks for its optional companions
OPTIONAL = {"certifi", "blinker", "setuptools", "grpcio-tools", "grpcio-health-checking"}
WEB, GRPC = "layers/web", "layers/grpc"
UNITS = {
    "app:access": ("access", "app", (WEB,)),
    "authorizer": ("access", "functions.access.authorizer", (WEB,)),
    "key-issuer": ("access", "functions.access.issuer", (WEB,)),
    "app:alerts": ("alerts", "app", (WEB,)),
    "alert-watch": ("alerts", "functions.alerts.handler", (WEB,)),
    "alert-delivery": ("alerts", "functions.alerts.delivery_handler", (WEB,)),
    "app:gateway": ("gateway", "app", (WEB, GRPC)),
    "app:manager": ("manager", "app", (WEB,)),
    "platform-events": ("manager", "functions.manager.handler", (WEB,)),
}
SETTINGS: dict[str, type[Settings]] = {
    "access": AccessSettings,
    "authorizer": AccessSettings,
    "key-issuer": AccessSettings,
    "alerts": AlertSettings,
    "alert-watch": AlertSettings,
    "alert-delivery": AlertSettings,
    "gateway": GatewaySettings,
    "manager": ManagerSettings,
    "platform-events": ManagerSettings,
    "sonar": SonarSettings,
    "sonar-api": SonarSettings,
    "sonar-training": SonarSettings,
    "log-care": SonarSettings,
}
# image functions: the folder of the image, and its module
IMAGES = {
    "sonar": ("sonar-image", "functions.sonar.handler.handler"),
    "sonar-api": ("sonar-image", "app.app"),
    "sonar-training": ("sonar-image", "functions.sonar.train_handler.handler"),
    "log-care": ("sonar-image", "functions.sonar.care_handler.handler"),
}
IMPORTED = """
import importlib, importlib.metadata, json, sys
sys.path.insert(0, sys.argv[1])
found, roots = {}, set()
for name in sys.argv[2:]:
    module = importlib.import_module(name)
    found[name] = {"file": module.__file__, "names": dir(module)}
    roots |= {name.partition(".")[0] for name, loaded in sys.modules.items() if getattr(loaded, "__file__", None)}
    for ours in [name for name in sys.modules if name.partition(".")[0] in ("app", "functions")]:
        del sys.modules[ours]
packages = importlib.metadata.packages_distributions()
print(json.dumps([found, sorted({dist for root in roots for dist in packages.get(root, [])})]))
"""


def imported(folder: Path, *modules: str) -> Any:
    """Imports `modules` from a staged folder in a fresh interpreter that does not see the repository.

    Each finds none of our code loaded by another; libraries are loaded once. Returns what was found of each, and the
    distributions that all of them took.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORTED, str(folder), *modules],
        cwd=folder,
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pinned(*lists: str) -> set[str]:
    lines = [line for name in lists for line in (ROOT / name / "requirements.txt").read_text().splitlines()]
    return {line.partition("==")[0] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("zipped", sorted({zipped for zipped, _, _ in UNITS.values()}))
def test_functions_find_all_they_import_in_their_zip_and_layers(environments: Environments, zipped: str) -> None:
    folder = environments.build / zipped
    units = {module: layers for name, module, layers in UNITS.values() if name == zipped}
    found, distributions = imported(folder, *units)
    for module in units:
        assert found[module]["file"].startswith(str(folder))
        assert ("app" if module == "app" else "handler") in found[module]["names"]
    [layers] = set(units.values())
    assert normalised(distributions) <= pinned(*layers) | LAMBDA_RUNTIME


def test_the_grpc_gateway_finds_all_it_imports_in_its_image(environments: Environments) -> None:
    _, distributions = imported(
        environments.build / "grpc-gateway", "functions.gateway.server", "functions.gateway.probe"
    )
    assert normalised(distributions) <= pinned("functions/gateway")


@pytest.mark.parametrize("image", sorted({image for image, _ in IMAGES.values()}))
def test_image_functions_find_all_they_import_in_their_image(environments: Environments, image: str) -> None:
    handlers = [handler.rpartition(".") for folder, handler in IMAGES.values() if folder == image]
    found, distributions = imported(environments.build / image, *[module for module, _, _ in handlers])
    for module, _, attribute in handlers:
        assert attribute in found[module]["names"]
    assert normalised(distributions) <= pinned(f"functions/{image.removesuffix('-image')}")


def normalised(distributions: list[str]) -> set[str]:
    return {name.lower().replace("_", "-") for name in distributions} - OPTIONAL


def test_handlers_are_those_that_were_tried(stacks: dict[str, Template]) -> None:
    for function in all_resources(stacks, "AWS::Lambda::Function").values():
        name = function["FunctionName"].split("-", 2)[2]
        if function.get("PackageType") == "Image":
            assert function["ImageConfig"]["Command"] == [IMAGES[name][1]]
            continue
        module, _, attribute = function["Handler"].rpartition(".")
        assert UNITS.get(name, UNITS.get(f"app:{name}"))[1] == module  # type: ignore[index]
        assert attribute == ("app" if module == "app" else "handler")


def test_functions_are_told_what_their_settings_require(stacks: dict[str, Template]) -> None:
    functions = all_resources(stacks, "AWS::Lambda::Function").values()
    told = {f["FunctionName"].split("-", 2)[2]: set(f["Environment"]["Variables"]) for f in functions}
    assert set(told) == set(SETTINGS)
    for name, variables in told.items():
        check_settings(variables, SETTINGS[name])


def test_the_grpc_gateway_is_told_what_its_settings_require(stacks: dict[str, Template]) -> None:
    [task] = resources(stacks["grpc"], "AWS::ECS::TaskDefinition").values()
    [container] = task["ContainerDefinitions"]
    check_settings({variable["Name"] for variable in container["Environment"]}, GatewaySettings)


def check_settings(told: set[str], settings: type[Settings]) -> None:
    fields = msgspec.structs.fields(settings)
    required = {field.name.upper() for field in fields if field.required}
    known = {field.name.upper() for field in fields} | {"APP_PORT", "AWS_DEFAULT_REGION"}
    own = {name for name in told if not name.startswith("POWERTOOLS_")}
    assert required <= own <= known


@pytest.mark.parametrize("unit", [WEB, GRPC, "functions/gateway", "functions/sonar"])
def test_what_ships_is_what_was_tested(unit: str) -> None:
    lock = (ROOT / "requirements.txt").read_text().splitlines()
    versions = {line.partition(" ;")[0].strip() for line in lock}
    lines = [line for line in (ROOT / unit / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all("==" in line for line in lines)
    # the health service of gRPC is released together with grpcio
    released_together = {line.replace("grpcio-health-checking", "grpcio") for line in lines}
    assert released_together <= versions
