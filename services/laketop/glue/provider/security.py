"""Operations on security configurations. Source: "Security APIs in AWS Glue" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.provider.common import Answer, Request
from laketop.glue.security.service import MOST_CONFIGURATIONS, SecurityConfiguration, SecurityConfigurations
from laketop.wire.service import Caller, Operation


class Security:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, configurations: SecurityConfigurations) -> None:
        self._configurations = configurations
        self.operations: dict[str, Operation] = {
            "CreateSecurityConfiguration": self.create,
            "GetSecurityConfiguration": self.get,
            "GetSecurityConfigurations": self.list,
            "DeleteSecurityConfiguration": self.delete,
        }

    def create(self, request: Request, _: Caller) -> Answer:
        """CreateSecurityConfiguration."""
        made = self._configurations.create(request["Name"], request["EncryptionConfiguration"])
        return {"Name": made.name, "CreatedTimestamp": made.created}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetSecurityConfiguration."""
        return {"SecurityConfiguration": shape(self._configurations.get(request["Name"]))}

    def list(self, request: Request, _: Caller) -> Answer:
        """GetSecurityConfigurations."""
        limit = request.get("MaxResults", MOST_CONFIGURATIONS)
        found = self._configurations.list("GetSecurityConfigurations", request.get("NextToken"), limit)
        return found.answer("SecurityConfigurations", shape)

    def delete(self, request: Request, _: Caller) -> None:
        """DeleteSecurityConfiguration."""
        self._configurations.delete(request["Name"])


def shape(entry: SecurityConfiguration) -> dict[str, Any]:
    """A configuration as the API has it."""
    return {"Name": entry.name, "CreatedTimeStamp": entry.created, "EncryptionConfiguration": entry.encryption}
