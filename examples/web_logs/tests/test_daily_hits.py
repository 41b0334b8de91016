"""The job and the query of this project, on a lake: `pytest --laketop`."""

from datetime import date
from decimal import Decimal
from pathlib import Path

PROJECT = Path(__file__).parents[1]
COLUMNS = {"day": "date", "status": "int", "hits": "bigint", "visitors": "bigint", "bytes": "bigint"}
LOG = """\
192.0.2.1 - - [30/Jan/2026:23:59:58 +0000] "GET / HTTP/1.1" 200 5123 "-" "Mozilla/5.0"
192.0.2.1 - - [31/Jan/2026:00:00:01 +0000] "GET /shop HTTP/1.1" 200 - "-" "Mozilla/5.0"
192.0.2.2 - - [31/Jan/2026:08:00:00 +0000] "GET /shop HTTP/1.1" 200 877 "-" "Mozilla/5.0"
192.0.2.2 - - [31/Jan/2026:08:00:02 +0000] "POST /cart HTTP/1.1" 503 0 "-" "Mozilla/5.0"
this is no line of an access log
"""


def test_error_rate(lake):
    lake.upload(LOG, "logs/access.log")
    folders = {"logs": f"s3://{lake.bucket()}/logs/", "hits": f"s3://{lake.bucket()}/hits/"}
    run = lake.run_job(PROJECT / "jobs" / "daily_hits.py", folders)
    assert "malformed lines: 1" in run.output

    lake.table("daily_hits", COLUMNS, folders["hits"])
    rows = lake.sql((PROJECT / "queries" / "error_rate.sql").read_text(), [2])
    assert rows == [{"day": date(2026, 1, 31), "hits": 3, "error_percent": Decimal("33.3")}]
