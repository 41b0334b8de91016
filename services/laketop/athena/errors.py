"""The errors of the Athena API's own objects, and what they are called on the wire.

InvalidRequestError        the request cannot be met as it is
  MalformedQueryError      … because of its query's text
ResourceNotFoundError      a named thing that is not there, where Athena has this error
MetadataError              the catalog says no
"""

from laketop.wire.errors import AwsError


class InvalidRequestError(AwsError):
    """`InvalidRequestException`, with Athena's own error code beside it."""

    def __init__(self, message: str, athena_code: str = "INVALID_INPUT") -> None:
        super().__init__("InvalidRequestException", message, 400, {"AthenaErrorCode": athena_code})


class MalformedQueryError(InvalidRequestError):
    """A text that is no query, or a statement that is not supported."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "MALFORMED_QUERY")


class ResourceNotFoundError(AwsError):
    """`ResourceNotFoundException` with the name of what is missing."""

    def __init__(self, message: str, resource: str) -> None:
        super().__init__("ResourceNotFoundException", message, 400, {"ResourceName": resource})


class MetadataError(AwsError):
    """`MetadataException`: the catalog has no such thing, or does not answer."""

    def __init__(self, message: str) -> None:
        super().__init__("MetadataException", message)
