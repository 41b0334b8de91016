"""One run of a warmed driver that does what jobs do; the tests look at its different sides.

Expected rows: pyarrow over the input file and over what the run wrote.
"""

import csv
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.spark.conftest import BUCKET

ROWS = [(number, f"kind {number % 3}", f"2026-01-{number % 5 + 1:02}", number * 1.25) for number in range(1000)]

SCRIPT = """
import importlib, json, os, sys
import boto3
import archived, single
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "target"])
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
job = Job(glue)
job.init(args["JOB_NAME"], args)
glue.get_logger().info("hello from the logger")

rows = spark.read.csv(args["source"], header=True, schema="id bigint, kind string, day date, amount double")
rows.filter("amount > 10").write.mode("overwrite").partitionBy("kind").parquet(args["target"])

def missing(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return str(error)

@F.udf("string")
def in_worker(number):
    return f"{os.environ['AWS_ACCESS_KEY_ID']} {archived.VALUE} {single.VALUE + number}"

now = spark.sql("select current_timezone() as zone").first()
boto3.client("s3").put_object(Bucket="lake", Key="report.json", Body=json.dumps({
    "argv": sys.argv[1:], "name": sys.argv[0].rpartition("/")[2], "main": __name__,
    "environment": dict(os.environ), "cwd": os.listdir("."), "zone": now.zone,
    "missing": {name: missing(name) for name in ("duckdb", "laketop", "life", "control", "sqlglot")},
    "worker": [row[0] for row in spark.range(2).select(in_worker("id")).collect()],
    "conf": {name: spark.conf.get(name) for name in ("spark.job.own", "spark.app.name")},
    "hash_seed": os.environ.get("PYTHONHASHSEED"),
}))
job.commit()
print("done ünïcode")
"""


def _csv():
    text = io.StringIO()
    csv.writer(text).writerows([("id", "kind", "day", "amount"), *ROWS])
    return text.getvalue()


def _zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("archived.py", "VALUE = 'from the archive'")
    return data.getvalue()


@pytest.fixture(scope="module")
def run(agent, s3):
    extra = [s3.put("code/lib.zip", _zip()), s3.put("code/single.py", "VALUE = 40")]
    source = s3.put("in/rows.csv", _csv())
    arguments = {"--source": source, "--target": f"s3://{BUCKET}/out", "--k": "a b"}
    body = {"run_id": "jr_etl", "arguments": arguments, "extra_py_files": extra, "conf": {"spark.job.own": "x = y:z"}}
    return agent.run(SCRIPT, **body)


@pytest.fixture(scope="module")
def report(run, agent, s3):
    assert run["state"] == "SUCCEEDED", (run, agent.log("jr_etl", "error"))
    return json.loads(s3.get("report.json"))


def test_it_ends_well_in_a_warm_driver(report, run):
    assert (run["state"], run["driver"], run["exit_code"], run["error_message"]) == ("SUCCEEDED", "warm", 0, None)
    assert run["started_on"] < run["completed_on"]


def test_it_writes_partitioned_parquet(report, s3):
    written = []
    for key in s3.keys("out/"):
        if key.endswith(".parquet"):
            kind = key.split("/")[1].removeprefix("kind=").replace("%20", " ")
            rows = pq.read_table(pa.BufferReader(s3.get(key))).to_pylist()
            written += [(row["id"], kind, str(row["day"]), row["amount"]) for row in rows]
    assert sorted(written) == [row for row in ROWS if row[3] > 10]
    assert not [key for key in s3.keys("out/") if "_temporary" in key]


def test_everyone_in_it_uses_the_runs_own_credentials(report, s3, agent):
    key = report["environment"]["AWS_ACCESS_KEY_ID"]
    assert key.startswith("KEYOF")
    # TESTS is these tests, which put the input there and look at the output.
    for path in ("/lake/in/rows.csv", "/lake/out/", "/lake/report.json", "/lake/scripts/jr_etl.py", "/lake/code/"):
        assert s3.askers(path) - {"TESTS"} == {key}, path


def test_python_workers_have_its_credentials_and_files(report):
    key = report["environment"]["AWS_ACCESS_KEY_ID"]
    assert report["worker"] == [f"{key} from the archive 40", f"{key} from the archive 41"]


def test_arguments_come_as_on_glue(report):
    argv = report["argv"]
    pairs = dict(zip(argv[::2], argv[1::2], strict=True))
    assert pairs["--JOB_NAME"] == "a job"
    assert pairs["--JOB_RUN_ID"] == "jr_etl"
    assert pairs["--k"] == "a b"
    assert (report["name"], report["main"]) == ("jr_etl.py", "__main__")


def test_settings_of_the_run_reach_spark(report):
    assert report["conf"] == {"spark.job.own": "x = y:z", "spark.app.name": "a job"}


def test_nothing_of_laketop_can_be_imported(report):
    assert report["missing"] == {
        name: f"No module named '{name}'" for name in ("duckdb", "laketop", "life", "control", "sqlglot")
    }


def test_its_environment_is_its_own(report):
    names = {name for name in report["environment"] if not name.startswith(("AWS_", "SPARK_"))}
    assert names == {
        "HOME",
        "JAVA_HOME",
        "LAKETOP_INSTANCE",
        "LANG",
        "PATH",
        "PYSPARK_PYTHON",
        "PYTHONHASHSEED",
        "PYTHONUNBUFFERED",
        "TMPDIR",
        "TZ",
    }
    assert report["zone"] in ("UTC", "Etc/UTC")
    assert report["cwd"] == []


def test_logs_are_the_runs_alone_and_can_be_read_on(report, agent):
    assert agent.log("jr_etl") == "done ünïcode\n"
    assert agent.log("jr_etl", offset=5) == "ünïcode\n"
    error = agent.log("jr_etl", "error")
    assert "INFO" in error
    assert "GlueLogger: hello from the logger" in error
    assert "warm-up" not in error
    answer = agent.http.get("/runs/jr_etl/logs/output", params={"offset": 5})
    assert answer.headers["X-Next-Offset"] == str(len("done ünïcode\n".encode()))


def test_nothing_is_left_of_its_driver(report, agent):
    folders = [each for each in (agent.state / "spark").iterdir() if (each / "output.log").read_text().count("done")]
    assert [sorted(entry.name for entry in folder.iterdir()) for folder in folders] == [["error.log", "output.log"]]
    assert str(folders[0]) not in agent.commands()
