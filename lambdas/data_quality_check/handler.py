"""Does a processed table keep what its contract says? All rules in one Athena query; the answers are kept as a table.

The answers go into `data_quality_results` by INSERT INTO, so that whoever wonders later can ask. A run that is repeated
finds its answers there and does not write them twice.
"""

import os
from functools import cache
from typing import Any

import boto3

from lakehouse import athena_helper, contracts, s3_helper
from lakehouse.athena_helper import literal
from lakehouse.contracts import Contract
from lakehouse.logger import lambda_scope, log

from .checks import query, quoted


@cache
def _client(service: str) -> Any:
    return boto3.client(service)


@cache
def _contract(uri: str) -> Contract:
    return contracts.loads(s3_helper.read_bytes(_client("s3"), uri))


def _ask(sql: str) -> athena_helper.QueryResult:
    return athena_helper.run(
        _client("athena"), sql, database=os.environ["RESULTS_DATABASE"], work_group=os.environ["WORK_GROUP"]
    )


def _answers(run_id: str, dataset: str) -> list[dict[str, Any]]:
    table = f"{quoted(os.environ['RESULTS_DATABASE'])}.data_quality_results"
    which = f"run_id = {literal(run_id)} AND dataset = {literal(dataset)}"
    return _ask(f"SELECT DISTINCT * FROM {table} WHERE {which} ORDER BY rule").rows()  # noqa: S608 - quoted above


def _handle(event: dict[str, Any]) -> dict[str, Any]:
    dataset, run_id = event["dataset"], event["run_id"]
    found = _answers(run_id, dataset)
    if not found:
        contract = _contract(f"{os.environ['CONTRACTS']}{dataset}.json")
        results = os.environ["RESULTS_DATABASE"]
        sql = query(contract, processed=os.environ["PROCESSED_DATABASE"], results=results, run_id=run_id)
        _ask(f"INSERT INTO {quoted(results)}.data_quality_results\n{sql}")
        found = _answers(run_id, dataset)
    broken = [_told(row) for row in found if not row["passed"]]
    answer = {
        "dataset": dataset,
        "run_id": run_id,
        "rows": found[0]["rows_checked"] if found else 0,
        "passed": all(rule["severity"] != "error" for rule in broken),
        "broken": broken,
    }
    log("dataset checked", rules=len(found), **answer)
    return answer


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Check one dataset.

    Args:
        event: `dataset` and `run_id`.

    Returns:
        `dataset`, `run_id`, `rows`, `passed` (whether no rule of severity error is broken), and `broken`: of each
        broken rule its name, column, severity, what was observed, and what was asked for.

    Raises:
        lakehouse.contracts.ContractError: the contract cannot be used.
        lakehouse.athena_helper.QueryFailedError: Athena could not answer.
    """
    with lambda_scope(context, event):
        return _handle(event)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    asked = f"{row['operator']} {row['threshold']:g} {row['unit']}"
    return {name: row[name] for name in ("rule", "column_name", "severity", "observed")} | {"asked": asked}
