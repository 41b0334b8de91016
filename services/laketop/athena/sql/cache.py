"""Translations kept from one query to the next.

A translation is a function of the text, of what the catalog says about the tables it names, and of the statement's time
where the text asks for it. The tables are asked for anew at every query, so nothing stale is ever used.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from laketop.athena.sql.core import Catalog, Table, Version
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import Translation, translate

SIZE = 256  # translations that are kept

type Asked = tuple[str | None, str] | tuple[str | None, str, Version]


@dataclass(frozen=True)
class _Kept:
    """A translation, and the catalog's answers that it was made of: what was asked → table."""

    translation: Translation
    asked: dict[Asked, Table]


class _Recorder:
    """A catalog that remembers what it was asked."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.asked: dict[Asked, Table] = {}

    def table(self, database: str | None, name: str, version: Version | None = None, /) -> Table:
        asked: Asked = (database, name, version) if version else (database, name)
        found = self._catalog.table(*asked)
        self.asked[asked] = found
        return found


class Translations:
    """The last translations, by text; safe to be used by several threads.

    Args:
        size: how many are kept.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, text: str, catalog: Catalog) -> Translation:
        """The translation of a text, made anew where a table has changed or the text asks for the time.

        Raises:
            SqlError: the query is wrong, or not supported.
        """
        with self._guard:
            kept = self._kept.get(text)
        if kept is not None and _holds(kept, catalog):
            with self._guard:
                if text in self._kept:
                    self._kept.move_to_end(text)
            return kept.translation
        recorder = _Recorder(catalog)
        translation = translate(text, recorder)
        if not translation.timed:
            with self._guard:
                self._kept[text] = _Kept(translation, recorder.asked)
                self._kept.move_to_end(text)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return translation


def _holds(kept: _Kept, catalog: Catalog) -> bool:
    """Whether the catalog still says what it said; an error is left to the translation, which knows its place."""
    try:
        return all(catalog.table(*name) == table for name, table in kept.asked.items())
    except SqlError:
        return False
