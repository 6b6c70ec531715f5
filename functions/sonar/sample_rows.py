"""A random sample of a log: the same seed gives the same rows, whether files were merged meanwhile or not, and as rows
arrive only those leave it that a new one displaces."""

from functions.core.models import ModelVersion
from functions.core.request_log import Shuffle, Wanted
from functions.sonar.find_rows import Row, read_rows
from functions.sonar.log_parts import part_of
from functions.sonar.ports import Ports


def sample_rows(ports: Ports, version: ModelVersion, wanted: Wanted, size: int, seed: int) -> list[Row]:
    """`size` of the wanted rows, or all when there are fewer, by number."""
    part = part_of(ports, version, wanted)
    return read_rows(ports, part, ports.reader.sample(part, wanted, size, Shuffle.of(seed)))
