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
from tests.infra.synth import ROOT, Template, all_resources, resources

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
module = importlib.import_module(sys.argv[2])
packages = importlib.metadata.packages_distributions()
roots = {name.partition(".")[0] for name, loaded in sys.modules.items() if getattr(loaded, "__file__", None)}
print(json.dumps({
    "file": module.__file__,
    "names": dir(module),
    "distributions": sorted({dist for root in roots for dist in packages.get(root, [])}),
}))
"""


def imported(folder: Path, module: str) -> Any:
    """Imports `module` from a staged folder in a fresh interpreter that does not see the repository."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORTED, str(folder), module],
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


@pytest.mark.parametrize("name", UNITS)
def test_a_function_finds_all_it_imports_in_its_zip_and_layers(assembly: Path, name: str) -> None:
    slice_name, module, layers = UNITS[name]
    folder = assembly / "build" / slice_name
    found = imported(folder, module)
    assert found["file"].startswith(str(folder))
    assert ("app" if module == "app" else "handler") in found["names"]
    assert normalised(found["distributions"]) <= pinned(*layers) | LAMBDA_RUNTIME


def test_the_grpc_gateway_finds_all_it_imports_in_its_image(assembly: Path) -> None:
    for module in ("functions.gateway.server", "functions.gateway.probe"):
        found = imported(assembly / "build/grpc-gateway", module)
        assert normalised(found["distributions"]) <= pinned("functions/gateway")


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_function_finds_all_it_imports_in_its_image(assembly: Path, name: str) -> None:
    folder, handler = IMAGES[name]
    module, _, attribute = handler.rpartition(".")
    found = imported(assembly / "build" / folder, module)
    assert attribute in found["names"]
    assert normalised(found["distributions"]) <= pinned(f"functions/{folder.removesuffix('-image')}")


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
