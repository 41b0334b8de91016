"""Operations on databases. Source: "Database API" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.catalog.model import Database
from laketop.glue.catalog.service import MOST_ENTRIES, Catalog
from laketop.glue.provider.common import Answer, Request, arn, check, only
from laketop.glue.tags import Tags
from laketop.settings import ACCOUNT_ID
from laketop.wire.service import Caller, Operation

# What AWS gives a database without permissions of its own: IAM alone decides.
_IAM_DECIDES = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]


class Databases:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, catalog: Catalog, tags: Tags) -> None:
        self._catalog = catalog
        self._tags = tags
        self.operations: dict[str, Operation] = {
            "CreateDatabase": self.create,
            "GetDatabase": self.get,
            "GetDatabases": self.list,
            "UpdateDatabase": self.update,
            "DeleteDatabase": self.delete,
        }

    def create(self, request: Request, _: Caller) -> None:
        """CreateDatabase."""
        check(request)
        database = self._catalog.create_database(request["DatabaseInput"])
        self._tags.replace(arn("database", database.name), request.get("Tags") or {})

    def get(self, request: Request, _: Caller) -> Answer:
        """GetDatabase."""
        check(request)
        return {"Database": shape(self._catalog.database(request["Name"]))}

    def list(self, request: Request, _: Caller) -> Answer:
        """GetDatabases; other accounts share nothing with this one."""
        check(request)
        if request.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
            return {"DatabaseList": []}
        page = self._catalog.databases(request.get("NextToken"), request.get("MaxResults", MOST_ENTRIES))
        names_only = request.get("AttributesToGet")
        return page.answer("DatabaseList", lambda one: only(shape(one), ("Name",)) if names_only else shape(one))

    def update(self, request: Request, _: Caller) -> None:
        """UpdateDatabase."""
        check(request)
        self._catalog.update_database(request["Name"], request["DatabaseInput"])

    def delete(self, request: Request, _: Caller) -> None:
        """DeleteDatabase."""
        check(request)
        self._catalog.delete_database(request["Name"])
        self._tags.remove(arn("database", request["Name"].lower()))


def shape(database: Database) -> dict[str, Any]:
    """A database as the API has it."""
    added = {"Name": database.name, "CreateTime": database.created, "CatalogId": ACCOUNT_ID}
    return {"CreateTableDefaultPermissions": _IAM_DECIDES, **database.definition, **added}
