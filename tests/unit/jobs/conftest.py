"""Tests of the Glue jobs run where the jobs run: in the environment that has pyspark and awsglue.

.tools/envs/glue-tests/bin/python -m pytest tests/unit/jobs
"""

import importlib.util

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import datetime
    import io
    import json
    import shutil
    import sys
    from collections import defaultdict
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    import pyarrow as pa
    import pyarrow.parquet as pq
    import pytest
    import yaml
    from pyspark.sql import SparkSession

    ROOT = Path(__file__).resolve().parents[3]

    # The jars lie beside this environment, in `.tools`; elsewhere tests of Iceberg tables are skipped.
    ICEBERG_JARS = sorted((Path(sys.prefix).parents[1] / "jars" / "iceberg").glob("*.jar"))
    CATALOG = "spark.sql.catalog.glue_catalog"

    @pytest.fixture(scope="session")
    def spark() -> Iterator[SparkSession]:
        """A small local session, in UTC as on Glue."""
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.driver.extraClassPath": ":".join(map(str, ICEBERG_JARS)),
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()

    @pytest.fixture
    def lake(spark: SparkSession, tmp_path: Path) -> SparkSession:
        """A session of its own whose `glue_catalog` is a folder: `<tmp_path>/warehouse/<database>/<table>`."""
        if not ICEBERG_JARS:
            pytest.skip("no Iceberg jar in .tools/jars/iceberg: `make up` or `make test` fetches it")
        session = spark.newSession()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.shuffle.partitions", "2")
        session.conf.set(CATALOG, "org.apache.iceberg.spark.SparkCatalog")
        session.conf.set(f"{CATALOG}.type", "hadoop")
        session.conf.set(f"{CATALOG}.warehouse", f"file:{tmp_path / 'warehouse'}")
        return session

    class ContractsOnS3:
        """As much of an S3 client as a job needs whose batch is empty: the contracts' documents, and empty listings."""

        def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
            assert (Bucket, Key.split("/")[0]) == ("artifacts", "contracts")
            text = (ROOT / Key.replace(".json", ".odcs.yaml")).read_text()
            return {"Body": io.BytesIO(json.dumps(yaml.safe_load(text), default=str).encode())}

        def get_paginator(self, operation: str) -> "ContractsOnS3":
            assert operation == "list_objects_v2"
            return self

        def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
            return [{}]

    def _arrow(kind: str) -> pa.DataType:
        if kind.startswith("decimal"):
            return pa.decimal128(*(int(part) for part in kind[8:-1].split(",")))
        names = {"string": "string", "int": "int32", "boolean": "bool", "date": "date32", "timestamp": "timestamp[us]"}
        return pa.type_for_alias(names[kind])

    class Zones:
        """The processed zone as files, and the curated tables over it.

        Attributes:
            spark: a session with `glue_catalog`.
            s3: an S3 client for the contracts.
            arguments: a job's arguments by name.
        """

        def __init__(self, spark: SparkSession, folder: Path) -> None:
            self.spark, self.s3, self._folder = spark, ContractsOnS3(), folder
            self.arguments = {
                "JOB_NAME": "job",
                "contracts": "s3://artifacts/contracts/",
                "processed": f"file:{folder / 'processed'}/",
                "database": "processed",
                "curated_database": "curated",
                "warehouse": f"file:{folder / 'warehouse' / 'curated'}/",
                "run_id": "run-1",
            }

        def write(self, dataset: str, rows: list[dict[str, Any]]) -> None:
            """Make these the dataset's rows: columns that are not given are NULL, those of days and months follow."""
            contract = yaml.safe_load((ROOT / "contracts" / f"{dataset}.odcs.yaml").read_text())["schema"][0]
            properties = {item["name"]: item for item in contract["properties"]}
            target = self._folder / "processed" / dataset
            shutil.rmtree(target, ignore_errors=True)
            months = [name for name, item in properties.items() if item.get("partitioned")]
            groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in rows:
                full = dict(row)
                for name, item in properties.items():
                    for source in item.get("transformSourceObjects", ()):
                        moment: datetime.datetime = row[source]
                        full[name] = moment.date() if item["physicalType"] == "date" else f"{moment:%Y-%m}"
                groups["/".join(f"{name}={full[name]}" for name in months)].append(full)
            schema = pa.schema(
                [(name, _arrow(item["physicalType"])) for name, item in properties.items() if name not in months]
            )
            for folder, some in groups.items():
                (target / folder).mkdir(parents=True)
                pq.write_table(pa.Table.from_pylist(some, schema), target / folder / "part-0.parquet")

        def rows(self, table: str) -> list[dict[str, Any]]:
            """All rows of a curated table, in one order."""
            found = [row.asDict() for row in self.spark.table(f"glue_catalog.curated.{table}").collect()]
            return sorted(found, key=lambda row: [str(value) for value in row.values()])

        def commits(self, table: str) -> int:
            """How many commits a curated table has had."""
            return self.spark.table(f"glue_catalog.curated.{table}.snapshots").count()

        def files(self, table: str) -> dict[str, str]:
            """The data files of a curated table, with their partitions."""
            files = self.spark.table(f"glue_catalog.curated.{table}.files").collect()
            return {row["file_path"]: str(row["partition"]) for row in files}

    @pytest.fixture
    def zones(lake: SparkSession, tmp_path: Path) -> Zones:
        """Empty zones in a folder."""
        return Zones(lake, tmp_path)
