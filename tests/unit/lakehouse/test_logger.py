import asyncio
import io
import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse import logger
from lakehouse.logger import Logger, bind, is_secret, lambda_scope, log, scope


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        assert datetime.fromisoformat(line.pop("logged_at")).utcoffset() is not None
    return lines


def test_a_line_is_one_json_object() -> None:
    stream = io.StringIO()
    log("batch done", stream=stream, rows=3, text="a\nb", amount=Decimal("1.20"), day=date(2026, 1, 31))
    log("failed", level="ERROR", stream=stream)
    assert written(stream) == [
        {
            "level": "INFO",
            "event": "batch done",
            "rows": 3,
            "text": "a\nb",
            "amount": "1.20",
            "day": "2026-01-31",
        },
        {"level": "ERROR", "event": "failed"},
    ]


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    log("hello")
    assert json.loads(capsys.readouterr().out)["event"] == "hello"


def test_a_bound_logger() -> None:
    stream = io.StringIO()
    base = Logger({"request_id": "r1"}, stream)
    base.bind(execution="e1").warning("slow", seconds=2)
    base.info("done", request_id="r2")
    assert written(stream) == [
        {"level": "WARNING", "event": "slow", "request_id": "r1", "execution": "e1", "seconds": 2},
        {"level": "INFO", "event": "done", "request_id": "r2"},
    ]
    assert bind(a=1).fields == {"a": 1}


def test_scopes_nest_and_end() -> None:
    stream = io.StringIO()
    with scope(request_id="r1", file="a"):
        with scope(file="b"):
            log("inner", stream=stream)
        Logger({"x": 1}, stream).info("outer")
    log("after", stream=stream)
    assert written(stream) == [
        {"level": "INFO", "event": "inner", "request_id": "r1", "file": "b"},
        {"level": "INFO", "event": "outer", "request_id": "r1", "file": "a", "x": 1},
        {"level": "INFO", "event": "after"},
    ]


def test_a_scope_is_of_its_task() -> None:
    stream = io.StringIO()

    async def work(name: str) -> None:
        with scope(task=name):
            await asyncio.sleep(0)
            log("step", stream=stream)

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(both())
    assert [line["task"] for line in written(stream)] == ["a", "b"]


@pytest.mark.parametrize(
    ("context", "event", "fields"),
    [
        (SimpleNamespace(aws_request_id="r1"), {"execution": "arn:e"}, {"request_id": "r1", "execution": "arn:e"}),
        (SimpleNamespace(aws_request_id="r1"), {}, {"request_id": "r1"}),
        (None, ["no", "dictionary"], {}),
    ],
)
def test_a_lambda_invocation(context: Any, event: Any, fields: dict[str, str]) -> None:
    stream = io.StringIO()
    with lambda_scope(context, event):
        log("checked", stream=stream)
    assert written(stream) == [{"level": "INFO", "event": "checked", **fields}]


def test_an_exception_with_its_stack() -> None:
    stream = io.StringIO()
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("bad\nfile") from error
    except ValueError as error:
        Logger(stream=stream).error("failed", error, file="a")
    (line,) = written(stream)
    assert line["file"] == "a"
    assert (line["error"]["type"], line["error"]["message"]) == ("ValueError", "bad\nfile")
    stack = line["error"]["stack"]
    assert stack[0] == "Traceback (most recent call last):"
    assert "KeyError: 'inner'" in stack
    assert any("test_an_exception_with_its_stack" in text for text in stack)
    assert all("\n" not in text for text in stack)


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "secret",
        "aws_secret_access_key",
        "SecretString",
        "X-Amz-Security-Token",
        "sessionToken",
        "authorization",
        "Authorization",
        "api_key",
        "apiKey",
        "x-api-key",
        "aws_access_key_id",
        "private.key",
        "credentials",
        "Set-Cookie",
        "auth",
        "pwd",
    ],
)
def test_secret_keys(key: str) -> None:
    assert is_secret(key)


@pytest.mark.parametrize("key", ["key", "keys", "author", "authors", "bucket", "passenger", "compass", "etag", "tokyo"])
def test_keys_that_are_none(key: str) -> None:
    assert not is_secret(key)


@dataclass
class Account:
    user: str
    password: str


def test_secrets_are_masked_wherever_they_are() -> None:
    stream = io.StringIO()
    log(
        "connect",
        stream=stream,
        api_key="k-1",
        token=None,
        deep={"list": [{"Authorization": "Bearer x"}], "secret": {"a": "b"}},
        account=Account("u", "p-1"),
        pairs=({"password": "p-2"},),
    )
    assert written(stream) == [
        {
            "level": "INFO",
            "event": "connect",
            "api_key": "***",
            "token": None,
            "deep": {"list": [{"Authorization": "***"}], "secret": "***"},
            "account": {"user": "u", "password": "***"},
            "pairs": [{"password": "***"}],
        }
    ]


def test_what_json_has_no_word_for() -> None:
    stream = io.StringIO()
    endless: list[Any] = []
    endless.append(endless)
    log("odd", stream=stream, a=math.nan, b={(1, 2): {3}}, c=b"x", d=endless, e=Account)
    (line,) = written(stream)
    assert (line["a"], line["b"], line["c"]) == ("nan", {"(1, 2)": [3]}, "b'x'")
    assert "… (list)" in json.dumps(line["d"], ensure_ascii=False)
    assert "Account" in line["e"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_what_json_knows_stays_as_it_is(value: Any) -> None:
    # Masking apart; keys of five characters at most hold none of the long words.
    found = logger.plain(value)
    assert found == value or "***" in json.dumps(found)
    json.dumps(found, allow_nan=False)


@given(st.text(max_size=20), json_values.filter(lambda value: value is not None))
def test_no_secret_comes_through(prefix: str, value: Any) -> None:
    assert logger.plain([{f"{prefix}password": value}]) == [{f"{prefix}password": "***"}]
