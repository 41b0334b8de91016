"""What a producer of data does to a lake: makes files by the pipeline's generators, uploads them, says that a batch is
ready. It speaks to AWS's APIs only.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from laketop.settings import Settings
from laketop.stack import checkout
from laketop.stack.clients import aws_environment, client
from laketop.stack.messages import StackError


def generate(settings: Settings, dataset: str, target: Path, *options: str) -> Path:
    """Make a file by a generator, which is run as a program.

    Args:
        dataset: whose generator.
        target: the file; its folder is made.
        options: further arguments of the generator.

    Returns:
        `target`.

    Raises:
        StackError: the generator failed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    script = checkout.ROOT / "generators" / f"generate_{dataset}.py"
    command = [sys.executable, str(script), "--quiet", "--output", str(target), *options]
    answer = subprocess.run(
        command, cwd=checkout.ROOT, env=aws_environment(settings), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        cause = answer.stderr.strip().rpartition("\n")[2] or f"exit {answer.returncode}"
        raise StackError(f"generators/{script.name}", cause, f"run it by hand: {' '.join(command)}")
    return target


def upload(settings: Settings, landing: str, name: str, content: bytes) -> str:
    """Put a file below a dataset's landing address, and return its key."""
    address = urlsplit(landing)
    key = f"{address.path.strip('/')}/{name}"
    client(settings, "s3").put_object(Bucket=address.netloc, Key=key, Body=content)
    return key


def batch_ready(settings: Settings, outputs: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    """Send the event that starts the transform.

    Args:
        settings: the running, deployed lake.
        outputs: Terraform's outputs of the environment.
        detail: what the event says.

    Raises:
        StackError: EventBridge did not take it.
    """
    event = {"Source": outputs["event_source"], "DetailType": "Batch Ready", "Detail": json.dumps(detail)}
    answer = client(settings, "events").put_events(Entries=[event])
    if answer["FailedEntryCount"]:
        raise StackError("event Batch Ready", str(answer["Entries"][0]), "`make logs PART=localstack`")


def machines(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Name (ingest, transform) → ARN of the state machine, from Terraform's outputs."""
    return {name.rpartition("-")[2]: arn for name, arn in outputs["state_machines"].items()}
