"""The installed version of this package."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("dewpoint")
except PackageNotFoundError:  # run from a source tree
    __version__ = "0+unknown"
