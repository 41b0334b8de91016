"""What a contract asks of a table, as checks that one query can answer. Pure functions: no AWS."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lakehouse.athena_helper import literal
from lakehouse.contracts import Column, Contract, Rule

_SIGNS = {
    "mustBe": "=",
    "mustNotBe": "<>",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
}
_SUBJECT = "t"
TRAILING_RUNS = 10


@dataclass(frozen=True)
class Check:
    """One rule as SQL.

    Attributes:
        rule: its name, unique within the contract.
        column: the column that it is about, or "".
        dimension: completeness, uniqueness, validity, accuracy, consistency, timeliness, …
        severity: `error` or `warning`.
        observed: SQL of the figure, a double over the columns that `query` offers; NULL where nothing can be said.
        unit: `rows`, `percent` or `hours`.
        operator: the contract's word for the comparison.
        threshold: what the figure is compared with.
    """

    rule: str
    column: str
    dimension: str
    severity: str
    observed: str
    unit: str
    operator: str
    threshold: Decimal


def checks(contract: Contract) -> list[Check]:
    """All checks of a contract: those that follow from its columns, its own rules, and its freshness."""
    found = [*_of_columns(contract), _unique_key(contract), *(_of_rule(rule, contract) for rule in contract.rules)]
    if contract.fresh_by and contract.fresh_within is not None:
        found.append(_fresh(contract.fresh_by, contract.fresh_within))
    return found


def _of_columns(contract: Contract) -> Iterator[Check]:
    for column in contract.columns:
        name = quoted(column.name)
        if column.required:
            yield _none(f"{column.name}_is_there", column.name, "completeness", f"{_SUBJECT}.{name} IS NULL")
        if wrong := _invalid(column):
            yield _none(f"{column.name}_is_valid", column.name, "validity", " OR ".join(wrong))


def _invalid(column: Column) -> list[str]:
    """Conditions under which a value is wrong; NULL where there is no value."""
    name = f"{_SUBJECT}.{quoted(column.name)}"
    wrong = []
    if column.pattern:
        wrong.append(f"NOT regexp_like({name}, {literal(f'^(?:{column.pattern})$')})")
    if column.allowed:
        wrong.append(f"{name} NOT IN ({', '.join(map(literal, column.allowed))})")
    bounds = ((column.minimum, "<"), (column.maximum, ">"), (column.above, "<="))
    wrong += [f"{name} {sign} {bound}" for bound, sign in bounds if bound is not None]
    lengths = ((column.min_length, "<"), (column.max_length, ">"))
    wrong += [f"length({name}) {sign} {length}" for length, sign in lengths if length is not None]
    return wrong


def _none(rule: str, column: str, dimension: str, wrong: str) -> Check:
    return Check(rule, column, dimension, "error", _count(wrong), "rows", "mustBe", Decimal(0))


def _count(condition: str) -> str:
    return f"CAST(count_if({condition}) AS double)"


def _unique_key(contract: Contract) -> Check:
    columns = ", ".join(f"{_SUBJECT}.{quoted(name)}" for name in contract.key)
    key = columns if len(contract.key) == 1 else f"ROW({columns})"
    repeated = f"CAST(count(*) - count(DISTINCT {key}) AS double)"
    return Check("key_is_unique", ",".join(contract.key), "uniqueness", "error", repeated, "rows", "mustBe", Decimal(0))


def _of_rule(rule: Rule, contract: Contract) -> Check:
    observed = _figure(rule, contract)
    return Check(
        rule.name, rule.column or "", rule.dimension, rule.severity, observed, rule.unit, rule.operator, rule.threshold
    )


def _figure(rule: Rule, contract: Contract) -> str:
    if rule.query:
        return _in_unit(f"CAST(max(s.{quoted(rule.name)}) AS double)", rule.unit)
    if rule.metric == "rowCount":
        rows = "CAST(count(*) AS double)"
        # a share of rows is meant against the runs before: by itself it would always be all of them
        return rows if rule.unit == "rows" else f"100e0 * {rows} / nullif(max(p.mean_rows), 0e0)"
    reference = _reference(rule, contract)
    if rule.metric == "invalidValues" and reference:
        column = f"{_SUBJECT}.{quoted(rule.column or '')}"
        return _in_unit(_count(f"{column} IS NOT NULL AND {reference}.known IS NULL"), rule.unit)
    if rule.metric in ("nullValues", "missingValues") and rule.column:
        return _in_unit(_count(f"{_SUBJECT}.{quoted(rule.column)} IS NULL"), rule.unit)
    if rule.metric == "duplicateValues" and rule.column:
        column = f"{_SUBJECT}.{quoted(rule.column)}"
        return _in_unit(f"CAST(count({column}) - count(DISTINCT {column}) AS double)", rule.unit)
    problem = f"rule {rule.name}: the metric {rule.metric!r} is not one that the quality check knows here"
    raise ValueError(f"contract {contract.dataset}: {problem}")


def _in_unit(rows: str, unit: str) -> str:
    return rows if unit == "rows" else f"100e0 * {rows} / nullif(CAST(count(*) AS double), 0e0)"


def _fresh(column: str, hours: Decimal) -> Check:
    age = f"date_diff('second', max({_SUBJECT}.{quoted(column)}), CAST(current_timestamp AS timestamp)) / 3600e0"
    name = f"{column}_is_fresh"
    return Check(name, column, "timeliness", "warning", age, "hours", "mustBeLessOrEqualTo", hours)


def references(contract: Contract) -> dict[str, tuple[str, str, str]]:
    """Alias → (column, dataset that it refers to, column there), for the columns that a rule checks for it."""
    ruled = {rule.column for rule in contract.rules if rule.metric == "invalidValues"}
    linked = [column for column in contract.columns if column.references and column.name in ruled]
    found = {}
    for number, column in enumerate(linked, 1):
        dataset, _, key = str(column.references).partition(".")
        found[f"r{number}"] = (column.name, dataset, key)
    return found


def _reference(rule: Rule, contract: Contract) -> str | None:
    return next((alias for alias, (column, _, _) in references(contract).items() if column == rule.column), None)


def query(contract: Contract, *, processed: str, results: str, run_id: str) -> str:
    """The one query that answers all checks of a contract.

    Args:
        contract: the contract.
        processed: the database of the dataset's table and of those that it refers to.
        results: the database of `data_quality_results`.
        run_id: the run that the answers belong to.

    Returns:
        Athena SQL that gives a row a check, in the columns of `data_quality_results`.

    Raises:
        ValueError: a rule has a metric that is not known here.
    """
    found = checks(contract)
    table = f"{quoted(processed)}.{quoted(contract.dataset)}"
    figures = ",\n        ".join(f"{check.observed} AS f{number}" for number, check in enumerate(found))
    rows = ",\n        ".join(_row(check, number) for number, check in enumerate(found))
    names = ("rule", "column_name", "dimension", "severity", "observed", "unit", "operator", "threshold", "passed")
    answers = ",\n    ".join(f"r.{name}" for name in names)
    return f"""WITH
    figures AS (
        SELECT
        count(*) AS rows_checked,
        {figures}
        FROM {table} AS {_SUBJECT}
        {_joins(contract, processed, table, results, run_id)}
    )
SELECT
    {literal(run_id)} AS run_id,
    CAST(current_timestamp AS timestamp) AS checked_at,
    {literal(contract.dataset)} AS dataset,
    {answers},
    figures.rows_checked,
    date_format(current_timestamp, '%Y-%m') AS run_month
FROM figures
CROSS JOIN UNNEST(ARRAY[
        {rows}
    ]) AS r({", ".join(names)})"""  # noqa: S608 - all names and texts are quoted


def _row(check: Check, number: int) -> str:
    words = ", ".join(map(literal, (check.rule, check.column, check.dimension, check.severity)))
    threshold = f"{check.threshold:E}"
    # where nothing can be said (no row, no run before), nothing is wrong
    passed = f"coalesce(figures.f{number} {_SIGNS[check.operator]} {threshold}, true)"
    return f"ROW({words}, figures.f{number}, {literal(check.unit)}, {literal(check.operator)}, {threshold}, {passed})"


def _joins(contract: Contract, processed: str, table: str, results: str, run_id: str) -> str:
    joins = []
    for alias, (column, dataset, key) in references(contract).items():
        known = f"SELECT DISTINCT {quoted(key)} AS known FROM {quoted(processed)}.{quoted(dataset)}"  # noqa: S608
        joins.append(f"LEFT JOIN ({known}) AS {alias} ON {alias}.known = {_SUBJECT}.{quoted(column)}")
    queries = [(rule.name, rule.query) for rule in contract.rules if rule.query]
    if queries:
        items = ", ".join(f"({sql.replace('{object}', table)}) AS {quoted(name)}" for name, sql in queries)
        joins.append(f"CROSS JOIN (SELECT {items}) AS s")
    if any(rule.metric == "rowCount" and rule.unit == "percent" for rule in contract.rules):
        joins.append(f"CROSS JOIN ({_mean_rows(contract.dataset, results, run_id)}) AS p")
    return "\n        ".join(joins)


def _mean_rows(dataset: str, results: str, run_id: str) -> str:
    others = f"dataset = {literal(dataset)} AND run_id <> {literal(run_id)}"
    return f"""SELECT CAST(avg(n) AS double) AS mean_rows FROM (
            SELECT run_id, max(checked_at) AS last_checked, max(rows_checked) AS n
            FROM {quoted(results)}.data_quality_results
            WHERE {others} GROUP BY run_id ORDER BY last_checked DESC LIMIT {TRAILING_RUNS}
        )"""  # noqa: S608


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
