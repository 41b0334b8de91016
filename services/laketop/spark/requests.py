"""What a client may ask of the agent: the body of `POST /runs`, checked whole.

Everything in it becomes a file, a command line or a JVM setting, so nothing that is not named here gets through.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

type Variable = Literal[
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"
]
type Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
type S3File = Annotated[str, StringConstraints(pattern=r"^s3[an]?://[^/\x00]+/[^\x00]*[^/\x00]$")]
type PythonFile = Annotated[str, StringConstraints(pattern=r"^s3[an]?://[^/\x00,]+/[^\x00,]+\.(py|zip|whl)$")]
type Setting = Annotated[str, StringConstraints(pattern=r"^spark\.[^\s=\x00]+$")]


class BadRequest(ValueError):  # noqa: N818 (HTTP's own name)
    """A body that is not a run; the message names each member that is wrong."""


class Workers(BaseModel):
    """The workers that a run asks for, by which it gets its executors on a cluster.

    Attributes:
        type: the worker type, for messages, e.g. `G.1X`.
        number: how many, the driver's included.
        dpus: the DPUs of each that count for cores.
        memory_dpus: the DPUs of each that count for memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9.]{1,16}$")]
    number: Annotated[int, Field(ge=2, le=10000)]
    dpus: Annotated[int, Field(ge=1, le=64)]
    memory_dpus: Annotated[int, Field(ge=1, le=64)]


class RunRequest(BaseModel):
    """A run to start.

    Attributes:
        run_id: unique name of the run.
        job_name: the job it is a run of.
        script_location: S3 URI of the script.
        arguments: the script's arguments, `--name` to value.
        extra_py_files: S3 URIs of modules (`.py`) and archives (`.zip`, `.whl`) to import from.
        conf: Spark settings.
        environment: AWS credentials, region and endpoint.
        driver_memory_mb: heap of the driver in MiB; None: the usual.
        datalake_formats: the table formats whose libraries it gets.
        workers: what it asks for on a cluster; None: what Spark gives by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    job_name: Annotated[Text, Field(min_length=1)]
    script_location: S3File
    arguments: dict[Text, Text] = {}
    extra_py_files: list[PythonFile] = []
    conf: dict[Setting, Text] = {}
    environment: dict[Variable, Annotated[Text, Field(min_length=1)]] = {}
    driver_memory_mb: Annotated[int, Field(ge=512, le=1 << 20)] | None = None
    datalake_formats: list[Literal["iceberg"]] = []
    workers: Workers | None = None


def parse(body: bytes) -> RunRequest:
    """Read the body of `POST /runs`.

    Raises:
        BadRequest: it is not JSON, or a member is missing, unknown or out of range.
    """
    try:
        return RunRequest.model_validate_json(body)
    except ValidationError as error:
        # Never the values: credentials are among them.
        wrong = [f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors()]
        raise BadRequest("; ".join(wrong)) from None
