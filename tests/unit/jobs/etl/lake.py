"""A lake in a folder: the same `s3://` addresses for Spark (Hadoop's ViewFS) and for a stand-in of boto3's client."""
# ruff: noqa: N803 (boto3's names of arguments)

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from pyspark.sql import SparkSession

from lakehouse import contracts
from lakehouse.contracts import Contract
from lakehouse.etl.notes import Note

ROOT = Path(__file__).resolve().parents[4]
GOOD = {
    "transaction_id": "TXN-000001",
    "order_id": "ORD-000001",
    "customer_id": "C-00001",
    "product_id": "P-0001",
    "quantity": "2",
    "unit_price": "10.00",
    "discount": "0.00",
    "total_amount": "20.00",
    "currency": "USD",
    "payment_method": "card",
    "status": "completed",
    "country": "DE",
    "transaction_ts": "2026-01-01 10:00:00",
    "updated_at": "2026-01-01 10:00:00",
}
_numbers = count(1)


def contract_document(dataset: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "contracts" / f"{dataset}.odcs.yaml").read_text())


TRANSACTIONS = contracts.parse(contract_document("transactions"))


def line(number: int = 1, **changes: str) -> dict[str, str]:
    """A good transaction as text, but for the changes."""
    return GOOD | {"transaction_id": f"TXN-{number:06}"} | changes


def document(properties: list[dict[str, Any]], dataset: str = "things", latest_by: str = "at") -> dict[str, Any]:
    """A contract document of these properties."""
    custom = {"job": "things_etl", "latestBy": latest_by, "maxObjectBytes": 10**6, "maxContentBytes": 10**6}
    schema = {
        "name": dataset,
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
        "properties": properties,
    }
    return {"id": dataset, "schema": [schema]}


def property_(name: str, kind: str = "string", *, key: bool = False, **more: Any) -> dict[str, Any]:
    """A property of a contract document; options of its logical type are given as they are there."""
    options = {word: more.pop(word) for word in list(more) if word in _OPTIONS}
    allowed = more.pop("allowed", None)
    item = {"name": name, "physicalType": kind, "required": key, "logicalTypeOptions": options} | more
    if key:
        item["primaryKey"] = True
    if allowed:
        item["quality"] = [{"metric": "invalidValues", "arguments": {"validValues": allowed}, "mustBe": 0}]
    return item


_OPTIONS = ("pattern", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength")


class FakeS3:
    """The calls of boto3's S3 client that the package makes, on folders; `hook` sees each before it is done."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hook: Callable[[str, str], None] = lambda operation, key: None

    def _path(self, operation: str, bucket: str, key: str) -> Path:
        self.hook(operation, key)
        return self.root / bucket / key

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._path("get_object", Bucket, Key).read_bytes())}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:
        path = self._path("put_object", Bucket, Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)

    def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        path = self._path("copy_object", Bucket, Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.root / CopySource["Bucket"] / CopySource["Key"], path)

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        path = self._path("delete_object", Bucket, Key)
        for file in (path, path.with_name(f".{path.name}.crc")):  # Hadoop keeps checksums of local files
            file.unlink(missing_ok=True)

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        for item in Delete["Objects"]:
            self.delete_object(Bucket=Bucket, Key=item["Key"])
        return {}

    def get_paginator(self, _operation: str) -> "FakeS3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        folder = self.root / Bucket
        keys = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        found = [key for key in sorted(keys) if key.startswith(Prefix) and "/." not in key]
        yield {"Contents": [self._listed(folder / key, key) for key in found]}

    def _listed(self, path: Path, key: str) -> dict[str, Any]:
        status = path.stat()
        moment = datetime.fromtimestamp(status.st_mtime, UTC)
        return {"Key": key, "Size": status.st_size, "LastModified": moment, "ETag": f'"{status.st_mtime_ns:x}"'}


class FakeGlue:
    """A catalog of partitions, with Glue's errors for those that are there already or are not."""

    def __init__(self) -> None:
        self.partitions: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
        self.tables: dict[str, list[str]] = {}
        self.hook: Callable[[str], None] = lambda operation: None

    def get_table(self, *, DatabaseName: str, Name: str) -> dict[str, Any]:
        keys = [{"Name": key} for key in self.tables[Name]]
        return {"Table": {"PartitionKeys": keys, "StorageDescriptor": {"Location": f"s3://{DatabaseName}/{Name}"}}}

    def batch_create_partition(
        self, *, DatabaseName: str, TableName: str, PartitionInputList: list[dict[str, Any]]
    ) -> dict[str, Any]:
        self.hook("batch_create_partition")
        found = self.partitions.setdefault((DatabaseName, TableName), {})
        errors = []
        for item in PartitionInputList:
            if tuple(item["Values"]) in found:
                errors.append({"ErrorDetail": {"ErrorCode": "AlreadyExistsException"}})
            else:
                found[tuple(item["Values"])] = item["StorageDescriptor"]["Location"]
        return {"Errors": errors}

    def batch_delete_partition(
        self, *, DatabaseName: str, TableName: str, PartitionsToDelete: list[dict[str, Any]]
    ) -> dict[str, Any]:
        self.hook("batch_delete_partition")
        found = self.partitions.setdefault((DatabaseName, TableName), {})
        gone = [item for item in PartitionsToDelete if found.pop(tuple(item["Values"]), None) is None]
        return {"Errors": [{"ErrorDetail": {"ErrorCode": "EntityNotFoundException"}} for _ in gone]}


class Lake:
    """Buckets raw, processed and quarantine below a folder, a catalog, and the job's arguments for them."""

    def __init__(self, spark: SparkSession, root: Path) -> None:
        self.spark, self.root = spark, root
        self.s3, self.glue = FakeS3(root), FakeGlue()
        number = next(_numbers)  # Hadoop keeps file systems by bucket
        self.buckets = {zone: f"{zone}-{number}" for zone in ("raw", "processed", "quarantine")}
        hadoop = spark.sparkContext._jsc.hadoopConfiguration()
        hadoop.set("fs.s3.impl", "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme")
        for bucket in self.buckets.values():
            (root / bucket).mkdir()
            hadoop.set(f"fs.viewfs.mounttable.{bucket}.linkFallback", f"file://{root / bucket}")

    def arguments(self, datasets: str = "transactions") -> dict[str, str]:
        return {
            "JOB_NAME": "job",
            "datasets": datasets,
            "contracts": f"s3://{self.buckets['raw']}/contracts/",
            "raw": f"s3://{self.buckets['raw']}/",
            "processed": f"s3://{self.buckets['processed']}/",
            "rejected": f"s3://{self.buckets['quarantine']}/rows/",
            "database": "processed",
            "curated_database": "curated",
            "warehouse": "s3://curated/",
            "run_id": "run-1",
        }

    def deploy(self, document: dict[str, Any]) -> Contract:
        """Publish a contract and make its table."""
        contract = contracts.parse(document)
        path = self.root / self.buckets["raw"] / "contracts" / f"{contract.dataset}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document))
        self.glue.tables[contract.dataset] = [column.name for column in contract.partitions]
        return contract

    def address(self, dataset: str, name: str) -> str:
        return f"s3://{self.buckets['raw']}/{dataset}/ingest_date=2026-01-01/{name}"

    def path(self, address: str) -> Path:
        path = self.root / address.removeprefix("s3://")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def note(self, address: str, rows: int, **fields: Any) -> Note:
        """A note of a file, open, as an object in the raw zone."""
        dataset, name = address.split("/")[3], address.rsplit("/", 1)[-1]
        key = f"batches/{dataset}/open/2026-01-01-{name}.json"
        path = self.path(f"s3://{self.buckets['raw']}/{key}")
        path.write_text(json.dumps({"raw": address, "rows": rows} | fields))
        kind = str(fields.get("format") or name.removesuffix(".gz").rsplit(".", 1)[-1])
        return Note(key=key, raw=address, rows=rows, format=kind, open=True)

    def csv(self, contract: Contract, name: str, rows: list[dict[str, str]], extra: tuple[str, ...] = ()) -> Note:
        """A CSV file of these rows in the raw zone, then lines as they are; and its note."""
        out = io.StringIO()
        writer = csv.DictWriter(out, contract.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        text = out.getvalue() + "".join(f"{item}\n" for item in extra)
        address = self.address(contract.dataset, name)
        self.path(address).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return self.note(address, len(rows) + sum(bool(item.strip()) for item in extra))

    def jsonl(self, contract: Contract, name: str, lines: list[str], rows: int | None = None) -> Note:
        """A file of these lines in the raw zone, and its note."""
        address = self.address(contract.dataset, name)
        content = "".join(f"{item}\n" for item in lines).encode()
        self.path(address).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return self.note(address, len(lines) if rows is None else rows, format="jsonl")

    def open_notes(self) -> list[str]:
        return sorted(key for key in self.objects("raw") if "/open/" in key)

    def objects(self, zone: str) -> dict[str, bytes]:
        """The objects of a zone by key, but for Hadoop's own (`_SUCCESS` and checksums)."""
        folder = self.root / self.buckets[zone]
        files = [path for path in folder.rglob("*") if path.is_file() and path.name[0] not in "._"]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    def rejected(self, dataset: str = "transactions") -> list[dict[str, Any]]:
        found = [data for key, data in self.objects("quarantine").items() if key.startswith(f"rows/{dataset}/")]
        return [json.loads(text) for data in found for text in data.decode().splitlines()]
