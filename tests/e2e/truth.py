"""What the pipeline must make of files, computed anew with pandas: nothing here is shared with what it tests.

Rows are text, as in a file; an empty string is no value.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

ROOT = Path(__file__).resolve().parents[2]
MALFORMED = "_malformed"
CENT = Decimal("0.01")
BLANK = "".join(map(chr, range(33)))  # a line of these alone is no row


def contract(dataset: str) -> dict[str, Any]:
    """The contract's document."""
    return yaml.safe_load((ROOT / "contracts" / f"{dataset}.odcs.yaml").read_text())


def landing(dataset: str) -> list[dict[str, Any]]:
    """The properties of a landing file."""
    return [item for item in contract(dataset)["schema"][0]["properties"] if "transformLogic" not in item]


def _custom(dataset: str, name: str) -> str:
    items = contract(dataset)["schema"][0]["customProperties"]
    return next(item["value"] for item in items if item["property"] == name)


def rows(dataset: str, name: str, content: bytes) -> pd.DataFrame:
    """The rows of a file as text, with `_malformed` for those of another length."""
    data = gzip.decompress(content) if name.endswith(".gz") else content
    bare = name.removesuffix(".gz")
    header = [item["name"] for item in landing(dataset)]
    if bare.endswith(".parquet"):
        return _of_parquet(data).reindex(columns=header, fill_value="").assign(**{MALFORMED: False})
    text = data.decode("utf-8-sig")
    if bare.endswith(".jsonl"):
        found = [
            json.loads(line, parse_float=str, parse_int=str)
            for line in re.split(r"\r\n|\r|\n", text)
            if line.strip(BLANK)
        ]
        lines = [[_text(row.get(column)) for column in header] for row in found]
        return pd.DataFrame(lines, columns=header, dtype=str).assign(**{MALFORMED: False})
    lines = [line for line in csv.reader(io.StringIO(text, newline="")) if len(line) > 1 or "".join(line).strip(BLANK)][
        1:
    ]
    cells = [[*line, *[""] * len(header)][: len(header)] for line in lines]
    wrong = [len(line) != len(header) for line in lines]
    return pd.DataFrame(cells, columns=header, dtype=str).assign(**{MALFORMED: wrong})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _of_parquet(data: bytes) -> pd.DataFrame:
    table = pq.read_table(io.BytesIO(data))
    texts = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("s"))
        texts[name] = [_text(value) for value in column.cast(pa.string()).to_pylist()]
    return pd.DataFrame(texts, dtype=str)


def _fits(text: str, kind: str) -> bool:
    """Whether a text is a value of a Hive type."""
    if kind.startswith("decimal"):
        precision, scale = (int(part) for part in re.findall(r"\d+", kind))
        found = re.fullmatch(r"[+-]?(\d+)(?:\.(\d+))?", text)
        return bool(found) and len(found[1]) <= precision - scale and len(found[2] or "") <= scale
    if kind in ("int", "bigint"):
        bits = 31 if kind == "int" else 63
        return bool(re.fullmatch(r"[+-]?\d+", text)) and -(2**bits) <= int(text) < 2**bits
    if kind == "boolean":
        return text.lower() in ("true", "false")
    if kind in ("date", "timestamp"):
        form = r"\d{4}-\d{2}-\d{2}" + (r"[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?" if kind == "timestamp" else "")
        return bool(re.fullmatch(form, text)) and _is_moment(text)
    return True


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fault(text: str, item: Mapping[str, Any]) -> str | None:
    if text == "":
        return "MISSING_VALUE" if item["required"] else None
    if not _fits(text, item["physicalType"]):
        return "BAD_TYPE"
    options = item.get("logicalTypeOptions", {})
    if len(text) < options.get("minLength", 0) or len(text) > options.get("maxLength", len(text)):
        return "BAD_LENGTH"
    if "pattern" in options and not re.fullmatch(options["pattern"].removeprefix("^").removesuffix("$"), text):
        return "BAD_PATTERN"
    for rule in item.get("quality", ()):
        if rule.get("mustBe") == 0 and text not in map(str, rule["arguments"]["validValues"]):
            return "NOT_ALLOWED"
    return _bound(text, options)


def _bound(text: str, options: Mapping[str, Any]) -> str | None:
    bounds = {name: options[name] for name in ("minimum", "maximum", "exclusiveMinimum") if name in options}
    if not bounds:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    low, high = bounds.get("minimum", number), bounds.get("maximum", number)
    inside = Decimal(str(low)) <= number <= Decimal(str(high))
    above = "exclusiveMinimum" not in bounds or number > Decimal(str(bounds["exclusiveMinimum"]))
    return None if inside and above else "OUT_OF_RANGE"


_JUDGED: dict[tuple[str, ...], pd.DataFrame] = {}


def judged(dataset: str, files: Mapping[str, bytes]) -> pd.DataFrame:
    """All rows of all files with `_file` and `_reason` (None for a row that is to be kept).

    Args:
        files: address in the raw zone → content; among rows with one key and time that of the later address holds.
    """
    known = (dataset, *sorted(files))  # names in the raw zone are never used twice
    if known not in _JUDGED:
        _JUDGED[known] = _judge(dataset, files)
    return _JUDGED[known].copy()


def _judge(dataset: str, files: Mapping[str, bytes]) -> pd.DataFrame:
    frames = [rows(dataset, name, content).assign(_file=name) for name, content in sorted(files.items())]
    if not frames:
        return pd.DataFrame(columns=[*(item["name"] for item in landing(dataset)), MALFORMED, "_file", "_reason"])
    frame = pd.concat(frames, ignore_index=True)
    reason = pd.Series([None] * len(frame), dtype=object)
    reason[frame[MALFORMED]] = "MALFORMED_ROW"
    for item in landing(dataset):
        known = {text: _fault(text, item) for text in frame[item["name"]].unique()}
        reason = reason.where(reason.notna(), frame[item["name"]].map(known))
    frame["_reason"] = reason.where(reason.notna(), None)
    good = frame[frame._reason.isna()].copy()
    good["_at"] = pd.to_datetime(good[_custom(dataset, "latestBy")], format="ISO8601")
    key = next(item["name"] for item in landing(dataset) if item.get("primaryKey"))
    header = [item["name"] for item in landing(dataset)]
    latest = good.sort_values(["_at", "_file", *header], kind="stable").drop_duplicates(key, keep="last").index
    frame.loc[good.index.difference(latest), "_reason"] = "DUPLICATE"
    return frame


def kept(dataset: str, files: Mapping[str, bytes]) -> pd.DataFrame:
    """The rows that the processed table must have."""
    frame = judged(dataset, files)
    return frame[frame._reason.isna()].reset_index(drop=True)


def total(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal("0.00"))


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def sales(transactions: pd.DataFrame) -> pd.DataFrame:
    """Order lines with a day, numbers and a state."""
    return transactions.assign(
        day=transactions.transaction_ts.str[:10],
        amount=transactions.total_amount.map(Decimal),
        pieces=transactions.quantity.astype(int),
    )


def sessions(clicks: pd.DataFrame) -> pd.DataFrame:
    """Events with the number of their session: a new one after more than 30 minutes of silence of a visitor."""
    events = clicks.assign(at=pd.to_datetime(clicks.event_ts, format="ISO8601"))
    events = events.sort_values(["visitor_id", "at", "event_id"], kind="stable").reset_index(drop=True)
    same = events.visitor_id.eq(events.visitor_id.shift())
    quiet = events["at"].diff() > pd.Timedelta(minutes=30)
    events["session"] = (~same | quiet).cumsum()
    return events


def daily_kpis(transactions: pd.DataFrame, clicks: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Day → orders, customers, new customers, units, revenue, average order value, refunded lines and amount, cancelled
    lines, sessions, sessions with a purchase."""
    lines = sales(transactions)
    completed = lines[lines.status == "completed"]
    first = completed.groupby("customer_id").day.min()
    events = sessions(clicks)
    visits = events.groupby("session").agg(day=("event_ts", lambda at: at.iloc[0][:10]), bought=("event_type", _bought))
    days = sorted({*lines.day, *visits.day})
    return {day: _day(lines[lines.day == day], first, visits[visits.day == day]) for day in days}


def _bought(steps: pd.Series) -> bool:
    return bool((steps == "purchase").any())


def _day(lines: pd.DataFrame, first: pd.Series, visits: pd.DataFrame) -> tuple[Any, ...]:
    sold, refunded = lines[lines.status == "completed"], lines[lines.status == "refunded"]
    orders, revenue, customers = sold.order_id.nunique(), total(sold.amount), set(sold.customer_id)
    new = sum(1 for customer in customers if first[customer] == lines.day.iloc[0])
    average = cents(revenue / orders) if orders else None
    cancelled = int((lines.status == "cancelled").sum())
    return (
        orders, len(customers), new, int(sold.pieces.sum()), revenue, average, len(refunded), total(refunded.amount),
        cancelled, len(visits), int(visits.bought.sum()),
    )  # fmt: skip


def category_kpis(
    transactions: pd.DataFrame, clicks: pd.DataFrame, members: set[str]
) -> dict[str, tuple[int, int, int, int, Decimal, Decimal, int, int]]:
    """Day → orders, customers, new customers, units, revenue, refunded amount, sessions with an event about one of the
    products `members`, and those of them in which one was bought."""
    lines = sales(transactions)
    first = lines[lines.status == "completed"].groupby("customer_id").day.min()
    ours = lines[lines.product_id.isin(members)]
    events = sessions(clicks)
    start = events.groupby("session").event_ts.first().str[:10]
    about = events[events.product_id.isin(members)]
    days = sorted({*ours.day, *about.session.map(start)})
    found = {}
    for day in days:
        sold = ours[(ours.day == day) & (ours.status == "completed")]
        refunded = ours[(ours.day == day) & (ours.status == "refunded")]
        seen = about[about.session.map(start) == day]
        customers = set(sold.customer_id)
        found[day] = (
            sold.order_id.nunique(), len(customers), sum(first[one] == day for one in customers),
            int(sold.pieces.sum()), total(sold.amount), total(refunded.amount),
            seen.session.nunique(), seen[seen.event_type == "purchase"].session.nunique(),
        )  # fmt: skip
    return found


def buyers(transactions: pd.DataFrame, start: str, end: str, members: set[str] | None = None) -> tuple[int, int, int]:
    """Who bought from one day to another, of all products or of `members`: all, those whose first order of all is of
    these days, those whose first is older."""
    completed = sales(transactions)
    completed = completed[completed.status == "completed"]
    first = completed.groupby("customer_id").day.min()
    sold = completed[completed.day.between(start, end)]
    customers = set(sold.customer_id if members is None else sold[sold.product_id.isin(members)].customer_id)
    new = sum(start <= first[one] <= end for one in customers)
    return len(customers), new, len(customers) - new


def top_products(transactions: pd.DataFrame, start: str, end: str, count: int) -> list[tuple[str, int, Decimal]]:
    """The products with the greatest revenue of completed lines, `unknown` for lines without one, then by product."""
    lines = sales(transactions)
    sold = lines[(lines.status == "completed") & lines.day.between(start, end)]
    sold = sold.assign(product=sold.product_id.where(sold.product_id != "", "unknown"))
    figures = [(name, int(group.pieces.sum()), total(group.amount)) for name, group in sold.groupby("product")]
    return sorted(figures, key=lambda row: (-row[2], row[0]))[:count]


def funnel(clicks: pd.DataFrame) -> dict[tuple[str, str], tuple[int, ...]]:
    """(device, source) of a session's first event → sessions that reached each step."""
    steps = ["product_view", "add_to_cart", "checkout", "purchase"]
    found: dict[tuple[str, str], list[int]] = {}
    for _, events in sessions(clicks).groupby("session"):
        seen = set(events.event_type)
        row = found.setdefault((events.device.iloc[0], events.source.iloc[0]), [0] * 5)
        row[0] += 1
        for place, _ in enumerate(steps, 1):
            row[place] += bool(seen & set(steps[place - 1 :]))
    return {key: tuple(row) for key, row in found.items()}


def customer_values(transactions: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Each customer with an order: cohort, orders, revenue, recency, scores, and the predicted value of a year."""
    lines = sales(transactions)
    sold = lines[lines.status == "completed"]
    frame = sold.groupby("customer_id").agg(
        first=("day", "min"), last=("day", "max"), orders=("order_id", "nunique"), revenue=("amount", total)
    )
    frame = frame.reset_index()
    first, last = pd.to_datetime(frame["first"]), pd.to_datetime(frame["last"])
    frame["recency"] = (last.max() - last).dt.days
    frame["r"] = 6 - _quintile(frame, "recency")
    frame["f"], frame["m"] = _quintile(frame, "orders"), _quintile(frame, "revenue")
    answer = {}
    for row, begun, ended in zip(frame.to_dict("records"), first, last, strict=True):
        average = cents(row["revenue"] / row["orders"])
        months = _whole_months(begun, ended) + 1
        predicted = float(average) * (row["orders"] / months) * 12 * 0.5 ** (row["recency"] / 180)
        answer[row["customer_id"]] = row | {"cohort": row["first"][:7], "average": average, "predicted": predicted}
    return answer


def _whole_months(start: pd.Timestamp, end: pd.Timestamp) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _quintile(frame: pd.DataFrame, by: str) -> pd.Series:
    """As SQL's ntile(5): the first groups have one row more where it does not come out even."""
    order = frame.sort_values([by, "customer_id"]).index
    size, more = divmod(len(order), 5)
    tiles = [tile for tile in range(1, 6) for _ in range(size + (tile <= more))]
    return pd.Series(tiles, index=order).reindex(frame.index)
