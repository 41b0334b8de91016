"""Maps real sales to the contract of transactions: the CDNOW purchases, January 1997 to June 1998.

    python generators/map_cdnow.py --output s3://<raw bucket>/landing/transactions/cdnow.csv

CDNOW was a music shop; the 1/10 sample (2,357 customers, 6,919 purchases) was published by Fader and Hardie and ships
in the PyPI package `lifetimes` as `CDNOW_sample.txt`: customer in the whole data set, customer in the sample, day
(YYYYMMDD), number of discs, dollars paid. What the contract asks for and the file does not say is filled in one fixed
way:

| column | from |
|---|---|
| transaction_id, order_id | `CDN-` and the number of the line in the file, from 1: each line is a purchase |
| customer_id | `CDN` and the customer's number in the whole data set |
| product_id, country | empty |
| quantity, total_amount | discs, dollars |
| unit_price | dollars by discs, rounded half up to a cent; so quantity times price may miss the total by cents |
| discount | 0.00 |
| currency, payment_method, status | USD, unknown, completed |
| transaction_ts, updated_at | midnight of the day, UTC |
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

if __package__ in (None, ""):  # run as a script: its folder is on the path, the checkout is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generators import output

PACKAGE, FILE = "lifetimes", "CDNOW_sample.txt"
_FIELDS = r"^\s*(?P<customer>\d+)\s+\d+\s+(?P<day>\d{8})\s+(?P<discs>\d+)\s+(?P<dollars>\d+\.\d{2})\s*$"


def locate() -> Path:
    """The purchases' file of the installed package, found without importing the package.

    Raises:
        SystemExit: the package is not installed, or has no such file.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise SystemExit(f"the package {PACKAGE} is not installed: `uv sync` with the group dev brings it") from error
    for file in files:
        if file.name == FILE:
            return Path(str(file.locate()))
    raise SystemExit(f"the package {PACKAGE} has no {FILE}")


def map_purchases(lines: list[str]) -> pa.Table:
    """Map the lines of the purchases' file to the columns of a landing file, a row a line.

    Raises:
        ValueError: a line does not have the five fields; the message has its number.
    """
    fields = pc.extract_regex(pa.array(lines, pa.string()), pattern=_FIELDS)
    bad = pc.index(fields.is_null(), value=True).as_py()
    if bad >= 0:
        raise ValueError(f"line {bad + 1} is no purchase: {lines[bad]!r}")
    customer, day, discs, dollars = fields.flatten()
    count = len(lines)
    number = pc.utf8_lpad(pa.array(range(1, count + 1)).cast(pa.string()), 6, padding="0")
    identity = pc.binary_join_element_wise("CDN-", number, "")
    total = dollars.cast(pa.decimal128(12, 2))
    quantity = discs.cast(pa.int32())
    price = pc.round(pc.divide(total.cast(pa.decimal128(22, 12)), quantity), 2, round_mode="half_up")
    time = pc.strptime(day, format="%Y%m%d", unit="s")
    return pa.table(
        {
            "transaction_id": identity,
            "order_id": identity,
            "customer_id": pc.binary_join_element_wise("CDN", customer, ""),
            "product_id": pa.nulls(count, pa.string()),
            "quantity": quantity,
            "unit_price": price.cast(pa.decimal128(10, 2)),
            "discount": pa.array(["0.00"] * count).cast(pa.decimal128(10, 2)),
            "total_amount": total,
            "currency": pa.repeat("USD", count),
            "payment_method": pa.repeat("unknown", count),
            "status": pa.repeat("completed", count),
            "country": pa.nulls(count, pa.string()),
            "transaction_ts": time,
            "updated_at": time,
        }
    )


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    parser = argparse.ArgumentParser(description="Maps the CDNOW purchases to the contract of transactions.")
    parser.add_argument("--output", required=True, help="a path or s3://bucket/key; its ending says the format")
    arguments = parser.parse_args(argv)
    table = map_purchases([line for line in locate().read_text().splitlines() if line.strip()])
    try:
        output.write(table, arguments.output)
    except output.OutputError as error:
        parser.error(str(error))
    print(f"{len(table)} rows written to {arguments.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
