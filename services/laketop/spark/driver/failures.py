"""How a script's failure is told: the message in the job run, and the trace in its error log.

The message is what Glue shows in GetJobRun: exception type and text, for Spark's errors the first lines without the
JVM's stack. The trace begins in the script: the frames that carried it there are the driver's.
"""

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_HERE = str(Path(__file__).parent)
_MAX = 4000


@dataclass(frozen=True)
class Outcome:
    """How a script ended: the error message (None: well) and the exit code."""

    error: str | None
    exit_code: int


def describe(error: BaseException) -> Outcome:
    """The outcome for what a script raised."""
    exit_code = error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
    return Outcome(_message(error)[:_MAX], exit_code & 0xFF or 1)


def print_trace(error: BaseException) -> None:
    """Write the stack trace to standard error, as Python does for an unhandled exception."""
    if not isinstance(error, SystemExit):
        traceback.print_exception(type(error), error, _script_part(error.__traceback__), file=sys.stderr)
    elif not isinstance(error.code, int):
        print(error.code, file=sys.stderr)


def _message(error: BaseException) -> str:
    name, text = type(error).__name__, str(error)
    if name == "Py4JJavaError":
        text = _java_message(text)
    elif type(error).__module__.startswith(("pyspark.", "py4j.")):
        text = text.strip().partition("\n")[0]
    return f"{name}: {text}" if text else name


def _java_message(text: str) -> str:
    """`An error occurred while calling o1.x.` and the Java exception's first line, without its stack."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    calling = lines[0] if lines else ""
    cause = lines[1].removeprefix(":").strip() if len(lines) > 1 else ""
    return f"{calling} {cause}".strip()


def _script_part(trace: TracebackType | None) -> TracebackType | None:
    """The trace from the script's first frame on; the whole where there is none."""
    step = trace
    while step is not None and _is_ours(step.tb_frame.f_code.co_filename):
        step = step.tb_next
    return step if step is not None else trace


def _is_ours(filename: str) -> bool:
    return filename.startswith(_HERE) or "runpy" in filename
