"""An Athena of ours."""

from typing import Any

# What a column's name says of its type, as Athena would tell it.
TYPES = {
    "bigint": ("orders", "units", "new_customers", "sessions", "sessions_with_purchase", "place", "position",
               "product_views", "carts", "checkouts", "purchases", "rules", "passed", "errors", "warnings"),
    "decimal": ("revenue", "refunded_amount", "processed", "curated"),
    "date": ("day", "first_day", "last_day"),
    "timestamp": ("started_at", "ended_at", "checked_at"),
    "double": ("seconds", "average_rating"),
}  # fmt: skip
KINDS = {name: kind for kind, names in TYPES.items() for name in names}


class AthenaOfOurs:
    """Athena: named queries whose rows a test says; remembers what it was asked."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str | None]] | str] = {}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.stopped: list[str] = []
        self.running: set[str] = set()

    def get_named_query(self, NamedQueryId: str) -> Any:  # noqa: N803 - AWS's name
        name = NamedQueryId.removeprefix("id-")
        return {"NamedQuery": {"Database": "curated", "QueryString": f"SELECT {name} ?"}}

    def start_query_execution(self, **request: Any) -> Any:
        assert request["QueryExecutionContext"] == {"Database": "curated"}
        assert request["WorkGroup"] == "lake"
        name = request["QueryString"].split()[1]
        assert request["QueryString"] == f"SELECT {name} ?", "nothing is pasted into the text"
        self.asked.append((name, tuple(request.get("ExecutionParameters", ()))))
        return {"QueryExecutionId": f"{name}/{len(self.asked)}"}

    def get_query_execution(self, QueryExecutionId: str) -> Any:  # noqa: N803 - AWS's name
        name = QueryExecutionId.partition("/")[0]
        found = self.rows.get(name, [])
        state = "RUNNING" if name in self.running else "FAILED" if isinstance(found, str) else "SUCCEEDED"
        status = {"State": state, "StateChangeReason": found if isinstance(found, str) else ""}
        return {"QueryExecution": {"QueryExecutionId": QueryExecutionId, "Status": status}}

    def get_query_results(self, QueryExecutionId: str, MaxResults: int = 1000) -> Any:  # noqa: N803 - AWS's names
        rows = self.rows.get(QueryExecutionId.partition("/")[0], [])
        assert not isinstance(rows, str)
        names = list(rows[0]) if rows else []
        cells = [[{"VarCharValue": name} for name in names]] if names else []
        cells += [[{} if row[name] is None else {"VarCharValue": row[name]} for name in names] for row in rows]
        info = [{"Name": name, "Type": KINDS.get(name, "varchar")} for name in names]
        return {"ResultSet": {"Rows": [{"Data": row} for row in cells], "ResultSetMetadata": {"ColumnInfo": info}}}

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803 - AWS's name
        self.stopped.append(QueryExecutionId)
