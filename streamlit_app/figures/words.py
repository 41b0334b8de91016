"""What AWS and the pipeline call things, in words for people."""

import re
from datetime import UTC, datetime

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def state(name: str) -> str:
    """A state, e.g. `timed out`."""
    return name.lower().replace("_", " ")


def step(name: str, prefix: str) -> str:
    """A step of a run, e.g. `transaction-etl: raw to processed` for `RawToProcessed[shop-dev-transaction-etl]`.

    Args:
        name: as `pipeline_runs` has it.
        prefix: what the environment's names begin with.
    """
    task, _, label = name.removesuffix("]").partition("[")
    words = _HUMP.sub(" ", task).lower()
    return f"{own(label, prefix)}: {words}" if label else words.capitalize()


def own(name: str, prefix: str) -> str:
    """A name without what all names of the environment begin with."""
    return name.removeprefix(f"{prefix}-")


def moment(value: datetime) -> str:
    """A moment to the second, in UTC; one without a zone is UTC."""
    return f"{utc(value):%Y-%m-%d %H:%M:%S}"


def utc(value: datetime) -> datetime:
    """A moment in UTC, with its zone."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
