"""Work groups: where results go, whether that is enforced, and what a query may cost.

`primary` is always there. Follows "WorkGroupConfiguration" and "WorkGroupConfigurationUpdates" of the Athena API
reference.
"""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from laketop.athena.errors import InvalidRequestError
from laketop.sqlite import Database

PRIMARY = "primary"
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
ENGINE_NAMES = ("AUTO", "Athena engine version 3")

SCHEMA = (
    """
    CREATE TABLE work_groups (
        name TEXT PRIMARY KEY,
        created REAL NOT NULL,
        state TEXT NOT NULL,
        description TEXT,
        configuration TEXT NOT NULL CHECK (json_valid(configuration))
    ) STRICT
    """,
)

# Members of a configuration that change how a query runs, and that this server does not carry out.
_REFUSED = {
    "ExecutionRole": "an execution role",
    "IdentityCenterConfiguration": "IAM Identity Center",
    "QueryResultsS3AccessGrantsConfiguration": "S3 Access Grants",
    "ManagedQueryResultsConfiguration": "managed query results",
    "CustomerContentEncryptionConfiguration": "customer content encryption",
    "MonitoringConfiguration": "a monitoring configuration",
    "EngineConfiguration": "an engine configuration (Spark)",
}
_SWITCHES = ("Enabled", "EnableIdentityCenter", "EnableS3AccessGrants")
_UPDATABLE = (
    "EnforceWorkGroupConfiguration",
    "PublishCloudWatchMetricsEnabled",
    "BytesScannedCutoffPerQuery",
    "RequesterPaysEnabled",
    "EnableMinimumEncryptionConfiguration",
    "AdditionalConfiguration",
)
_RESULT_MEMBERS = {
    "OutputLocation": "RemoveOutputLocation",
    "EncryptionConfiguration": "RemoveEncryptionConfiguration",
    "ExpectedBucketOwner": "RemoveExpectedBucketOwner",
    "AclConfiguration": "RemoveAclConfiguration",
}


@dataclass(frozen=True)
class WorkGroup:
    """A work group; `configuration` is the API's `WorkGroupConfiguration`."""

    name: str
    created: float
    state: str
    description: str | None
    configuration: Mapping[str, Any]

    @property
    def enforced(self) -> bool:
        """Whether its result configuration overrides a query's own."""
        return bool(self.configuration["EnforceWorkGroupConfiguration"])

    @property
    def results(self) -> Mapping[str, Any]:
        """Its result configuration."""
        found: Mapping[str, Any] = self.configuration.get("ResultConfiguration") or {}
        return found


class WorkGroups:
    """The work groups of the lake.

    Args:
        database: the server's; its schema includes `SCHEMA`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        primary = _configuration({"EnforceWorkGroupConfiguration": False, "PublishCloudWatchMetricsEnabled": True})
        with database.transaction() as tx:
            tx.execute(
                "INSERT OR IGNORE INTO work_groups VALUES (?, ?, 'ENABLED', '', ?)",
                (PRIMARY, time.time(), json.dumps(primary)),
            )

    def get(self, name: str) -> WorkGroup:
        """The work group of a name.

        Raises:
            InvalidRequestError: there is none.
        """
        with self._database.read() as tx:
            return _get(tx, name)

    def all(self) -> list[WorkGroup]:
        """All work groups by name."""
        with self._database.read() as tx:
            return [_group(row) for row in tx.execute("SELECT * FROM work_groups ORDER BY name")]

    def create(self, name: str, description: str | None, configuration: Mapping[str, Any]) -> None:
        """Add a work group.

        Raises:
            InvalidRequestError: it exists, or its configuration asks for what is not supported.
        """
        document = json.dumps(_configuration(configuration))
        with self._database.transaction() as tx:
            if tx.execute("SELECT 1 FROM work_groups WHERE name = ?", (name,)).fetchone():
                raise InvalidRequestError(f"WorkGroup {name} is already created")
            tx.execute(
                "INSERT INTO work_groups VALUES (?, ?, 'ENABLED', ?, ?)", (name, time.time(), description, document)
            )

    def update(self, name: str, description: str | None, state: str | None, updates: Mapping[str, Any] | None) -> None:
        """Change a work group; None leaves a part as it is.

        Args:
            updates: the API's `WorkGroupConfigurationUpdates`.

        Raises:
            InvalidRequestError: there is none, or the change asks for what is not supported.
        """
        with self._database.transaction() as tx:
            group = _get(tx, name)
            configuration = _updated(group.configuration, updates or {})
            tx.execute(
                "UPDATE work_groups SET description = ?, state = ?, configuration = ? WHERE name = ?",
                (
                    group.description if description is None else description,
                    state or group.state,
                    json.dumps(configuration),
                    name,
                ),
            )

    def delete(self, name: str) -> None:
        """Delete a work group; one that does not exist is no error, as on Athena.

        Raises:
            InvalidRequestError: it is primary.
        """
        if name == PRIMARY:
            raise InvalidRequestError("WorkGroup primary cannot be deleted")
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM work_groups WHERE name = ?", (name,))


def _get(tx: sqlite3.Connection, name: str) -> WorkGroup:
    row = tx.execute("SELECT * FROM work_groups WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise InvalidRequestError(f"WorkGroup {name} is not found.")
    return _group(row)


def _group(row: sqlite3.Row) -> WorkGroup:
    configuration = json.loads(row["configuration"])
    return WorkGroup(row["name"], row["created"], row["state"], row["description"], configuration)


def _configuration(given: Mapping[str, Any]) -> dict[str, Any]:
    _check(given)
    return {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
        **given,
        "EngineVersion": engine(given.get("EngineVersion")),
    }


def _check(given: Mapping[str, Any]) -> None:
    for member, what in _REFUSED.items():
        value = given.get(member)
        # a part that is there only to say that it is off asks for nothing
        off = value and any(value.get(switch) is False for switch in _SWITCHES)
        if value and not off:
            raise InvalidRequestError(f"{member}: {what} is not supported by Laketop")
    check_results(given.get("ResultConfiguration") or {})


def check_results(results: Mapping[str, Any]) -> None:
    """Check a result configuration.

    Raises:
        InvalidRequestError: the location is no s3:// address, or the encryption is not supported.
    """
    location = results.get("OutputLocation")
    if location and (not location.startswith("s3://") or not location[5:].partition("/")[0]):
        raise InvalidRequestError(f"outputLocation is not a valid S3 path: {location}")
    if (results.get("EncryptionConfiguration") or {}).get("EncryptionOption") == "CSE_KMS":
        raise InvalidRequestError("CSE_KMS: client-side encryption of results is not supported by Laketop")


def engine(version: Mapping[str, str] | None) -> dict[str, str]:
    """An `EngineVersion`, completed.

    Raises:
        InvalidRequestError: it selects an engine other than 3.
    """
    selected = (version or {}).get("SelectedEngineVersion") or "AUTO"
    if selected not in ENGINE_NAMES:
        raise InvalidRequestError(f"Engine version '{selected}' is not supported by this Athena")
    return {**ENGINE, "SelectedEngineVersion": selected}


def _updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    _check({key: value for key, value in updates.items() if key != "ResultConfigurationUpdates"})
    after = {**configuration, **{member: updates[member] for member in _UPDATABLE if member in updates}}
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        after.pop("BytesScannedCutoffPerQuery", None)
    if "EngineVersion" in updates:
        after["EngineVersion"] = engine(updates["EngineVersion"])
    changes = updates.get("ResultConfigurationUpdates") or {}
    results = dict(configuration.get("ResultConfiguration") or {})
    for member, removal in _RESULT_MEMBERS.items():
        if changes.get(removal):
            results.pop(member, None)
        if member in changes:
            results[member] = changes[member]
    check_results(results)
    return {**after, "ResultConfiguration": results}
