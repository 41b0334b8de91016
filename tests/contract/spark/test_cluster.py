"""Runs on a Spark standalone cluster: a master and two workers, as processes of this machine.

Expected rows: pyarrow over what the run wrote, Python over what it read.
"""

import io
import json
import signal
import zipfile

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.spark.conftest import BUCKET, OVER, Agent, wait_for
from tests.contract.spark.iceberg import HEAD, order
from tests.contract.spark.nodes import Cluster

TWO = {"type": "G.1X", "number": 3, "dpus": 1, "memory_dpus": 1}
ROWS = [(number, f"kind {number % 3}", number * 1.25) for number in range(1000)]

SCRIPT = """
import json, os, sys, time
import boto3
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F
import single

args = getResolvedOptions(sys.argv, ["source", "target"])
spark = GlueContext(SparkContext.getOrCreate()).spark_session

@F.udf("string")
def place(number):
    import archived, single
    time.sleep(0.4)
    folder = os.getcwd()
    return json.dumps({
        "executor": folder, "values": [archived.VALUE, single.VALUE], "files": [archived.__file__, single.__file__],
        "key": os.environ["AWS_ACCESS_KEY_ID"], "zone": time.tzname[0], "names": sorted(os.environ),
    })

spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
rows = spark.read.csv(args["source"], header=True, schema="id bigint, kind string, amount double").repartition(4)
rows.write.mode("overwrite").partitionBy("kind").parquet(args["target"])
again = rows.filter("kind = 'kind 1' and id < 100").withColumn("amount", F.lit(0.0))
again.write.mode("overwrite").partitionBy("kind").parquet(args["target"])
back = spark.read.parquet(args["target"])
sc = spark.sparkContext
print(json.dumps({
    "places": [json.loads(row[0]) for row in spark.range(8, numPartitions=8).select(place("id")).collect()],
    "count": back.count(), "total": back.agg(F.sum("amount")).first()[0],
    "conf": {name: sc.getConf().get(name) for name in
             ("spark.master", "spark.driver.host", "spark.executor.cores", "spark.executor.memory", "spark.cores.max")},
    "redacted": [row.value for row in spark.sql("SET").collect() if row.key.endswith(("access.key", "ACCESS_KEY_ID"))],
}))
"""

# Not the address that drivers would find out: so that a test sees whose it is.
RUNS = {"LAKETOP_CLUSTER_WAIT_SECONDS": "4", "LAKETOP_DRIVER_HOST": "localhost"}


@pytest.fixture(scope="module")
def cluster(tools, tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    for _ in range(2):
        cluster.add(cores=1, memory=1024)
    yield cluster
    cluster.end()


@pytest.fixture(scope="module")
def lake(cluster, s3, tmp_path_factory):
    """An agent whose runs go to the cluster. No driver warms beside them: the tests need the CPU."""
    agent = Agent(tmp_path_factory.mktemp("lake"), 0, s3, **cluster.settings, **RUNS)
    cluster.ready()
    yield agent
    agent.end()
    assert agent.processes() == []


def _zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("archived.py", "VALUE = 'from the archive'")
    return data.getvalue()


@pytest.fixture(scope="module")
def run(cluster, s3, tmp_path_factory):
    """What the agent says of a run by a warmed driver, with its `output` and `error` logs."""
    agent = Agent(tmp_path_factory.mktemp("warm"), 1, s3, **cluster.settings, **RUNS)
    cluster.ready()
    wait_for(lambda: agent.health()["warm"] == 1, 180, "a warm driver")
    assert cluster.master.look()["activeapps"] == []
    extra = [s3.put("cluster-code/lib.whl", _zip()), s3.put("cluster-code/single.py", "VALUE = 40")]
    source = s3.put("in/cluster.csv", "id,kind,amount\n" + "".join(f"{i},{kind},{x}\n" for i, kind, x in ROWS))
    arguments = {"--source": source, "--target": f"s3://{BUCKET}/cluster"}
    found = agent.wait(agent.start(SCRIPT, arguments=arguments, extra_py_files=extra, workers=TWO), 180)
    found |= {stream: agent.log(found["run_id"], stream) for stream in ("output", "error")}
    agent.end()
    assert agent.processes() == []
    return found


@pytest.fixture(scope="module")
def report(run):
    assert run["state"] == "SUCCEEDED", run
    return json.loads(run["output"])


def test_both_workers_did_tasks(report, run, cluster):
    executors = {place["executor"] for place in report["places"]}
    folders = {folder for folder in (cluster.state / "spark" / "workers").iterdir() if folder.is_dir()}
    assert len(executors) == len(folders) == 2
    assert {folder for folder in folders for each in executors if each.startswith(str(folder))} == folders
    assert run["driver"] == "warm"


def test_its_warm_driver_held_nothing_while_it_waited(report, run, cluster):
    (app,) = cluster.master.look()["completedapps"]
    assert (run["driver"], app["name"], app["cores"]) == ("warm", "a job", 2)


def test_the_executors_are_as_the_worker_type_says(report, cluster):
    assert report["conf"] == {
        "spark.master": cluster.url,
        "spark.driver.host": "localhost",
        "spark.executor.cores": "1",
        "spark.executor.memory": "1024m",
        "spark.cores.max": "2",
    }


def test_extra_files_come_to_the_workers(report):
    for place in report["places"]:
        assert place["values"] == ["from the archive", 40]
        assert all(file.startswith(place["executor"]) for file in place["files"]), place


def test_partition_overwrite_replaces_only_what_was_written(report, s3):
    expected = [(i, kind, x) for i, kind, x in ROWS if kind != "kind 1"]
    expected += [(i, kind, 0.0) for i, kind, _ in ROWS if kind == "kind 1" and i < 100]
    written = []
    for key in s3.keys("cluster/"):
        if key.endswith(".parquet"):
            kind = key.split("/")[1].removeprefix("kind=").replace("%20", " ")
            written += [
                (row["id"], kind, row["amount"]) for row in pq.read_table(pa.BufferReader(s3.get(key))).to_pylist()
            ]
    assert sorted(written) == sorted(expected)
    assert (report["count"], report["total"]) == (len(expected), sum(row[2] for row in expected))
    assert not [key for key in s3.keys("cluster/") if "_temporary" in key]


def test_executors_use_the_runs_own_credentials_and_are_in_utc(report, s3):
    (key,) = {place["key"] for place in report["places"]}
    assert key.startswith("KEYOF")
    assert s3.askers("/lake/cluster/") - {"TESTS"} == {key}
    assert {place["zone"] for place in report["places"]} == {"UTC"}


def test_nothing_of_the_workers_owner_reaches_an_executor(report):
    names = {name for place in report["places"] for name in place["names"]}
    assert not {name for name in names if name.startswith(("A_SECRET", "COVERAGE"))}
    assert {name for name in names if name.startswith("LAKETOP")} == {"LAKETOP_INSTANCE"}


def test_credentials_are_in_no_log_page_or_command_line(report, cluster, run):
    """The script's own output has them, as it asked for them; what is looked at here is all else."""
    number = {place["key"] for place in report["places"]}.pop().removeprefix("KEYOF")
    secrets = [f"KEYOF{number}", f"token-{number}", f"hidden-{number}"]
    assert all("redacted" in value for value in report["redacted"])
    texts = {"error log": run["error"]}
    texts |= {str(file): file.read_text(errors="replace") for file in cluster.state.rglob("std*") if file.is_file()}
    texts |= {str(file): file.read_text() for file in cluster.state.glob("*.log")}
    (app,) = cluster.master.look()["completedapps"]
    for path in ("", f"app/?appId={app['id']}", "environment/", "json/"):
        page = httpx.get(cluster.master.page.replace("json/", path), trust_env=False)
        assert page.status_code == 200, path
        texts[path] = page.text
    assert len([name for name in texts if name.endswith("stderr")]) == 2
    for name, text in texts.items():
        assert not [secret for secret in secrets if secret in text], name


def test_its_error_log_has_nothing_but_what_the_script_says(report, run):
    assert run["error"] == ""


def test_the_nodes_are_well_and_say_so(run, cluster):
    assert [node.health() for node in (cluster.master, *cluster.workers)] == [(0, "")] * 3


ICEBERG = (
    HEAD
    + """
spark.sql(f"CREATE TABLE {name} (id bigint, day date) USING iceberg PARTITIONED BY (day)")
spark.range(4, numPartitions=2).selectExpr("id", "date'2026-01-01' as day").writeTo(name).append()
spark.sql(f"MERGE INTO {name} t USING (SELECT 1L AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE")
print(json.dumps(rows(f"SELECT id FROM {name} ORDER BY id")))
"""
)


def test_executors_read_and_write_iceberg(lake, cluster, catalog, s3):
    run_id = lake.start(ICEBERG, workers=TWO, **order("on_cluster"))
    key = f"KEYOF{lake.count}"
    run = lake.wait(run_id, 180)
    assert run["state"] == "SUCCEEDED", (run, lake.log(run_id, "error"))
    assert json.loads(lake.log(run_id)) == [[0], [2], [3]]
    found = catalog.load_table("ice.on_cluster").scan().to_arrow()
    assert sorted(found["id"].to_pylist()) == [0, 2, 3]
    assert s3.askers(f"/{BUCKET}/warehouse/ice/on_cluster/") - {"TESTS"} == {key}


def test_a_run_for_which_no_worker_is_large_enough_fails_and_says_so(lake, cluster):
    run = lake.run("print('never')", workers=TWO | {"type": "G.2X", "dpus": 2, "memory_dpus": 2})
    assert run["state"] == "FAILED"
    assert "needs 2 cores and 2048 MB, its workers have 1 core and 1024 MB." in run["error_message"]
    assert cluster.url in run["error_message"]
    assert lake.log(run["run_id"], "error").strip() == run["error_message"]
    assert lake.log(run["run_id"]) == ""


def test_a_script_that_asks_for_too_much_fails_too(lake, cluster):
    script = """
from pyspark.sql import SparkSession
SparkSession.builder.config("spark.executor.memory", "3g").getOrCreate().range(1).count()
"""
    run = lake.run(script, workers=TWO)
    assert run["state"] == "FAILED"
    assert "needs 1 core and 3072 MB" in run["error_message"]
    assert run["error_message"] in lake.log(run["run_id"], "error")
    wait_for(lambda: cluster.master.look()["activeapps"] == [], 30, "the end of its executors")


SLOW = """
import json, os, time
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
@F.udf("long")
def slow(number):
    time.sleep(0.5)
    return number
print("begun", flush=True)
print(spark.range(TASKS, numPartitions=TASKS).select(F.sum(slow("id"))).first()[0])
"""


def _begun(lake, cluster, tasks):
    """A run of slow tasks, once all workers have an executor for it."""
    run_id = lake.start(SLOW.replace("TASKS", str(tasks)), workers=TWO)
    wait_for(lambda: "begun" in lake.log(run_id) or lake.get(run_id)["state"] in OVER, 180, "its first task")
    wait_for(lambda: all(worker.look()["executors"] for worker in cluster.living()), 60, "executors")
    return run_id


def test_a_run_survives_a_killed_worker(lake, cluster):
    run_id = _begun(lake, cluster, 16)
    wait_for(lambda: "pyspark.daemon" in cluster.workers[0].commands(), 60, "a Python worker")
    cluster.workers[0].end(signal.SIGKILL)
    run = lake.wait(run_id, 180)
    assert (run["state"], run["error_message"]) == ("SUCCEEDED", None), lake.log(run_id, "error")
    assert lake.log(run_id).split() == ["begun", str(sum(range(16)))]
    assert "Lost executor" in lake.log(run_id, "error")
    cluster.ready()


def test_a_run_on_fewer_workers_says_so_and_fails_when_the_master_is_killed(lake, cluster):
    run_id = _begun(lake, cluster, 1000)
    cluster.master.end(signal.SIGKILL)
    run = lake.wait(run_id, 60)
    assert run["state"] == "FAILED"
    assert f"The Spark cluster {cluster.url} cannot run this job. It does not answer" in run["error_message"]
    first, *_, last = lake.log(run_id, "error").splitlines()
    assert first.startswith(
        "Laketop: the cluster has room for 1 of the 2 executors that this run asks for (3 workers of"
    )
    assert last == run["error_message"]


def test_a_run_whose_cluster_is_not_there_fails_before_it_begins(lake, cluster):
    run = lake.run("print('never')", workers=TWO)
    assert (run["state"], lake.log(run["run_id"])) == ("FAILED", "")
    assert "start it, or set SPARK_MASTER and LAKETOP_MASTER_UI_PORT" in run["error_message"]
