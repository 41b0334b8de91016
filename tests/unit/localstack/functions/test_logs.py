import json
from pathlib import Path

import pytest
from laketop_localstack.functions.logs import LogFile, Report, framed, init_failed

ID = "8f5a6f1e-0000-4000-8000-000000000000"


def report(**more: object) -> Report:
    figures = {"seconds": 0.0123451, "init_seconds": None, "memory_mb": 128, "peak_mb": 40, "error_type": ""}
    return Report(request_id=ID, version="$LATEST", **(figures | more))


def test_text_is_as_lambda_writes_it() -> None:
    assert framed(report(init_seconds=0.1), "hello\n", {}) == (
        f"START RequestId: {ID} Version: $LATEST\n"
        "hello\n"
        f"END RequestId: {ID}\n"
        f"REPORT RequestId: {ID}\tDuration: 12.35 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 40 MB\tInit Duration: 100.00 ms\t\n"
    )


@pytest.mark.parametrize(
    ("error_type", "end"),
    [
        ("Sandbox.Timedout", "40 MB\tStatus: timeout\t\n"),
        ("Runtime.ExitError", "40 MB\tStatus: error\tError Type: Runtime.ExitError\t\n"),
        ("ValueError", "40 MB\t\n"),
    ],
)
def test_text_tells_of_the_platforms_errors(error_type: str, end: str) -> None:
    assert framed(report(error_type=error_type), "", {}).endswith(end)


@pytest.mark.parametrize(
    ("error_type", "level", "kinds"),
    [
        ("", "INFO", ["platform.start", "platform.report"]),
        ("", "WARN", []),
        ("ValueError", "WARN", ["platform.report"]),
        ("Sandbox.Timedout", "DEBUG", ["platform.start", "platform.report"]),
    ],
)
def test_json_by_level(error_type: str, level: str, kinds: list[str]) -> None:
    text = framed(report(error_type=error_type), "", {"LogFormat": "JSON", "SystemLogLevel": level})

    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["type"] for line in lines] == kinds
    if kinds:
        status = {"": "success", "ValueError": "error", "Sandbox.Timedout": "timeout"}[error_type]
        assert lines[-1]["record"]["status"] == status


def test_a_failed_start() -> None:
    assert init_failed(0.5, "error", "Runtime.ImportModuleError", {}) == (
        "INIT_REPORT Init Duration: 500.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n"
    )
    assert json.loads(init_failed(0.5, "timeout", "", {"LogFormat": "JSON"}))["record"]["status"] == "timeout"


def test_output_is_taken_once(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    assert log.take() == ""
    with log.path.open("ab") as file:
        file.write(b"[ERROR] x\r  File \xff\nprinted")
        file.flush()
        assert log.take() == "[ERROR] x\n  File �\nprinted\n"
        file.write(b"more\n")
    assert log.take() == "more\n"
    assert log.take() == ""
