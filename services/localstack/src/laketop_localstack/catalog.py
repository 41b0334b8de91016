"""LocalStack's index of AWS's services: built once, by a process of its own, and kept with the tools.

LocalStack builds it from every service's model at its first request, in the server, and keeps it with the state: 2
s, and 350 MB that the server never gives back. Read from a file it takes 0.3 s and 35 MB.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def folder(environment: Mapping[str, str]) -> Path:
    """Where the index is kept: with the tools, which outlive the state; without LAKETOP_TOOLS, with the state."""
    tools = environment.get("LAKETOP_TOOLS")
    return Path(tools) / "localstack" if tools else Path(environment["LAKETOP_STATE"]) / "localstack" / "index"


def ensure(place: Path) -> None:
    """Build the index there if this release's is missing.

    Raises:
        subprocess.CalledProcessError: it could not be built.
    """
    if not (place / file_name()).exists():
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "laketop_localstack.catalog", str(place)], check=True)


def file_name() -> str:
    """LocalStack's name for the file; it holds the releases of LocalStack and botocore."""
    from localstack.aws import spec

    return str(spec._get_catalog_filename())


def build(place: Path) -> None:
    """Build the index, and put it in its place when it is whole."""
    from localstack.aws import spec

    unfinished = place / f"{file_name()}.{os.getpid()}"
    spec.build_service_index_cache(str(unfinished))
    unfinished.rename(place / file_name())


if __name__ == "__main__":
    build(Path(sys.argv[1]))
