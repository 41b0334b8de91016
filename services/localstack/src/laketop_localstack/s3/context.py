"""What the operation under way in this thread is about, for code that LocalStack calls without saying so."""

import threading


class Context(threading.local):
    """An operation, as its request names it.

    Attributes:
        length: how many bytes of body the client announced; None where it does not say.
        versions: (key, version id) of the versions that it made, or may change.
        files: names of the files that it wrote.
    """

    def __init__(self) -> None:
        self.length: int | None = None
        self.versions: set[tuple[str, str]] = set()
        self.files: set[str] = set()

    def begin(self, length: int | None) -> None:
        """An operation begins in this thread."""
        self.length, self.versions, self.files = length, set(), set()

    def made(self, key: str, version: str | None) -> None:
        """It made this version of a key, or may change it."""
        self.versions.add((key, version or "null"))


current = Context()
