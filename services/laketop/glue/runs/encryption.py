"""What a run's security configuration makes of it: its log groups and their key, and the settings of its Spark.

Sources: "Logging for AWS Glue jobs" and "Security configurations" of the AWS Glue Developer Guide: with encrypted logs,
the groups carry the configuration's and the role's name. Pure functions of a run.
"""

from typing import Any

from laketop.glue.runs.model import Run

LOG_GROUP = "/aws-glue/jobs"
_S3A = "spark.hadoop.fs.s3a.encryption."
# S3EncryptionMode → S3A's name of it
_ALGORITHMS = {"SSE-KMS": "SSE-KMS", "SSE-S3": "AES256"}


def log_group(run: Run) -> str:
    """The beginning of the names of the run's log groups, which end in /output and /error."""
    if log_key(run) is None:
        return LOG_GROUP
    role = run.definition["Role"].rpartition("/")[2]
    return f"{LOG_GROUP}/{run.definition['SecurityConfiguration']}-role/{role}"


def log_key(run: Run) -> str | None:
    """The ARN of the key that the run's logs are encrypted with; None where they are not."""
    logs = _part(run, "CloudWatchEncryption")
    return logs["KmsKeyArn"] if logs.get("CloudWatchEncryptionMode") == "SSE-KMS" else None


def conf(run: Run) -> dict[str, str]:
    """The Spark settings by which the run encrypts what it writes to S3 files; they come before the job's own."""
    (objects, *_) = _part(run, "S3Encryption") or [{}]
    mode = objects.get("S3EncryptionMode", "DISABLED")
    if mode not in _ALGORITHMS:
        return {}
    key = {f"{_S3A}key": objects["KmsKeyArn"]} if mode == "SSE-KMS" else {}
    return {f"{_S3A}algorithm": _ALGORITHMS[mode], **key}


def _part(run: Run, member: str) -> Any:
    return run.definition.get("Encryption", {}).get(member) or {}
