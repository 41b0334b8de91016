"""The errors that a client sees.

One exception carries what AWS JSON puts on the wire, so that any layer can refuse a request in AWS's words.
"""

from collections.abc import Mapping
from types import MappingProxyType

_NO_MEMBERS: Mapping[str, object] = MappingProxyType({})


class AwsError(Exception):
    """An answer that is an error.

    Args:
        code: the error's AWS name, e.g. `EntityNotFoundException`.
        message: the sentence for the user, in AWS's words where AWS has them.
        status: the HTTP status, 400 to 599.
        members: further members of the error's shape, by name, e.g. `{"AthenaErrorCode": "INVALID_INPUT"}`.

    Source: AWS Glue and Amazon Athena API references, "Common Errors".
    """

    def __init__(self, code: str, message: str, status: int = 400, members: Mapping[str, object] = _NO_MEMBERS) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class SerializationError(AwsError):
    """The request's body is not JSON, or not of the operation's shape: `SerializationException`, 400."""

    def __init__(self, message: str) -> None:
        super().__init__("SerializationException", message)


class EncodingError(TypeError):
    """An operation returned something that is not of its output shape: a defect of ours, never the client's."""
