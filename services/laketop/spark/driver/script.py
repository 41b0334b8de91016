"""Running a job's script as AWS Glue does: fetched from S3 as the run's own role, arguments as `--name value` pairs.

Based on "Using Python libraries with AWS Glue" and "Accessing parameters using getResolvedOptions" of the AWS Glue
Developer Guide.
"""

import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .paths import LaunchError, code_file, import_path, module_folder, split


def run(job: Mapping[str, Any]) -> None:
    """Fetch and run a script; returns when it has ended.

    Args:
        job: `script_location`, `extra_py_files`, `arguments`, and `code`, the folder for what is fetched.

    Raises:
        LaunchError: a file cannot be fetched.
        BaseException: whatever the script raises.
    """
    code = Path(job["code"])
    script = _fetch(job["script_location"], code)
    for location in job["extra_py_files"]:
        _fetch(location, Path(module_folder(job["code"])))
    sys.path[:0] = [str(code), *import_path(job["code"], job["extra_py_files"])]
    sys.argv = [str(script), *flatten(job["arguments"])]
    runpy.run_path(str(script), run_name="__main__")


def flatten(arguments: Mapping[str, str]) -> list[str]:
    """Job arguments as a command line: `{"--k": "v"}` → `["--k", "v"]`; a name with no value stands alone."""
    return [word for name, value in arguments.items() for word in (name, value) if word]


def _fetch(location: str, folder: Path) -> Path:
    bucket, key = split(location)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / code_file(location)
    try:
        # A session of its own: the script's default session must not be set by us.
        boto3.session.Session().client("s3").download_file(bucket, key, str(target))
    except (BotoCoreError, ClientError, OSError) as error:
        where = f"Error downloading from S3 for bucket: {bucket}, key: {key}."
        raise LaunchError(f"LAUNCH ERROR | {where} {error}") from error
    return target
