"""Spark inside the driver: starting its JVM, warming it, giving it a run's settings.

A warmed driver has its JVM up and has done a small job on local files; then its context is stopped, so that a script
makes its own, as on AWS. A run's settings and credentials become system properties of the JVM, which is where a new
Spark configuration starts from.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .paths import code_file, import_path, module_folder

# The name of each credential as an environment variable, for S3A, and for the AWS SDK in the JVM.
_CREDENTIALS = (
    ("AWS_ACCESS_KEY_ID", "spark.hadoop.fs.s3a.access.key", "aws.accessKeyId"),
    ("AWS_SECRET_ACCESS_KEY", "spark.hadoop.fs.s3a.secret.key", "aws.secretAccessKey"),
    ("AWS_SESSION_TOKEN", "spark.hadoop.fs.s3a.session.token", "aws.sessionToken"),
    ("AWS_DEFAULT_REGION", "spark.hadoop.fs.s3a.endpoint.region", "aws.region"),
    ("AWS_ENDPOINT_URL", "spark.hadoop.fs.s3a.endpoint", "aws.endpointUrl"),
)
_S3A = "org.apache.hadoop.fs.s3a."
_CATALOG = "spark.sql.catalog."
_LAUNCH_VARIABLES = ("SPARK_SUBMIT_OPTS", "PYSPARK_SUBMIT_ARGS")


def properties(job: Mapping[str, Any]) -> dict[str, str]:
    """The JVM system properties of a run: its `conf`, its credentials, its extra Python files.

    Args:
        job: `job_name`, `conf`, `environment`, `extra_py_files` (S3 URIs), `code` (folder they are fetched to),
            `cluster` (None on this machine; else with `settings`, which have the run's own taken into account).

    A run's catalogs of Iceberg's get path-style addresses where there is an endpoint: a bucket is no host name there.
    """
    environment: Mapping[str, str] = job["environment"]
    result = {"spark.app.name": job["job_name"]}
    for variable, s3a, sdk in _CREDENTIALS:
        if variable in environment:
            result[s3a] = result[sdk] = environment[variable]
    # Handed over in the configuration, not by the environment alone: executors elsewhere need them too.
    provider = (
        "TemporaryAWSCredentialsProvider" if "AWS_SESSION_TOKEN" in environment else "SimpleAWSCredentialsProvider"
    )
    result["spark.hadoop.fs.s3a.aws.credentials.provider"] = _S3A + provider
    result["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(
        not environment.get("AWS_ENDPOINT_URL", "").startswith("http://")
    ).lower()
    # Python workers are children of the JVM, whose environment is older than the run.
    result |= {f"spark.executorEnv.{variable}": environment[variable] for variable in environment}
    result["spark.executorEnv.PYTHONPATH"] = ":".join(import_path(job["code"], job["extra_py_files"]))
    if "AWS_ENDPOINT_URL" in environment:
        result |= {f"{catalog}.s3.path-style-access": "true" for catalog in _iceberg_catalogs(job["conf"])}
    result |= _travelling(job) if job["cluster"] else {}
    result |= job["conf"]
    if job["cluster"]:
        result |= job["cluster"]["settings"]
        if job["extra_py_files"]:
            result["spark.files"] = _listed(job["conf"].get("spark.files"), *_code(job))
    return result


def _travelling(job: Mapping[str, Any]) -> dict[str, str]:
    """What executors elsewhere need besides: the region for Java, and where their copies of extra files lie.

    Spark puts the files of `spark.files` into an executor's working folder, which its Python workers start in.
    """
    result = {}
    if "AWS_DEFAULT_REGION" in job["environment"]:
        result["spark.executorEnv.AWS_REGION"] = job["environment"]["AWS_DEFAULT_REGION"]
    here = import_path(job["code"], job["extra_py_files"])
    folder = module_folder(job["code"])
    there = [path.replace(folder, ".", 1) for path in here]
    result["spark.executorEnv.PYTHONPATH"] = ":".join(there + here)
    return result


def _code(job: Mapping[str, Any]) -> list[str]:
    """The extra Python files of a run, as they are fetched before its script begins: URIs of local files."""
    names = dict.fromkeys(map(code_file, job["extra_py_files"]))
    return [Path(module_folder(job["code"]), name).as_uri() for name in names]


def _listed(*values: str | None) -> str:
    return ",".join(filter(None, values))


def prepare(job: Mapping[str, Any]) -> dict[str, str]:
    """Give the JVM (started now, where it is not up yet) a run's settings and the jars that it asked for.

    Returns:
        The settings.
    """
    jvm = _gateway().jvm
    settings = properties(job)
    _add_jars(jvm, job["jars"])
    if job["jars"] and not jvm.System.getProperty("spark.master").startswith("local"):
        # Executors elsewhere are other JVMs.
        settings["spark.jars"] = _listed(settings.get("spark.jars"), *job["jars"])
    for name, value in settings.items():
        jvm.System.setProperty(name, value)
    return settings


def _iceberg_catalogs(conf: Mapping[str, str]) -> list[str]:
    """The settings that name a catalog of Iceberg's, e.g. `spark.sql.catalog.glue_catalog`."""
    return [
        name
        for name, value in conf.items()
        if name.startswith(_CATALOG) and "." not in name[len(_CATALOG) :] and value.startswith("org.apache.iceberg.")
    ]


def _add_jars(jvm: Any, jars: Sequence[str]) -> None:
    """Let the JVM's class loader for user code find classes in these jars, as `spark.jars` does at a JVM's start."""
    loader = jvm.Thread.currentThread().getContextClassLoader()
    for jar in jars:
        loader.addURL(jvm.java.io.File(jar).toURI().toURL())


def warm_up() -> None:
    """Start the JVM and let it do once what most jobs do, on local files; leaves no context and no file behind."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    master = _gateway().jvm.System.getProperty("spark.master")
    # A driver that waits must hold nothing of a cluster, and its files are on this machine.
    local = master if master.startswith("local") else "local[*]"
    session = SparkSession.builder.master(local).appName("warm-up").getOrCreate()
    rows = session.range(200).select(
        "id",
        f.concat(f.lit("c"), f.col("id") % 3).alias("kind"),
        f.lit("2026-01-01").alias("day"),
        f.rand(1).alias("x"),
    )
    rows.coalesce(1).write.csv(f"{folder}/csv", header=True)
    read = session.read.csv(f"{folder}/csv", header=True, inferSchema=True)
    read.first()
    read.withColumn("day", f.to_date("day")).dropDuplicates(["id"]).write.partitionBy("kind").parquet(
        f"{folder}/parquet"
    )
    session.read.parquet(f"{folder}/parquet").groupBy("kind").agg(f.sum("x"), f.count("*")).orderBy("kind").collect()
    _touch_s3(session)
    session.stop()
    _import_libraries()
    jvm = _gateway().jvm
    # Cached file systems hold the settings of the warm-up.
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    jvm.System.gc()
    shutil.rmtree(folder, ignore_errors=True)


def end_jvm() -> None:
    """End the JVM in good order and wait for it (a class-data archive is written at its exit)."""
    process = _gateway().proc
    process.stdin.close()
    code = process.wait(timeout=300)
    if code != 0:
        raise RuntimeError(f"Spark's JVM ended with code {code}")


def _gateway() -> Any:
    """The gateway to the JVM, which is started when this is first called."""
    from pyspark import SparkContext

    SparkContext._ensure_initialized()
    # How the JVM was started is no business of the script, nor of what the script starts.
    for variable in _LAUNCH_VARIABLES:
        os.environ.pop(variable, None)
    return SparkContext._gateway


def _touch_s3(session: Any) -> None:
    """Load the S3 client's classes: one request to a port where nobody answers."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-not-found]

    jvm = session._jvm
    settings = jvm.org.apache.hadoop.conf.Configuration(session._jsc.hadoopConfiguration())
    for name, value in (
        ("endpoint", "http://127.0.0.1:9"),
        ("endpoint.region", "us-east-1"),
        ("aws.credentials.provider", _S3A + "SimpleAWSCredentialsProvider"),
        ("access.key", "warm-up"),
        ("secret.key", "warm-up"),
        ("attempts.maximum", "1"),
        ("retry.limit", "0"),
    ):
        settings.set(f"fs.s3a.{name}", value)
    path = jvm.org.apache.hadoop.fs.Path("s3a://warm-up/file")
    try:
        path.getFileSystem(settings).exists(path)
    except Py4JJavaError:
        return
    raise RuntimeError("something answers S3 requests on port 9 of this machine")


def _import_libraries() -> None:
    """Import what nearly every script imports, and what fetching it needs."""
    import boto3

    import awsglue  # noqa: F401

    boto3.session.Session().client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="warm-up",
        aws_secret_access_key="warm-up",  # noqa: S106
    )


def asked_of(settings: Mapping[str, str], names: Sequence[str]) -> dict[str, str] | None:
    """The settings of these names that the script's Spark context has, or will have; those that are set.

    Args:
        settings: those of the run, which a context starts from.
        names: of settings.

    Returns:
        None where the script made itself a context on another master than the run's.
    """
    from py4j.protocol import Py4JError, Py4JNetworkError
    from pyspark import SparkContext

    planned = {name: settings[name] for name in names if name in settings}
    # A context that is being made, or was stopped, has no JVM's half.
    context = getattr(SparkContext._active_spark_context, "_jsc", None)
    if context is None:
        return planned
    try:
        conf = context.sc().conf()
        if conf.get("spark.master").startswith("local"):
            return None
        return {name: conf.get(name) for name in names if conf.contains(name)}
    except (Py4JError, Py4JNetworkError):
        return planned  # it is just being stopped
