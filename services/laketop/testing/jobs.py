"""Job runs of Glue: made of a script of this machine, waited for, and told about where they fail."""

import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

LINES = 20  # of the error log in an exception
_PAUSE = 0.25  # seconds between two looks
_RUNNING = ("STARTING", "RUNNING", "STOPPING", "WAITING")  # "AWS Glue job run statuses"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "glue:*", "logs:*"], "Resource": "*"}],
}


@dataclass(frozen=True)
class JobRun:
    """A job run that has ended.

    Attributes:
        job: the job's name.
        id: the run's id.
        state: SUCCEEDED, FAILED, STOPPED, TIMEOUT, ERROR or EXPIRED.
        seconds: how long it ran, without its start.
        error: Glue's message; None where it succeeded.
        output: what the script printed.
        log: its error log, which has Spark's lines and the script's trace.
    """

    job: str
    id: str
    state: str
    seconds: int
    error: str | None
    output: str
    log: str


class JobFailedError(RuntimeError):
    """A run did not succeed; the message has Glue's, and the end of the run's error log.

    Attributes:
        run: the run.
    """

    def __init__(self, run: JobRun) -> None:
        end = "".join(f"\n  {line}" for line in run.log.splitlines()[-LINES:])
        super().__init__(f"job {run.job}, run {run.id} {run.state}: {run.error or 'no reason given'}{end}")
        self.run = run


def make_role(iam: Any, name: str) -> str:
    """Make a role that Glue can take, with all of S3, Glue and CloudWatch Logs; returns its ARN."""
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="lake", PolicyDocument=json.dumps(_POLICY))
    return str(role["Arn"])


def checked(script: Path, files: Iterable[Path]) -> None:
    """Check what is to be uploaded.

    Raises:
        FileNotFoundError: a file does not exist.
        ValueError: Glue takes no file of that kind for `--extra-py-files`.
    """
    for path in (script, *files):
        if not path.is_file():
            raise FileNotFoundError(
                f"{path.absolute()}: there is no such file; name it from the folder of pytest's start"
            )
    for path in files:
        if path.suffix not in (".py", ".zip", ".whl"):
            raise ValueError(f"{path}: --extra-py-files takes .py, .zip and .whl; upload others and pass their address")


def run(glue: Any, logs: Any, job: str, arguments: Mapping[str, str], timeout: float) -> JobRun:
    """Run a job to its end. What ends the waiting before (time-out, Ctrl-C) stops the run too.

    Args:
        glue: a Glue client.
        logs: a CloudWatch Logs client.
        job: the job's name.
        arguments: the run's arguments, with their `--`.
        timeout: seconds.

    Raises:
        JobFailedError: it did not succeed.
        TimeoutError: it has not ended in time.
        ClientError: Glue refused it.
    """
    __tracebackhide__ = True
    id_ = str(glue.start_job_run(JobName=job, Arguments=dict(arguments))["JobRunId"])
    try:
        ended = _wait(glue, job, id_, timeout)
    except BaseException:
        # What went wrong is to be told, not that the run could not be stopped either.
        with suppress(ClientError, BotoCoreError):
            glue.batch_stop_job_run(JobName=job, JobRunIds=[id_])
        raise
    group = ended.get("LogGroupName", "/aws-glue/jobs")
    found = JobRun(
        job,
        id_,
        ended["JobRunState"],
        int(ended.get("ExecutionTime", 0)),
        ended.get("ErrorMessage"),
        _text(logs, f"{group}/output", id_),
        _text(logs, f"{group}/error", id_),
    )
    if found.state != "SUCCEEDED":
        raise JobFailedError(found)
    return found


def _wait(glue: Any, job: str, id_: str, timeout: float) -> Any:
    deadline = time.monotonic() + timeout
    while True:
        seen = glue.get_job_run(JobName=job, RunId=id_)["JobRun"]
        if seen["JobRunState"] not in _RUNNING:
            return seen
        if time.monotonic() > deadline:
            state = seen["JobRunState"]
            raise TimeoutError(
                f"job {job}, run {id_} was still {state} after {timeout:g} s and is stopped; see timeout="
            )
        time.sleep(_PAUSE)


def _text(logs: Any, group: str, stream: str) -> str:
    """A log stream's messages; "" where the run has written none."""
    request = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    lines: list[str] = []
    try:
        # It ends where the answer has the token that was sent ("GetLogEvents").
        while request.get("nextToken") != (answer := logs.get_log_events(**request))["nextForwardToken"]:
            lines += [event["message"].rstrip("\n") for event in answer["events"]]
            request["nextToken"] = answer["nextForwardToken"]
    except logs.exceptions.ResourceNotFoundException:
        return ""
    return "\n".join(lines)
