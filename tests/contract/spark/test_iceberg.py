"""Glue jobs that write Iceberg tables, with our Data Catalog.

What a run wrote is read back by pyiceberg, another implementation; it is also the second writer of a table.
"""

import json
import threading

import pyarrow as pa
import pytest
from pyiceberg.exceptions import CommitFailedException

from tests.contract.spark.conftest import BUCKET, wait_for
from tests.contract.spark.iceberg import HEAD, order

SCRIPT = (
    HEAD
    + """
spark.sql(f"CREATE TABLE {name} (id bigint, kind string, day date, amount decimal(10,2)) USING iceberg"
          " PARTITIONED BY (days(day)) TBLPROPERTIES ('format-version'='2')")
spark.sql(f"INSERT INTO {name} VALUES (1,'a',DATE'2026-01-01',1.50),(2,'b',DATE'2026-01-01',2.50),"
          "(3,'c',DATE'2026-01-02',3.50)")
first = rows(f"SELECT snapshot_id FROM {name}.snapshots")[0][0]
spark.sql(f"MERGE INTO {name} t USING (SELECT * FROM VALUES (2L,'B',DATE'2026-01-01',CAST(20 AS decimal(10,2))),"
          "(4L,'d',DATE'2026-01-03',CAST(4 AS decimal(10,2))) AS v(id,kind,day,amount)) s ON t.id = s.id"
          " WHEN MATCHED AND s.kind = 'x' THEN DELETE WHEN MATCHED THEN UPDATE SET *"
          " WHEN NOT MATCHED THEN INSERT *")
merged = rows(f"SELECT id, kind, CAST(amount AS string) FROM {name} ORDER BY id")
spark.createDataFrame([(30, "C")], "id bigint, kind string").withColumn("day", F.to_date(F.lit("2026-01-02"))) \\
     .withColumn("amount", F.lit("30.00").cast("decimal(10,2)")).writeTo(name).overwritePartitions()
print(json.dumps({
    "merged": merged,
    "overwritten": rows(f"SELECT id, kind FROM {name} ORDER BY id"),
    "then": rows(f"SELECT id, kind FROM {name} VERSION AS OF {first} ORDER BY id"),
    "operations": [row[0] for row in rows(f"SELECT operation FROM {name}.snapshots ORDER BY committed_at")],
}))
"""
)

APPENDING = (
    HEAD
    + """
spark.sql(f"CREATE TABLE IF NOT EXISTS {name} (writer string, n bigint) USING iceberg"
          " TBLPROPERTIES ('commit.retry.num-retries'='50')")
for number in range(int(getResolvedOptions(sys.argv, ["commits"])["commits"])):
    spark.sql(f"INSERT INTO {name} VALUES ('spark', {number})")
    print(number, flush=True)
"""
)


@pytest.mark.parametrize(("driver", "memory"), [("warm", None), ("cold", 900)])
def test_a_job_creates_merges_overwrites_and_travels(agent, catalog, driver, memory):
    if driver == "warm":
        wait_for(lambda: agent.health()["warm"] == 1, 90, "a warm driver")
    run_id = agent.start(SCRIPT, driver_memory_mb=memory, **order(f"sales_{driver}"))
    run = agent.wait(run_id, 120)
    assert (run["state"], run["driver"]) == ("SUCCEEDED", driver), (run, agent.log(run_id, "error"))
    merged = [[1, "a", "1.50"], [2, "B", "20.00"], [3, "c", "3.50"], [4, "d", "4.00"]]
    overwritten = [[1, "a"], [2, "B"], [4, "d"], [30, "C"]]
    assert json.loads(agent.log(run_id)) == {
        "merged": merged,
        "overwritten": overwritten,
        "then": [[1, "a"], [2, "b"], [3, "c"]],
        "operations": ["append", "overwrite", "overwrite"],
    }
    found = catalog.load_table(f"ice.sales_{driver}").scan().to_arrow().sort_by("id")
    assert [[row["id"], row["kind"]] for row in found.to_pylist()] == overwritten
    entry = catalog.glue.get_table(DatabaseName="ice", Name=f"sales_{driver}")["Table"]
    assert entry["Parameters"]["table_type"] == "ICEBERG"
    assert entry["Parameters"]["metadata_location"].startswith(f"s3://{BUCKET}/warehouse/ice/sales_{driver}/")


def test_it_uses_the_runs_own_credentials(agent, catalog, s3):
    run_id = agent.start(APPENDING, driver_memory_mb=900, **order("keys", **{"--commits": "1"}))
    key = f"KEYOF{agent.count}"
    assert agent.wait(run_id, 120)["state"] == "SUCCEEDED", agent.log(run_id, "error")
    assert s3.askers(f"/{BUCKET}/warehouse/ice/keys/") == {key}


def test_the_script_may_set_the_catalog_itself(agent, catalog):
    """AWS's other way: the same settings by SparkConf, in the script."""
    asked = order("own_conf", **{"--commits": "1"})
    setting = f"from pyspark.conf import SparkConf\nconf = SparkConf().setAll({list(asked.pop('conf').items())})\n"
    script = setting + APPENDING.replace("SparkContext.getOrCreate()", "SparkContext.getOrCreate(conf=conf)")
    run_id = agent.start(script, **asked)
    assert agent.wait(run_id, 120)["state"] == "SUCCEEDED", agent.log(run_id, "error")
    assert catalog.load_table("ice.own_conf").scan().to_arrow().to_pylist() == [{"writer": "spark", "n": 0}]


def test_without_the_format_there_is_no_iceberg(agent, catalog):
    asked = order("none", **{"--datalake-formats": ""})
    run = agent.wait(agent.start(SCRIPT, driver_memory_mb=900, **asked), 120)
    assert run["state"] == "FAILED"
    assert "org.apache.iceberg.spark.SparkCatalog" in run["error_message"]


def test_two_writers_lose_nothing(agent, catalog):
    run_id = agent.start(APPENDING, driver_memory_mb=900, **order("shared", **{"--commits": "12"}))
    wait_for(lambda: agent.log(run_id).count("\n") or agent.get(run_id)["state"] == "FAILED", 120, "the first commit")
    lost = 0
    for number in range(12):
        while True:
            try:
                table = catalog.load_table("ice.shared")
                table.append(pa.table({"writer": ["pyiceberg"], "n": pa.array([number], pa.int64())}))
                break
            except CommitFailedException:
                lost += 1
    assert agent.wait(run_id, 120)["state"] == "SUCCEEDED", agent.log(run_id, "error")
    table = catalog.load_table("ice.shared")
    found = sorted((row["writer"], row["n"]) for row in table.scan().to_arrow().to_pylist())
    assert found == sorted((writer, n) for writer in ("spark", "pyiceberg") for n in range(12))
    assert len(table.metadata.snapshots) == 24


def test_a_killed_job_leaves_what_it_had_committed(agent, catalog):
    run_id = agent.start(APPENDING, driver_memory_mb=900, **order("killed", **{"--commits": "10000"}))
    wait_for(lambda: agent.log(run_id).count("\n") > 3, 120, "some commits")
    killing = threading.Thread(target=agent.http.delete, args=(f"/runs/{run_id}",))
    killing.start()
    killing.join()
    told = agent.log(run_id).count("\n")
    table = catalog.load_table("ice.killed")
    numbers = sorted(row["n"] for row in table.scan().to_arrow().to_pylist())
    assert numbers == list(range(len(table.metadata.snapshots)))
    assert told <= len(numbers) <= told + 1
    again = agent.start(APPENDING, driver_memory_mb=900, **order("killed", **{"--commits": "1"}))
    assert agent.wait(again, 120)["state"] == "SUCCEEDED", agent.log(again, "error")
    assert catalog.load_table("ice.killed").scan().to_arrow().num_rows == len(numbers) + 1
