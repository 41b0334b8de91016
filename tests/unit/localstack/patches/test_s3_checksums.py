"""Which checksum a trailer announces."""

import pytest
from laketop_localstack.patches.s3_checksums import announced
from localstack.services.s3.exceptions import InvalidRequest


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("x-amz-checksum-crc32", "CRC32"),
        ("x-amz-checksum-crc32c", "CRC32C"),
        ("X-Amz-Checksum-SHA256 , x-amz-trailer-signature", "SHA256"),
        ("x-amz-trailer-signature", None),
        ("", None),
    ],
)
def test_by_its_whole_name(header: str, expected: str | None) -> None:
    assert announced(header) == expected


def test_two_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="Multiple checksum Types"):
        announced("x-amz-checksum-crc32,x-amz-checksum-crc32c")
