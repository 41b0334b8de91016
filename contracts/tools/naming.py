"""Names of datasets and columns: what Hive, Glue and Athena all take without quotes."""

import re

NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")

# Apache Hive, "LanguageManual DDL: Keywords, Non-reserved Keywords and Reserved Keywords", up to Hive 3.
RESERVED = frozenset(
    """
    all alter and array as authorization between bigint binary boolean both by cache case cast char column commit conf
    constraint create cross cube current current_date current_timestamp cursor database date dayofweek decimal delete
    describe distinct double drop else end exchange exists extended external extract false fetch float floor following
    for foreign from full function grant group grouping having if import in inner insert int integer intersect interval
    into is join lateral left less like local macro map more none not null numeric of on only or order out outer over
    partialscan partition percent preceding precision preserve primary procedure range reads reduce references regexp
    revoke right rlike rollback rollup row rows select set smallint start sync table tablesample then time timestamp to
    transform trigger true truncate unbounded union uniquejoin update user using utc_tmestamp values varchar views when
    where window with
    """.split()  # noqa: SIM905 - as the page lists them
)


class NameRefusedError(ValueError):
    """A name cannot be used; the message says why and what would do."""


def suggestion(name: str) -> str:
    """A name that would do, made of another one: `Flight No.` → `flight_no`; "" where nothing of it is left."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:61].rstrip("_")
    if plain and not plain[0].isalpha():
        plain = f"c_{plain}"[:61]
    return f"{plain}_value"[:61] if plain in RESERVED else plain


def fault(name: str) -> str | None:
    """Why a name cannot be used, or None where it can."""
    if not NAME.fullmatch(name):
        return "it is not lower-case letters, digits and underscores, a letter first, 61 characters at most"
    return "Hive reserves the word" if name in RESERVED else None


def check_dataset(name: str) -> None:
    """Refuse a dataset's name that cannot be a table's.

    Raises:
        NameRefusedError: it cannot.
    """
    if why := fault(name):
        better = suggestion(name)
        raise NameRefusedError(f"dataset {name!r}: {why}; " + (f"try {better!r}" if better else "choose another name"))


def check_columns(names: list[str], source: str) -> None:
    """Refuse a file's column names that cannot be a table's, with the header that would do.

    Raises:
        NameRefusedError: a name cannot be used, or occurs twice.
    """
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NameRefusedError(f"{source}: the header has {twice[0]!r} more than once; give each column its own name")
    faults = [f"{name!r}: {why}" for name in names if (why := fault(name))]
    if faults:
        better = [suggestion(name) or f"column_{number}" for number, name in enumerate(names, 1)]
        raise NameRefusedError(
            f"{source}: the first line has to be a header whose names can be a table's columns, because landing files "
            f"must have the contract's header. {'; '.join(faults[:5])}. A header that would do: {','.join(better)}"
        )
