import io
import json
from datetime import date, datetime
from decimal import Decimal

from lakehouse.logger import log


def test_a_line_is_one_json_object() -> None:
    stream = io.StringIO()
    log("batch done", stream=stream, rows=3, text="a\nb", amount=Decimal("1.20"), day=date(2026, 1, 31))
    log("failed", level="ERROR", stream=stream)
    first, second = stream.getvalue().splitlines()
    line = json.loads(first)
    assert datetime.fromisoformat(line.pop("logged_at")).utcoffset() is not None
    assert line == {
        "level": "INFO",
        "event": "batch done",
        "rows": 3,
        "text": "a\nb",
        "amount": "1.20",
        "day": "2026-01-31",
    }
    assert json.loads(second)["level"] == "ERROR"


def test_standard_output_is_the_default(capsys) -> None:
    log("hello")
    assert json.loads(capsys.readouterr().out)["event"] == "hello"
