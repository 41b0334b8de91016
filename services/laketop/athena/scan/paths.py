"""Partitions as folders: `key=value/key=value`, with the signs that Hive writes as %XX.

Follows "Partition your data" (Hive style partitions) of the Athena user guide.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_ESCAPED = re.compile(r"""[\x01-\x1f"#%'*/:=?\\\x7f{\[\]^]""")
_CODE = re.compile(r"%([0-9A-Fa-f]{2})")


def escape(text: str) -> str:
    """A key or a value as a part of a path; nothing at all is Hive's word for NULL."""
    return _ESCAPED.sub(lambda sign: f"%{ord(sign.group()):02X}", text) if text else HIVE_NULL


def unescape(text: str) -> str:
    """The key or the value that a part of a path stands for."""
    return _CODE.sub(lambda code: chr(int(code.group(1), 16)), text)


def partition_name(keys: Sequence[str], values: Sequence[str]) -> str:
    """A partition's name as Hive writes it into paths.

    Args:
        keys: the partition keys' names.
        values: a value for each.
    """
    return "/".join(f"{escape(key)}={escape(value)}" for key, value in zip(keys, values, strict=True))


def partition_values(keys: Sequence[str], name: str) -> list[str] | None:
    """The values that a path names, None where it is not one of a partition with these keys."""
    parts = [part.partition("=") for part in name.split("/")]
    if [unescape(key) for key, _, _ in parts] != list(keys) or not all(value for _, _, value in parts):
        return None
    return [unescape(value) for _, _, value in parts]


def folder(location: str) -> tuple[str, str]:
    """The bucket and the prefix of a location, the prefix with a slash at its end."""
    # not split further: a key may hold a question mark
    bucket = urlsplit(location, allow_fragments=False).netloc
    prefix = location.split("://", 1)[1].partition("/")[2]
    return bucket, prefix if not prefix or prefix.endswith("/") else prefix + "/"
