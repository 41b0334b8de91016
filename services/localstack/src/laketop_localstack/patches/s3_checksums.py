"""S3: which checksum the trailer of a request announces.

LocalStack 4.14.0 looks for the names of its checksums anywhere in the header, and so finds CRC32 in `crc32c` as well:
an upload with CRC32C in its trailer is refused for having two.

AWS: "Checking object integrity for data uploads in Amazon S3" of the S3 user guide.
"""

from localstack.services.s3 import provider, utils
from localstack.services.s3.constants import CHECKSUM_ALGORITHMS
from localstack.services.s3.exceptions import InvalidRequest

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched(
        "localstack.services.s3.utils",
        "get_s3_checksum_algorithm_from_trailing_headers",
        "e460e5d4723deeef68c91916e1b13ebdadd0eb8ccffbe2eea80394273d4f7076",
    ),
)


def announced(trailing_headers: str) -> str | None:
    """The one checksum among the names of trailing headers, None where there is none.

    Raises:
        InvalidRequest: there are several.
    """
    names = {name.strip().lower() for name in trailing_headers.split(",")}
    found = [algorithm for algorithm in CHECKSUM_ALGORITHMS if f"x-amz-checksum-{algorithm.lower()}" in names]
    if len(found) > 1:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    return found[0] if found else None


def apply() -> None:
    """Have the provider use it."""
    utils.get_s3_checksum_algorithm_from_trailing_headers = announced
    provider.get_s3_checksum_algorithm_from_trailing_headers = announced
