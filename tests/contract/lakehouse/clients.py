"""What the cases ask for: clients of the services and the names of what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

type Told = Callable[[list[tuple[str, dict[str, Any]]], list[list[str | None]]], None]


@dataclass(frozen=True)
class Clients:
    """Clients of one AWS.

    Attributes:
        s3, athena, glue, logs: boto3 clients.
        bucket: an empty bucket.
        told: what the next query will answer, for an Athena that cannot compute: [(column, its ColumnInfo)] and rows
            as text, the header first; one that can compute hears nothing.
        job: the name of a job that succeeds.
    """

    s3: Any
    athena: Any
    glue: Any
    logs: Any
    bucket: str
    told: Told
    job: str

    def uri(self, key: str = "") -> str:
        return f"s3://{self.bucket}/{key}"
