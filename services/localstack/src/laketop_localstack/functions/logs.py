"""What Lambda writes around a function's own output: START, END and REPORT, as text or as JSON.

Behaviour: "Sending Lambda function logs to CloudWatch Logs" and "Configuring advanced logging controls for Lambda
functions".
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Report:
    """One invocation, for its REPORT line.

    Attributes:
        request_id: the invocation's id.
        version: the function's version, e.g. `$LATEST`.
        seconds: how long the handler ran.
        init_seconds: how long the start took, where this invocation waited for one; else None.
        memory_mb: the memory the function is given.
        peak_mb: the most it held.
        error_type: the errorType of what went wrong; "" for a response.
    """

    request_id: str
    version: str
    seconds: float
    init_seconds: float | None
    memory_mb: int
    peak_mb: int
    error_type: str = ""

    @property
    def status(self) -> str:
        """Lambda's word for how it ended: `success`, `error` or `timeout`."""
        if self.error_type == "Sandbox.Timedout":
            return "timeout"
        return "error" if self.error_type else "success"

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds, rounded up; the start counts."""
        return max(1, math.ceil((self.seconds + (self.init_seconds or 0)) * 1000))


class LogFile:
    """The file that a function's output goes to; `take` gives what came since the last time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def take(self) -> str:
        """The output since the last call, decoded, each line ended. A line that is still being written is taken as
        it stands.
        """
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        # The runtime client ends the lines of a stack trace by CR, to keep it together; CloudWatch gets lines.
        text = data.decode("utf-8", "replace").replace("\r", "\n")
        return text if not text or text.endswith("\n") else text + "\n"


def framed(report: Report, output: str, logging: Mapping[str, str]) -> str:
    """An invocation's whole log: the function's output between the lines of the platform.

    Args:
        report: the figures.
        output: what the function wrote.
        logging: the function's LoggingConfig (LogFormat, SystemLogLevel).
    """
    if logging.get("LogFormat") != "JSON":
        return "".join(_text_before(report)) + output + "".join(_text_after(report))
    # At WARN the platform only tells of what went wrong.
    silent = logging.get("SystemLogLevel") == "WARN"
    start = "" if silent else _json("platform.start", {"requestId": report.request_id, "version": report.version})
    end = "" if silent and report.status == "success" else _json("platform.report", _record(report))
    return start + output + end


def init_failed(seconds: float, status: str, error_type: str, logging: Mapping[str, str]) -> str:
    """The line about a start that failed: `status` is `error` or `timeout`."""
    if logging.get("LogFormat") == "JSON":
        record = {"initializationType": "on-demand", "phase": "init", "status": status, "errorType": error_type}
        return _json("platform.initReport", record | {"metrics": {"durationMs": round(seconds * 1000, 3)}})
    kind = f"\tError Type: {error_type}" if error_type else ""
    return f"INIT_REPORT Init Duration: {seconds * 1000:.2f} ms\tPhase: init\tStatus: {status}{kind}\n"


def _text_before(report: Report) -> list[str]:
    return [f"START RequestId: {report.request_id} Version: {report.version}\n"]


def _text_after(report: Report) -> list[str]:
    figures = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {report.seconds * 1000:.2f} ms",
        f"Billed Duration: {report.billed_ms} ms",
        f"Memory Size: {report.memory_mb} MB",
        f"Max Memory Used: {report.peak_mb} MB",
    ]
    if report.init_seconds is not None:
        figures.append(f"Init Duration: {report.init_seconds * 1000:.2f} ms")
    if report.status == "timeout":
        figures.append("Status: timeout")
    # The text format tells only of the platform's errors; an exception of the function has its own lines.
    elif report.error_type.startswith("Runtime."):
        figures += ["Status: error", f"Error Type: {report.error_type}"]
    return [f"END RequestId: {report.request_id}\n", "\t".join(figures) + "\t\n"]


def _record(report: Report) -> dict[str, object]:
    metrics: dict[str, object] = {
        "durationMs": round(report.seconds * 1000, 3),
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_mb,
        "maxMemoryUsedMB": report.peak_mb,
    }
    if report.init_seconds is not None:
        metrics["initDurationMs"] = round(report.init_seconds * 1000, 3)
    record: dict[str, object] = {"requestId": report.request_id, "metrics": metrics, "status": report.status}
    return record | ({"errorType": report.error_type} if report.error_type else {})


def _json(kind: str, record: Mapping[str, object]) -> str:
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "type": kind, "record": record}, separators=(",", ":")) + "\n"
