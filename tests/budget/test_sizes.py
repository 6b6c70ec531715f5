"""What ships stays small. Lambda takes 250 MB unpacked for a zip and its layers together."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# kilobytes, unpacked; in the manager's is the API's document
SLICES = {"access": 150, "alerts": 230, "gateway": 350, "manager": 720}
LAYERS = {"web": 8, "grpc": 4}  # packages


class NoLayers:
    def build(self, name: str, requirements: Path, target: Path) -> str:
        raise AssertionError("a slice needs no layer to be staged")


@pytest.mark.parametrize("name", SLICES)
def test_a_zip_holds_its_own_slice_and_stays_small(tmp_path: Path, name: str) -> None:
    from cdk.staging import Staging

    folder = Path(Staging(ROOT, tmp_path, NoLayers()).slice(name))
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < SLICES[name] * 1000
    shipped = {path.name for path in (folder / "functions").iterdir() if path.is_dir()}
    assert shipped == {"adapters", "core", "doors", name}
    beside = {"manager": [folder / "docs" / "openapi.json"]}.get(name, [])
    assert [file for file in files if file.suffix == ".json"] == beside
    assert {file.suffix for file in files} <= {".py", ".json"}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_stays_short(name: str) -> None:
    lines = (ROOT / "layers" / name / "requirements.txt").read_text().splitlines()
    assert 0 < len([line for line in lines if line and not line.startswith("#")]) <= LAYERS[name]


def test_every_layer_has_its_budget() -> None:
    assert {path.name for path in (ROOT / "layers").iterdir() if path.is_dir()} == set(LAYERS)
