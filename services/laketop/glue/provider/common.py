"""What the operations share: checking whose catalog is meant, refusing members, listing errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from laketop.glue.errors import EntityNotFound, GlueError, NotSupported, code
from laketop.settings import ACCOUNT_ID, REGION

type Request = Mapping[str, Any]
type Answer = dict[str, Any]

# Governed tables are gone from AWS; time travel needs them.
_NEVER = ("TransactionId", "QueryAsOfTime")


def arn(kind: str, name: str) -> str:
    """The ARN of a Glue resource, e.g. `arn("job", "etl")`."""
    return f"arn:aws:glue:{REGION}:{ACCOUNT_ID}:{kind}/{name}"


def check(request: Request, *unsupported: str) -> None:
    """Refuse a request for another catalog, or one with a member that cannot be honoured.

    Raises:
        EntityNotFound: the CatalogId is not the account's.
        NotSupported: a member of `unsupported`, or one of governed tables, says something.
    """
    catalog = request.get("CatalogId")
    if catalog not in (None, ACCOUNT_ID):
        raise EntityNotFound(f"Catalog {catalog} not found.")
    for name in (*_NEVER, *unsupported):
        if request.get(name):
            raise NotSupported(name)


def detail(error: GlueError) -> Answer:
    """An error as batch operations list it."""
    return {"ErrorCode": code(error), "ErrorMessage": str(error)}


def only(answer: Answer, members: Sequence[str]) -> Answer:
    """The answer's members of these names."""
    return {name: value for name, value in answer.items() if name in members}
