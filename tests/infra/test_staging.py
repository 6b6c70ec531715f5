import zipfile
from pathlib import Path

import pytest


class NamedLayers:
    def build(self, name: str, requirements: Path, target: Path) -> str:
        return f"{name} from {requirements.name} at {target.name}"


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write(root / "app.py", "import functions.doors.http")
    for part in ("", "core/", "doors/", "adapters/", "adapters/pb/", "gateway/", "manager/"):
        write(root / f"functions/{part}__init__.py")
    write(root / "functions/doors/http.py", "from functions.core.errors import Refused, Missing")
    write(root / "functions/core/errors.py", "import functions")
    write(root / "functions/core/unneeded.py")
    write(root / "functions/gateway/wiring.py", "def late():\n    from functions.adapters import wire")
    write(root / "functions/gateway/Dockerfile")
    write(root / "functions/gateway/__pycache__/predict.pyc", "x")
    write(root / "functions/adapters/wire.py", "import msgspec\nfrom functions.adapters.pb import messages")
    write(root / "functions/adapters/pb/messages.py", "if True:\n    import functions.gateway")
    return root


def test_a_slice_ships_itself_the_door_and_what_they_import(root: Path, tmp_path: Path) -> None:
    from cdk.staging import Staging

    folder = Path(Staging(root, tmp_path / "build", NamedLayers()).slice("gateway"))
    assert folder == tmp_path / "build/gateway"
    assert set(contents(folder)) == {
        "app.py",
        "functions/__init__.py",
        "functions/adapters/__init__.py",
        "functions/adapters/pb/__init__.py",
        "functions/adapters/pb/messages.py",
        "functions/adapters/wire.py",
        "functions/core/__init__.py",
        "functions/core/errors.py",
        "functions/doors/__init__.py",
        "functions/doors/http.py",
        "functions/gateway/__init__.py",
        "functions/gateway/wiring.py",
    }


def test_staging_again_follows_the_sources(root: Path, tmp_path: Path) -> None:
    from cdk.staging import Staging

    staging = Staging(root, tmp_path / "build", NamedLayers())
    write(root / "functions/gateway/old.py", "old = 1")
    untouched = Path(staging.slice("gateway")) / "functions/core/errors.py"
    before = untouched.stat().st_mtime_ns
    (root / "functions/gateway/old.py").unlink()
    write(root / "app.py", "import functions.core.errors")
    found = contents(Path(staging.slice("gateway")))
    assert {"functions/gateway/old.py", "functions/doors/http.py"}.isdisjoint(found)
    assert found["app.py"] == "import functions.core.errors"
    assert untouched.stat().st_mtime_ns == before


def test_files_may_move_and_must_exist(root: Path, tmp_path: Path) -> None:
    from cdk.staging import Staging

    staging = Staging(root, tmp_path / "build", NamedLayers())
    folder = Path(staging.unit("image", ("functions/core",), {"app.py": "Dockerfile", "functions/gateway": "."}))
    assert {"functions/core/__init__.py", "Dockerfile", "__init__.py", "wiring.py"} < set(contents(folder))
    with pytest.raises(FileNotFoundError, match="no-such-folder"):
        staging.unit("image", ("no-such-folder",))
    with pytest.raises(FileNotFoundError, match="no-such-slice"):
        staging.slice("no-such-slice")


def wheel(folder: Path, version: str) -> Path:
    """A wheel of one module, made by hand so that no index is asked."""
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", f"version = {version!r}")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\nRequires-Dist: absent\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_a_layer_is_made_when_its_list_changes_and_only_then(tmp_path: Path) -> None:
    from cdk.layering import UvLayers

    layers = UvLayers("3.13", "x86_64-manylinux_2_28")
    requirements = write(tmp_path / "requirements.txt", str(wheel(tmp_path, "1.0")))
    folder = Path(layers.build("tiny", requirements, tmp_path / "layers/tiny"))
    assert contents(folder)["python/tiny.py"] == "version = '1.0'"
    write(folder / "python/tiny.py", "kept")
    assert Path(layers.build("tiny", requirements, tmp_path / "layers/tiny")) == folder
    assert contents(folder)["python/tiny.py"] == "kept"
    requirements.write_text(str(wheel(tmp_path, "2.0")))
    layers.build("tiny", requirements, tmp_path / "layers/tiny")
    assert contents(folder)["python/tiny.py"] == "version = '2.0'"


def test_layers_for_two_pythons_stand_side_by_side(tmp_path: Path) -> None:
    from cdk.layering import UvLayers

    requirements = write(tmp_path / "requirements.txt", str(wheel(tmp_path, "1.0")))
    made = {UvLayers(python, None).build("tiny", requirements, tmp_path / "tiny") for python in ("3.12", "3.13")}
    assert len(made) == 2


def test_a_layer_that_cannot_be_made_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    from cdk.layering import UvLayers

    requirements = write(tmp_path / "requirements.txt", str(tmp_path / "absent-1.0-py3-none-any.whl"))
    with pytest.raises(SystemExit, match="cannot build the layer tiny"):
        UvLayers("3.13", None).build("tiny", requirements, tmp_path / "layers/tiny")
    assert list((tmp_path / "layers").glob("*")) == []


def test_the_environment_must_be_named() -> None:
    from cdk.environments import environment_named

    assert environment_named("dev").prefix == "dewpoint-dev"
    for name in (None, "staging"):
        with pytest.raises(SystemExit, match=r"environment=local\|dev\|prod"):
            environment_named(name)
