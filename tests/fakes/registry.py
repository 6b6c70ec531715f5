"""An image registry in memory: the test says what was pushed to it."""

from functions.core.models import Image


class FakeImageRegistry:
    def __init__(self) -> None:
        self.tags: dict[str, str] = {}

    def __contains__(self, image: Image) -> bool:
        return image.tag in self.tags

    def push(self, image: Image, digest: str) -> None:
        self.tags[image.tag] = digest

    def remove(self, image: Image) -> None:
        self.tags.pop(image.tag, None)
