"""What can be set, by environment variables, and what follows from it.

Standard library only: every process of the lake reads its settings here, whatever environment it runs in.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "000000000000"
REGION = "us-east-1"

MODES = ("process", "docker")
PARTS = ("localstack", "glue", "spark", "athena", "streamlit")


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable, the value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """The settings of one lake.

    Attributes:
        mode: `process` or `docker`, how the parts run: LAKETOP_MODE, else what the lake remembers, else `process`.
        state: absolute path of the folder that holds everything the lake remembers.
        port: TCP port of the AWS endpoint; the other parts take the next four.
        spark_pool: number of warmed Spark drivers to keep.
        spark_master: the Spark master that job runs use, e.g. `local[*]` or `spark://host:7077`.
        s3_fsync: what of an object is on the disk before S3 answers, so that it survives a power cut: `none`,
            `metadata` (its record) or `all` (its bytes too). What was answered survives a killed process in any case.
        workers: number of workers of a Spark cluster of the lake's own, in containers; 0: there is none.
    """

    mode: str
    state: Path
    port: int
    spark_pool: int
    spark_master: str
    s3_fsync: str = "metadata"
    workers: int = 0

    @property
    def instance(self) -> str:
        """A short name of this lake, the same for the same state folder: 12 hexadecimal digits."""
        return hashlib.sha256(str(self.state).encode()).hexdigest()[:12]

    @property
    def ports(self) -> dict[str, int]:
        """The TCP port of each part."""
        return {part: self.port + offset for offset, part in enumerate(PARTS)}

    def url(self, part: str) -> str:
        """The base URL of a part: `LAKETOP_<PART>_URL` where set (containers), else its port on this machine."""
        return os.environ.get(f"LAKETOP_{part.upper()}_URL") or f"http://127.0.0.1:{self.ports[part]}"

    @property
    def endpoint(self) -> str:
        """The AWS endpoint that every client uses."""
        return self.url("localstack")


def integer(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number from an environment, or the default where the variable is not set.

    Raises:
        SettingsError: it is none, or below `low` or above `high`.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name}={text!r}: a whole number from {low} to {high} is needed")
    return int(text)


def remembered_mode(state: Path) -> str | None:
    """How the lake with this state folder was last started; None where it never was."""
    file = state / "run" / "mode"
    return file.read_text().strip() if file.exists() else None


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from an environment.

    Raises:
        SettingsError: a variable has a value outside what is allowed.
    """
    state = Path(environment.get("LAKETOP_STATE") or ".laketop").expanduser().resolve()
    mode = environment.get("LAKETOP_MODE") or remembered_mode(state) or MODES[0]
    if mode not in MODES:
        raise SettingsError(f"LAKETOP_MODE={mode!r}: {' or '.join(MODES)} is needed")
    s3_fsync = environment.get("LAKETOP_S3_FSYNC") or "metadata"
    if s3_fsync not in ("none", "metadata", "all"):
        raise SettingsError(f"LAKETOP_S3_FSYNC={s3_fsync!r}: none, metadata or all is needed")
    workers = integer(environment, "LAKETOP_WORKERS", 0, 0, 64)
    if workers and environment.get("SPARK_MASTER"):
        raise SettingsError("LAKETOP_WORKERS makes a Spark cluster, and SPARK_MASTER names another: set one of them")
    return Settings(
        mode=mode,
        state=state,
        port=integer(environment, "LAKETOP_PORT", 4566, 1024, 65000),
        spark_pool=integer(environment, "LAKETOP_SPARK_POOL", 1, 0, 16),
        spark_master=environment.get("SPARK_MASTER") or "local[*]",
        s3_fsync=s3_fsync,
        workers=workers,
    )
