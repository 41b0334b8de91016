"""Where a generator writes: a file or an S3 object, plain or compressed, the same bytes for the same table."""

import gzip
import io
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.csv as pacsv


def csv_bytes(table: pa.Table, *, compress: bool) -> bytes:
    """A table as CSV with a header, UTF-8, as gzip where wanted (without a time in it).

    Raises:
        pyarrow.ArrowInvalid: a value would need quotes.
    """
    sink = io.BytesIO()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(quoting_style="none", quoting_header="none"))
    return gzip.compress(sink.getvalue(), mtime=0) if compress else sink.getvalue()


def write_csv(table: pa.Table, output: str) -> None:
    """Write a table as CSV.

    Args:
        table: the rows.
        output: a path or an `s3://bucket/key` address that ends in `.csv` or `.csv.gz`; folders are made as needed.

    Raises:
        SystemExit: the name ends otherwise, or the address has no bucket or key.
    """
    if not output.endswith((".csv", ".csv.gz")):
        raise SystemExit(f"{output}: the name must end in .csv or .csv.gz")
    content = csv_bytes(table, compress=output.endswith(".gz"))
    if output.startswith("s3://"):
        bucket, _, key = output.removeprefix("s3://").partition("/")
        if not bucket or not key:
            raise SystemExit(f"{output}: an address like s3://bucket/key is needed")
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    else:
        path = Path(output)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
