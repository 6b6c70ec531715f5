"""LocalStack asks its vendor's catalogue, over the network, about a service it does not know. It stays unasked."""

from typing import Any


def offline(_loader: Any) -> Any:
    """What the loader raises when its request fails; LocalStack then goes on without a catalogue."""
    from localstack.utils.catalog.catalog_loader import AwsCatalogLoaderException

    raise AwsCatalogLoaderException("the local cloud asks nobody outside")


def install() -> None:
    """Replace the download."""
    from localstack.utils.catalog import catalog_loader

    catalog_loader.RemoteCatalogLoader.get_remote_catalog = offline
