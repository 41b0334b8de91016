"""A run's arguments: which of them Glue itself takes, and what becomes of each here.

Everything else belongs to the script. A parameter of Glue's is honoured, or it is noted in the run's log since it
changes nothing that the job's result shows (metrics, user interfaces, speed), or the run is refused: nothing is dropped
unsaid.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from laketop.glue.errors import InvalidInput, NotSupported


@dataclass(frozen=True)
class Plan:
    """What a run is started with.

    Attributes:
        arguments: every argument that the script sees, with its `--`.
        extra_py_files: S3 URIs of modules and archives for the script's path.
        conf: Spark's settings.
        datalake_formats: the table formats whose libraries the run gets.
        notes: sentences for the run's log about what is ignored.
    """

    arguments: dict[str, str]
    extra_py_files: tuple[str, ...]
    conf: dict[str, str]
    datalake_formats: tuple[str, ...]
    notes: tuple[str, ...]


# Parameter → the values that need nothing to be done; with any other it is refused.
REFUSED: dict[str, frozenset[str]] = {
    "--additional-python-modules": frozenset(),
    "--class": frozenset(),
    "--customer-driver-env-vars": frozenset(),
    "--customer-executor-env-vars": frozenset(),
    "--custom-logGroup-prefix": frozenset(),
    "--custom-logStream-prefix": frozenset(),
    "--enable-glue-datacatalog": frozenset({"false"}),
    "--enable-lakeformation-fine-grained-access": frozenset({"false"}),
    "--encryption-type": frozenset(),
    "--extra-files": frozenset(),
    "--extra-jars": frozenset(),
    "--job-bookmark-from": frozenset(),
    "--job-bookmark-option": frozenset({"job-bookmark-disable"}),
    "--job-bookmark-to": frozenset(),
    "--job-language": frozenset({"python"}),
    "--python-modules-installer-option": frozenset(),
    "--scriptLocation": frozenset(),
    "--user-jars-first": frozenset({"false"}),
}

# Parameter → why ignoring it is safe.
NOTED: dict[str, str] = {
    "--auto-scale-within-microbatch": "a run keeps the workers that it begins with",
    "--continuous-log-conversionPattern": "log lines are as Spark writes them",
    "--continuous-log-logGroup": "logs are in the run's LogGroupName, in its groups output and error",
    "--continuous-log-logStreamPrefix": "logs are in the run's LogGroupName, in its groups output and error",
    "--disable-proxy-v2": "there is no proxy",
    "--enable-auto-scaling": "a run keeps the workers that it begins with",
    "--enable-continuous-cloudwatch-log": "logs go to CloudWatch while the run goes on, always",
    "--enable-continuous-log-filter": "logs are not filtered",
    "--enable-job-insights": "there are no job insights",
    "--enable-metrics": "there are no job metrics",
    "--enable-observability-metrics": "there are no job metrics",
    "--enable-rename-algorithm-v2": "it makes no difference to the result",
    "--enable-s3-parquet-optimized-committer": "it makes no difference to the result",
    "--enable-spark-ui": "there is no Spark UI",
    "--executor-cores": "an executor has the cores of its worker type, or without a cluster the machine's",
    "--spark-event-logs-path": "there is no Spark UI",
    "--use-postgres-driver": "there are no connections",
    "--write-shuffle-files-to-s3": "it makes no difference to the result",
    "--write-shuffle-spills-to-s3": "it makes no difference to the result",
}

# The table formats that Glue knows → whether their libraries are here.
FORMATS = {"iceberg": True, "delta": False, "hudi": False}

# The members of a job or run that hold arguments, each before those that win over it.
LAYERS = ("DefaultArguments", "Arguments", "NonOverridableArguments")

_OFF = "false"  # an option that is switched off needs no word


def plan(*layers: Mapping[str, str]) -> Plan:
    """Merge arguments (later layers win) and sort out those that Glue itself takes.

    Raises:
        NotSupported: a parameter of Glue's cannot be honoured.
        InvalidInput: --conf, --datalake-formats or --extra-py-files cannot be read.

    Follows "Using job parameters in AWS Glue jobs" and "Using data lake frameworks with AWS Glue ETL jobs" of the AWS
    Glue Developer Guide.
    """
    arguments: dict[str, str] = {}
    for layer in layers:
        arguments |= layer
    for name, value in arguments.items():
        if name in REFUSED and value.strip().lower() not in REFUSED[name]:
            raise NotSupported(f"The job argument {name} {value!r}")
    ignored = [name for name in arguments if name in NOTED and arguments[name].strip().lower() != _OFF]
    notes = tuple(f"{name} is ignored: {NOTED[name]}." for name in ignored)
    return Plan(
        arguments,
        _files(arguments.get("--extra-py-files", "")),
        _conf(arguments.get("--conf", "")),
        _formats(arguments.get("--datalake-formats", "")),
        notes,
    )


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(one.strip().lower() for one in text.split(",") if one.strip()))
    for name in formats:
        if name not in FORMATS:
            raise InvalidInput(f"--datalake-formats: {name!r} is none of {', '.join(FORMATS)}.")
        if not FORMATS[name]:
            raise NotSupported(f"The job argument --datalake-formats {name!r}")
    return formats


def _files(text: str) -> tuple[str, ...]:
    files = tuple(one.strip() for one in text.split(",") if one.strip())
    for uri in files:
        if not re.fullmatch(r"s3://[^/]+/.+\.(py|zip|whl)", uri):
            raise InvalidInput(f"--extra-py-files: {uri!r} is no S3 URI of a .py, .zip or .whl file.")
    return files


def _conf(text: str) -> dict[str, str]:
    """`a=b --conf c=d`, the way in which jobs pass several settings in one argument."""
    conf: dict[str, str] = {}
    settings = re.sub(r"^--conf[\s=]+", "", text.strip())
    for setting in re.split(r"\s+--conf(?:[\s=]+|$)", settings) if settings else ():
        name, equals, value = setting.strip().partition("=")
        if not equals or not re.fullmatch(r"spark\.[^\s=]+", name):
            raise InvalidInput(f"--conf: {setting!r} is no Spark setting of the form spark.name=value.")
        conf[name] = value
    return conf
