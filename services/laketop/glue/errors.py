"""The errors of the Glue domain, and what each is called on the wire.

The domain raises these; it knows nothing of HTTP. The provider hands `ERRORS` to the wire layer.

    GlueError
    ├── AlreadyExists
    ├── ConcurrentModification
    ├── ConcurrentRunsExceeded
    ├── EntityNotFound
    ├── IdempotentParameterMismatch
    └── InvalidInput
        └── NotSupported
"""


class GlueError(Exception):
    """Something that a caller asked for cannot be done; the message is what the caller reads."""


class AlreadyExists(GlueError):  # noqa: N818 - named as AWS names it
    """What is to be created is there already."""


class ConcurrentModification(GlueError):  # noqa: N818
    """The version that the caller wants to change is not the current one."""


class ConcurrentRunsExceeded(GlueError):  # noqa: N818
    """The job has as many runs going as it may have."""


class EntityNotFound(GlueError):  # noqa: N818
    """What the caller names is not there."""


class IdempotentParameterMismatch(GlueError):  # noqa: N818
    """The name was used before, with other parameters."""


class InvalidInput(GlueError):  # noqa: N818
    """A value that AWS would not accept either."""


class NotSupported(InvalidInput):
    """A value that AWS accepts and this server cannot honour yet; the message says which."""

    def __init__(self, what: str, why: str = "") -> None:
        super().__init__(f"{what} is not supported by Laketop yet{': ' + why if why else ''}.")


# Domain error → (AWS error code, HTTP status); the wire layer looks a type up along its bases.
ERRORS: dict[type[Exception], tuple[str, int]] = {
    AlreadyExists: ("AlreadyExistsException", 400),
    ConcurrentModification: ("ConcurrentModificationException", 400),
    ConcurrentRunsExceeded: ("ConcurrentRunsExceededException", 400),
    EntityNotFound: ("EntityNotFoundException", 400),
    IdempotentParameterMismatch: ("IdempotentParameterMismatchException", 400),
    InvalidInput: ("InvalidInputException", 400),
}


def code(error: GlueError) -> str:
    """The AWS code of a domain error, as batch operations list it beside each item."""
    return next(ERRORS[base][0] for base in type(error).__mro__ if base in ERRORS)
