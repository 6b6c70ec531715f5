"""From a finished layer to a published image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from . import digest, layers
from .images import Image, ImageConfig, ImageStore


def reconfigured(store: ImageStore, parent: Image, config: ImageConfig) -> Image:
    """An image that differs from its parent in configuration only; it has the parent's files."""
    if config == parent.config:
        return parent
    ancestry = (*parent.parents, parent.digest)
    content = digest.of_values("same files", asdict(config), list(ancestry))
    image = Image(f"sha256:{content}", config, parent.layer, ancestry)
    store.save(image)
    return image


def commit_layer(store: ImageStore, layer: Path, config: ImageConfig, parent: Image | None) -> Image:
    """Publishes a finished layer as an image; the same content published before is used in its place."""
    ancestry = (*parent.parents, parent.digest) if parent else ()
    content = digest.of_values(
        digest.of_tree(layer / "rootfs"), digest.of_packages(layer / "venv"), asdict(config), list(ancestry)
    )
    known = store.find(f"sha256:{content}")
    if known:
        layers.discard(layer)
        return known
    image = Image(f"sha256:{content}", config, layer, ancestry)
    store.save(image)
    return image
