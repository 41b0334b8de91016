"""Translations kept from one query to the next.

A translation is a function of the text, of what the catalog says about the tables it names, and of the statement's time
where the text asks for it. The tables are asked for anew at every query, so nothing stale is ever used.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from laketop.athena.sql.core import Catalog, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import Translation, translate

SIZE = 256  # translations that are kept


@dataclass(frozen=True)
class _Kept:
    """A translation, and the catalog's answers that it was made of: (database, name) as asked → table."""

    translation: Translation
    asked: dict[tuple[str | None, str], Table]


class _Recorder:
    """A catalog that remembers what it was asked."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.asked: dict[tuple[str | None, str], Table] = {}

    def table(self, database: str | None, name: str) -> Table:
        found = self._catalog.table(database, name)
        self.asked[database, name] = found
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
