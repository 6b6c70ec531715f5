"""An object that is read as a file, a range at a time: what is held in memory is what was asked for."""

import io
from collections.abc import Callable

from functions.core.errors import Unavailable

ReadRange = Callable[[int, int], bytes]


class RangeFile(io.RawIOBase):
    """`read_range` gives at most so many bytes from a position on, of an object of `size` bytes."""

    def __init__(self, read_range: ReadRange, size: int) -> None:
        super().__init__()
        self._read_range = read_range
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        try:
            data = self._read_range(self._at, wanted)
        except OSError as error:  # of the connection: to whoever reads a format it would look like a damaged file
            raise Unavailable(f"the file cannot be read at the moment: {error}") from error
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
