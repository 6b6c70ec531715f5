"""Every promise is held against plain Python and against Polars on the adapter's own files."""

from pathlib import Path

import pytest

from functions.adapters.log_reader import S3LogReader
from tests.contract.log_reader.scene import FolderFiles, Scene
from tests.fakes.log_reader import FakeLogReader
from tests.fakes.monitoring import FakeLogFiles


@pytest.fixture(params=["fake", "polars"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    if request.param == "fake":
        files = FakeLogFiles()
        return Scene(FakeLogReader(files), files)
    return Scene(S3LogReader(str(tmp_path)), FolderFiles(tmp_path))
