"""Lambda functions as processes: what they see, how they fail, what their logs say."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from botocore.exceptions import ClientError

COUNTER = """
import os
calls = 0

def handler(event, context):
    global calls
    calls += 1
    print("called with", event)
    return {"calls": calls, "pid": os.getpid(), "event": event, "left": context.get_remaining_time_in_millis()}
"""

ENVIRONMENT = """
import importlib, os, sys, tempfile

def handler(event, context):
    missing = []
    for name in ("duckdb", "localstack", "laketop", "laketop_localstack", "pandas", "pytest", "moto"):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            missing.append(name)
    import boto3
    return {
        "environment": dict(os.environ), "missing": missing, "python": sys.version_info[:2],
        "caller": boto3.client("sts").get_caller_identity()["Arn"], "arn": context.invoked_function_arn,
        "cwd": os.getcwd(), "temporary": tempfile.gettempdir(), "memory": context.memory_limit_in_mb,
        "group": context.log_group_name,
    }
"""


def messages(lake: Any, name: str) -> list[str]:
    client = lake.client("logs")
    try:
        return [event["message"] for event in client.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
    except client.exceptions.ResourceNotFoundException:
        return []


def running(lake: Any) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LAKETOP_INSTANCE") == f"contract-{lake.port}":
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_an_environment_is_used_again(functions: Any) -> None:
    name = functions.create(COUNTER)

    first, second = functions.invoke(name, {"a": 1}), functions.invoke(name, {"a": 2})

    assert first.payload["calls"] == 1
    assert second.payload == {
        "calls": 2,
        "pid": first.payload["pid"],
        "event": {"a": 2},
        "left": second.payload["left"],
    }
    assert 0 < second.payload["left"] <= 20_000


def test_what_a_function_sees_is_what_lambda_gives(lake: Any, functions: Any, role: str) -> None:
    name = functions.create(ENVIRONMENT, Environment={"Variables": {"TABLE": "sales", "PATHS": "a=b c"}})

    seen = functions.invoke(name).payload

    assert seen["missing"] == ["duckdb", "localstack", "laketop", "laketop_localstack", "pandas", "pytest", "moto"]
    assert seen["python"] == [3, 13]
    assert seen["caller"] == f"arn:aws:sts::000000000000:assumed-role/{role.rpartition('/')[2]}/{name}"
    assert seen["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert (seen["memory"], seen["group"]) == ("256", f"/aws/lambda/{name}")
    environment = seen["environment"]
    assert environment["TABLE"] == "sales"
    assert environment["PATHS"] == "a=b c"
    assert environment["AWS_ENDPOINT_URL"] == lake.url
    assert environment["TZ"] == ":UTC"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["_HANDLER"] == "app.handler"
    assert environment["LAKETOP_INSTANCE"] == f"contract-{lake.port}"
    assert Path(seen["temporary"]).is_relative_to(lake.state)
    assert environment["HOME"].startswith(str(lake.state))
    allowed = {
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
    allowed |= {
        "PATH",
        "LANG",
        "TZ",
        "HOME",
        "TMPDIR",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "LAKETOP_INSTANCE",
        "LC_CTYPE",
    }
    allowed |= {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "TABLE",
        "PATHS",
    }
    allowed |= {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_INITIALIZATION_TYPE"}
    allowed |= {f"AWS_LAMBDA_{name}" for name in ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE")}
    allowed |= {f"AWS_LAMBDA_LOG_{name}" for name in ("GROUP_NAME", "STREAM_NAME")}
    assert set(environment) <= allowed


def test_an_exception_is_an_error_with_its_trace(functions: Any) -> None:
    name = functions.create("def inner():\n    raise KeyError('order')\n\ndef handler(event, context):\n    inner()\n")

    answer = functions.invoke(name)

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "KeyError"
    assert answer.payload["errorMessage"] == "'order'"
    assert answer.payload["stackTrace"] == [
        '  File "/var/task/app.py", line 5, in handler\n    inner()\n',
        "  File \"/var/task/app.py\", line 2, in inner\n    raise KeyError('order')\n",
    ]
    assert "[ERROR] KeyError: 'order'\nTraceback (most recent call last):\n" in answer.log


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import nosuchmodule", "app.handler", "Runtime.ImportModuleError", "No module named 'nosuchmodule'"),
        (
            "def other(e, c): pass",
            "app.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        ("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError", "invalid syntax"),
        ("1/0", "app.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_a_failed_start_is_an_error_with_a_log(
    functions: Any, source: str, handler: str, error_type: str, message: str
) -> None:
    name = functions.create(source, Handler=handler)

    for _ in range(2):
        answer = functions.invoke(name)
        assert answer.error == "Unhandled"
        assert answer.payload["errorType"] == error_type
        assert message in answer.payload["errorMessage"]
        assert f"Phase: init\tStatus: error\tError Type: {error_type}" in answer.log
        assert "START RequestId" in answer.log


def test_an_exit_is_an_error_and_the_next_invocation_starts_anew(functions: Any) -> None:
    name = functions.create(COUNTER + "    \ndef leave(event, context):\n    os._exit(event)\n", Handler="app.leave")

    answer = functions.invoke(name, 3)

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert (
        functions.invoke(name, 0).payload["errorMessage"].endswith("Error: Runtime exited without providing a reason")
    )


SLEEPER = """
import os, subprocess, sys, time

def handler(event, context):
    if not event["sleep"]:
        return sorted(os.listdir(os.environ["TMPDIR"]))
    open(os.path.join(os.environ["TMPDIR"], "kept"), "w").close()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("going to sleep")
    time.sleep(event["sleep"])
"""


def test_a_time_out_kills_the_function_and_its_children(lake: Any, functions: Any, awaited: Any) -> None:
    name = functions.create(SLEEPER, Timeout=2)
    own = {process.pid for process in running(lake)}

    began = time.monotonic()
    answer = functions.invoke(name, {"sleep": 60})
    took = time.monotonic() - began

    assert 2 <= took < 12
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Sandbox.Timedout"
    assert answer.payload["errorMessage"].endswith("Error: Task timed out after 2.00 seconds")
    assert "going to sleep\n" in answer.log
    assert " Task timed out after 2.00 seconds\n" in answer.log
    assert "Status: timeout" in answer.log
    awaited(lambda: not [p for p in running(lake) if p.pid not in own], 5)
    assert functions.invoke(name, {"sleep": 0}).payload == ["kept"]


def test_too_much_memory_kills(functions: Any) -> None:
    source = "import time\ndef handler(e, c):\n    x = b'x' * (e << 20)\n    time.sleep(1)\n    return len(x)\n"
    name = functions.create(source, MemorySize=128)

    assert functions.invoke(name, 20).payload == 20 << 20
    answer = functions.invoke(name, 300)

    assert answer.error == "Unhandled"
    assert answer.payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


def test_limits_of_request_and_response(lake: Any, functions: Any) -> None:
    name = functions.create(
        "def handler(event, context):\n    return 'x' * event if isinstance(event, int) else len(event)\n"
    )

    assert functions.invoke(name, "y" * 6_000_000).payload == 6_000_000
    answer = functions.invoke(name, 7 << 20)
    assert answer.payload["errorType"] == "Function.ResponseSizeTooLarge"
    with pytest.raises(ClientError, match="Request must be smaller than 6291456 bytes") as caught:
        functions.invoke(name, "y" * (6 << 20))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_layers_are_merged_and_come_after_the_code(lake: Any, functions: Any) -> None:
    client = lake.client("lambda")
    contents = [
        {"python/shared/__init__.py": "", "python/shared/one.py": "X = 1", "python/both.py": "WHO = 'first'"},
        {"python/shared/two.py": "X = 2", "python/both.py": "WHO = 'second'", "python/app.py": "raise SystemExit"},
    ]
    arns = []
    for files in contents:
        layer = client.publish_layer_version(LayerName=f"l{uuid4().hex}", Content={"ZipFile": functions.packed(files)})
        arns.append(layer["LayerVersionArn"])
    source = (
        "import both, shared.one, shared.two\ndef handler(e, c):\n    return [both.WHO, shared.one.X, shared.two.X]\n"
    )

    name = functions.create(source, Layers=arns)

    assert functions.invoke(name).payload == ["second", 1, 2]


def test_logs_reach_cloudwatch(lake: Any, functions: Any, awaited: Any) -> None:
    name = functions.create(
        "import logging\ndef handler(e, c):\n    print('one\\ntwo')\n    logging.warning('three')\n"
    )

    answer = functions.invoke(name)

    lines = awaited(lambda: (found := messages(lake, name)) and found[-1].startswith("REPORT") and found)
    assert "".join(lines) == "".join(line for line in answer.log.splitlines(keepends=True) if line.strip())
    words = [line.split()[0] for line in lines]
    assert words == ["START", "one", "two", "[WARNING]", "END", "REPORT"]
    assert lines[3].startswith("[WARNING]\t")
    assert lines[3].endswith("three\n")
    figures = dict(part.split(": ", 1) for part in lines[-1].strip().split("\t"))
    assert figures["Memory Size"] == "256 MB"
    assert 10 <= int(figures["Max Memory Used"].removesuffix(" MB")) <= 256
    assert float(figures["Init Duration"].removesuffix(" ms")) > 0


def test_json_logs(lake: Any, functions: Any) -> None:
    source = "import logging\ndef handler(e, c):\n    logging.getLogger().error('bad', extra={'order': 7})\n"
    name = functions.create(source, LoggingConfig={"LogFormat": "JSON"})

    lines = [json.loads(line) for line in functions.invoke(name).log.splitlines()]

    assert [line.get("type") for line in lines] == ["platform.start", None, "platform.report"]
    assert (lines[1]["level"], lines[1]["message"], lines[1]["order"]) == ("ERROR", "bad", 7)
    assert lines[2]["record"]["status"] == "success"
    assert lines[2]["record"]["metrics"]["memorySizeMB"] == 256


def test_concurrent_invocations_have_environments_of_their_own(functions: Any) -> None:
    name = functions.create("import os, time\ndef handler(e, c):\n    time.sleep(1)\n    return [os.getpid(), e]\n")

    with ThreadPoolExecutor(6) as pool:
        answers = [answer.payload for answer in pool.map(lambda n: functions.invoke(name, n), range(6))]

    assert [number for _, number in answers] == list(range(6))
    assert len({pid for pid, _ in answers}) == 6


def test_new_code_is_run_after_an_update(lake: Any, functions: Any, awaited: Any) -> None:
    name = functions.create("def handler(e, c):\n    return 'old'\n")
    assert functions.invoke(name).payload == "old"
    code = functions.packed({"app.py": "def handler(e, c):\n    return 'new'\n"})
    client = lake.client("lambda")

    client.update_function_code(FunctionName=name, ZipFile=code)
    awaited(lambda: client.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful")

    assert functions.invoke(name).payload == "new"


def test_a_deleted_function_leaves_no_process(lake: Any, functions: Any, awaited: Any) -> None:
    name = functions.create(COUNTER)
    pid = functions.invoke(name).payload["pid"]
    assert pid in {process.pid for process in running(lake)}

    lake.client("lambda").delete_function(FunctionName=name)

    awaited(lambda: pid not in {process.pid for process in running(lake)})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"Runtime": "python3.12"}, "python3.13 only, and this one asks for python3.12"),
        ({"Runtime": "nodejs22.x"}, "python3.13 only, and this one asks for nodejs22.x"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x", "A": "b"}}},
            "Reserved keys used in this request: AWS_REGION",
        ),
        ({"LoggingConfig": {"LogGroup": "/mine"}}, "LoggingConfig.LogGroup /mine is not supported"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(functions: Any, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as caught:
        functions.create(COUNTER, **settings)

    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_an_update_to_another_runtime_is_refused(lake: Any, functions: Any) -> None:
    name = functions.create(COUNTER)

    with pytest.raises(ClientError, match=r"asks for python3\.11"):
        lake.client("lambda").update_function_configuration(FunctionName=name, Runtime="python3.11")

    assert functions.invoke(name).payload["calls"] == 1
