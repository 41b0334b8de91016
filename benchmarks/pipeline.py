"""From four uploads to four KPI answers: the pipeline on warmed drivers, and its jobs by cold `spark-submit` in a row.

    PYTHONPATH=.:services .venv/bin/python benchmarks/pipeline.py

Starts two lakes of its own, one after the other; 10,000 transactions, 500 products, 5,000 events and 1,000 reviews go
in. The first has as many warmed drivers as there are datasets; their warming is measured apart. In the second nobody
warms: the files come in by the same state machine, and then the same four scripts are run one after the other as one
would without Laketop, by `spark-submit` with a JVM of its own. Both end with the four KPI queries. Processor time is
that of the whole machine, so nothing else should run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from laketop import settings as configuration
from laketop.settings import Settings
from laketop.spark.java import find as find_java
from laketop.spark.launch import _SETTINGS, properties_text
from laketop.stack import checkout, sample, terraform
from laketop.stack.clients import aws_environment, client

POOL = 4
JOBS = ("transaction-etl", "product-enrichment", "clickstream-aggregation", "master-data-merge")
QUERIES = {
    "daily_kpis": ("'2026-01-01'", "'2026-01-31'"),
    "top_products": ("'2026-01-01'", "'2026-01-31'", "'all'", "10"),
    "conversion_funnel": ("'2026-01-01'", "'2026-01-31'"),
    "customer_ltv": ("10",),
}


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the processor."""

    wall: float
    processor: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.processor + other.processor)

    def __str__(self) -> str:
        return f"{self.wall:6.1f} s, {self.processor:6.1f} s of processor"


def measured(action: Callable[[], Any]) -> tuple[Cost, Any]:
    """What an action costs, and what it gives."""

    def busy() -> float:
        times = psutil.cpu_times()
        return float(times.user + times.nice + times.system)

    before, began = busy(), time.monotonic()
    answer = action()
    return Cost(time.monotonic() - began, busy() - before), answer


def lake(state: Path, port: int, pool: int) -> Settings:
    """A lake's settings, in this process's environment too, as the commands read them there."""
    os.environ.update(LAKETOP_STATE=str(state), LAKETOP_PORT=str(port), LAKETOP_SPARK_POOL=str(pool))
    return configuration.load()


def laketop(*arguments: str) -> None:
    """Run a command of the CLI."""
    subprocess.run([sys.executable, "-m", "laketop.stack", *arguments], check=True, capture_output=True)


def wait_until_warm(settings: Settings) -> None:
    """Wait until all drivers of the pool are ready."""
    address = f"http://127.0.0.1:{settings.ports['spark']}/health"
    while httpx.get(address).json()["warm"] < POOL:
        time.sleep(0.5)


def ask(settings: Settings, outputs: Mapping[str, Any]) -> None:
    """The four KPI queries, by their names."""
    athena = client(settings, "athena")
    ids = list(outputs["named_queries"].values())
    named = {item["Name"]: item for item in athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]}
    for name, parameters in QUERIES.items():
        query = named[name]["QueryString"]
        answer(athena, query, outputs, ExecutionParameters=list(parameters))


def answer(athena: Any, sql: str, outputs: Mapping[str, Any], **more: Any) -> None:
    """Run a query in the curated zone and wait for it."""
    context = {"Database": outputs["databases"]["curated"]}
    started = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext=context, WorkGroup=outputs["work_group"], **more
    )
    while True:
        found = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]["Status"]
        if found["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.05)
    if found["State"] != "SUCCEEDED":
        raise SystemExit(f"{sql[:80]}: {found}")


def submit(settings: Settings, job: str, scratch: Path) -> None:
    """Run a Glue job's script by spark-submit, with what the job's definition says."""
    glue, s3 = client(settings, "glue"), client(settings, "s3")
    found = glue.get_job(JobName=f"laketop-local-{job}")["Job"]
    arguments = {name: value for name, value in found["DefaultArguments"].items() if value}
    files = {}
    for address in (found["Command"]["ScriptLocation"], arguments["--extra-py-files"]):
        bucket, _, key = address.removeprefix("s3://").partition("/")
        files[address] = scratch / key.replace("/", "-")
        s3.download_file(bucket, key, str(files[address]))
    confs = dict(part.split("=", 1) for part in arguments["--conf"].split(" --conf "))
    jars = sorted((checkout.tools() / "jars").rglob("*.jar"))
    own = {
        **_SETTINGS,
        **confs,
        "spark.master": "local[*]",
        "spark.driver.memory": "1g",
        "spark.driver.extraClassPath": ":".join(map(str, jars)),
        "spark.hadoop.fs.s3a.endpoint": settings.endpoint,
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.sql.catalog.glue_catalog.s3.path-style-access": "true",
    }
    properties = scratch / f"{job}.properties"
    properties.write_text(properties_text(own))
    passed = [
        part
        for name, value in (arguments | {"--JOB_NAME": job}).items()
        if name not in ("--conf", "--extra-py-files", "--datalake-formats", "--job-language")
        for part in (name, value)
    ]
    runtime = checkout.python("glue-runtime")
    java = find_java()
    environment = aws_environment(settings) | {
        "JAVA_HOME": str(java.home),
        "PYSPARK_PYTHON": str(runtime),
        "AWS_REGION": "us-east-1",
        "TZ": "UTC",
    }
    command = [str(runtime.parent / "spark-submit"), "--properties-file", str(properties), "--py-files"]
    command += [str(files[arguments["--extra-py-files"]]), str(files[found["Command"]["ScriptLocation"]]), *passed]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=scratch)
    if done.returncode:
        raise SystemExit(f"spark-submit of {job}: {done.stderr[-3000:]}")


def deployed(settings: Settings) -> dict[str, Any]:
    """Terraform's outputs of a lake that is up."""
    return terraform.outputs(settings, terraform.prepare(settings, "local"))


def warm(folder: Path, port: int) -> tuple[Cost, dict[str, Cost]]:
    """The pipeline on warmed drivers: what warming costs, and each part."""
    settings = lake(folder / "warm", port, POOL)
    laketop("up", "--no-sample")
    try:
        # the deployment goes on beside it, so this is what is left to wait for
        warming, _ = measured(lambda: wait_until_warm(settings))
        outputs = deployed(settings)
        files = sample.generate(settings)
        parts = {
            "ingest": measured(lambda: sample.ingest(settings, outputs, files))[0],
            "transform": measured(lambda: sample.transform(settings, outputs))[0],
            "four KPI queries": measured(lambda: ask(settings, outputs))[0],
        }
        return warming, parts
    finally:
        laketop("down")


def cold(folder: Path, port: int) -> dict[str, Cost]:
    """The same, the jobs by spark-submit one after the other."""
    settings = lake(folder / "cold", port, 0)
    laketop("up", "--no-sample")
    try:
        outputs = deployed(settings)
        files = sample.generate(settings)
        parts = {"ingest": measured(lambda: sample.ingest(settings, outputs, files))[0]}
        for job in JOBS:
            parts[f"spark-submit {job}"] = measured(lambda job=job: submit(settings, job, folder))[0]
        views = {path.stem: path.read_text() for path in sorted((checkout.ROOT / "sql" / "views").glob("*.sql"))}
        processed = outputs["databases"]["processed"]

        def make_views() -> None:
            for name, sql in views.items():
                text = sql.replace("${processed}", processed)
                answer(client(settings, "athena"), f"CREATE OR REPLACE VIEW {name} AS\n{text}", outputs)

        parts["views"] = measured(make_views)[0]
        parts["four KPI queries"] = measured(lambda: ask(settings, outputs))[0]
        return parts
    finally:
        laketop("down")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=24000)
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory() as scratch:
        warming, ours = warm(Path(scratch), port)
        theirs = cold(Path(scratch), port + 10)
    for title, parts in (("warmed drivers", ours), ("spark-submit, one after the other", theirs)):
        print(title)
        for name, cost in parts.items():
            print(f"  {name:<40}{cost}")
    mine, other = sum(ours.values(), Cost(0, 0)), sum(theirs.values(), Cost(0, 0))
    print(f"warming, after the deployment: {warming}")
    print(f"from uploads to answers: {mine} against {other}: {other.wall / mine.wall:.1f} times as fast")
    print(f"warming counted: {other.wall / (mine.wall + warming.wall):.1f} times as fast")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
