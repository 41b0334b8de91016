"""Which quality rules are broken, asked of an environment's Athena by the pipeline's own named query."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laketop.settings import Settings
from laketop.stack import accounts, query
from laketop.stack.clients import client
from laketop.stack.messages import StackError
from laketop.stack.running import require_running
from laketop.stack.terraform import LOCAL

NAMED_QUERY = "data_quality"
COLUMNS = ("dataset", "rule", "column_name", "severity", "observed", "unit", "operator", "threshold", "checked_at")


@dataclass(frozen=True)
class Breach:
    """A rule that is broken now, in the words of the named query's columns.

    Attributes:
        dataset: the dataset.
        rule: the rule's name, unique within the dataset.
        column_name: what it is about, or "".
        severity: `error` or `warning`.
        observed: what was found.
        unit: of `observed` and `threshold`: rows, percent or hours.
        operator: how they are compared, in the words of the Open Data Contract Standard.
        threshold: what was asked for.
        checked_at: when, UTC.
    """

    dataset: str
    rule: str
    column_name: str
    severity: str
    observed: str
    unit: str
    operator: str
    threshold: str
    checked_at: str

    @property
    def name(self) -> str:
        """`dataset.rule`."""
        return f"{self.dataset}.{self.rule}"


def athena(settings: Settings, env: str) -> Any:
    """The Athena client of an environment: the lake's for `local`, else by the person's own credentials.

    Raises:
        StackError: `local`, and the lake does not run.
    """
    if env == LOCAL:
        require_running(settings)
        return client(settings, "athena")
    return accounts.client("athena")


def work_group(env: str) -> str:
    """The work group of an environment."""
    return f"laketop-{env}"


def broken(client: Any, env: str) -> list[Breach]:
    """The rules that are broken now.

    Args:
        client: a boto3 client of Athena.
        env: the environment.

    Raises:
        StackError: the named query is not there, or Athena could not answer it.
    """
    text, database = _named_query(client, work_group(env))
    try:
        result = query.run(client, text, database, work_group(env))
    except StackError as error:
        hint = f"{error.hint}; the view that it asks is made by the first transform".removeprefix("; ")
        raise StackError(f"named query {NAMED_QUERY}", error.cause, hint) from error
    missing = [name for name in COLUMNS if name not in result.header]
    if missing:
        raise StackError(f"named query {NAMED_QUERY}", f"it has no column {missing[0]}", "see sql/queries")
    rows = (dict(zip(result.header, row, strict=True)) for row in result.rows)
    return [Breach(**{name: row[name] or "" for name in COLUMNS}) for row in rows]


def _named_query(client: Any, group: str) -> tuple[str, str]:
    """Text and database of the named query."""
    try:
        for page in client.get_paginator("list_named_queries").paginate(WorkGroup=group):
            if page["NamedQueryIds"]:
                answer = client.batch_get_named_query(NamedQueryIds=page["NamedQueryIds"])
                for found in answer["NamedQueries"]:
                    if found["Name"] == NAMED_QUERY:
                        return found["QueryString"], found["Database"]
    except (ClientError, BotoCoreError) as error:
        raise StackError(f"work group {group}", " ".join(str(error).split()), "is the environment deployed?") from error
    raise StackError(f"named query {NAMED_QUERY}", f"work group {group} has none", "deploy the environment")
