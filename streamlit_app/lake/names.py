"""How the things of an environment are called: all names begin with `LAKEHOUSE_PREFIX`, e.g. `shop-dev`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = "LAKEHOUSE_PREFIX"
ZONES = ("raw", "processed", "curated", "quarantine")
MACHINES = ("ingest", "transform")


class NamesError(ValueError):
    """The app was not told which environment it is for."""


@dataclass(frozen=True)
class Names:
    """The names of an environment, as Terraform gives them (infra/stack).

    Attributes:
        prefix: what they begin with.
    """

    prefix: str

    @property
    def work_group(self) -> str:
        """The Athena work group."""
        return self.prefix

    def database(self, zone: str) -> str:
        """The Glue database of a zone."""
        return f"{self.prefix.replace('-', '_')}_{zone}"

    def bucket(self, zone: str, account: str) -> str:
        """The bucket of a zone."""
        return f"{self.prefix}-{zone}-{account}"

    def machine(self, name: str) -> str:
        """The name of a state machine."""
        return f"{self.prefix}-{name}"


def names(environment: Mapping[str, str] = os.environ) -> Names:
    """The names of the environment that the app is for.

    Raises:
        NamesError: `LAKEHOUSE_PREFIX` is missing, or is no prefix.
    """
    prefix = environment.get(VARIABLE, "")
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,40}[a-z0-9]", prefix):
        raise NamesError(f"{VARIABLE}={prefix!r}: what the environment's names begin with is needed, e.g. shop-dev")
    return Names(prefix)
