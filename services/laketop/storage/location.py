"""From an object's bucket and key to a place that can be read: the one function that knows.

Today always the endpoint's path-style URL; a file's path where the object store becomes visible as files.
"""

from urllib.parse import quote

from laketop import settings


def locate(bucket: str, key: str) -> str:
    """The place of an object's bytes.

    Args:
        bucket: the bucket's name.
        key: the object's key, as S3 has it (not quoted).

    Returns:
        An http URL on the lake's endpoint, with every byte of the key that could mean something else percent-quoted.

    Follows "Methods for accessing a general purpose bucket" (path-style URLs) of the Amazon S3 user guide.
    """
    return f"{settings.load().endpoint}/{quote(bucket, safe='')}/{quote(key, safe='/')}"
