"""`pytest --laketop` on real lakes: the example that the documentation shows, and what goes wrong in a test."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.testing import plugin

from .conftest import Run

EXAMPLE = checkout.ROOT / "examples" / "web_logs"

# Each test is a claim of docs/TESTING.md; those named `wrong` must fail.
CLAIMS = '''
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import boto3
import pytest

from laketop.testing import JobFailedError, Lake, QueryFailedError

PROJECT = Path(__file__).parents[1]
seen = []


@pytest.fixture(scope="session")
def numbers(shared_lake):
    location = f"s3://{shared_lake.bucket()}/numbers/"
    shared_lake.sql(f"CREATE TABLE numbers WITH (external_location = '{location}') AS SELECT 7 AS n")
    return shared_lake


def test_typed_rows_and_parameters(lake):
    rows = lake.sql("""
        SELECT 1 AS n, 0.5e0 AS x, DECIMAL '2.50' AS price, DATE '2026-01-31' AS day, true AS yes,
               TIMESTAMP '2026-01-31 12:00:00.250' AS at, TIMESTAMP '2026-01-31 12:00:00 UTC' AS zoned,
               CAST(NULL AS integer) AS nothing, ? AS text, ? AS later
    """, ["it's", date(2026, 2, 1)])
    assert rows == [{
        "n": 1, "x": 0.5, "price": Decimal("2.50"), "day": date(2026, 1, 31), "yes": True,
        "at": datetime(2026, 1, 31, 12, 0, 0, 250_000), "zoned": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "nothing": None, "text": "it's", "later": date(2026, 2, 1),
    }]
    assert lake.sql("CREATE VIEW v AS SELECT 1 AS one") == []
    assert lake.sql("SHOW VIEWS") == [{"views": "v"}]


@pytest.mark.parametrize("number", [1, 2])
def test_names_are_a_tests_own(lake, numbers, number):
    lake.sql(f"CREATE VIEW mine AS SELECT {number} AS n")
    assert lake.sql("SELECT n FROM mine") == [{"n": number}]
    assert numbers.sql("SELECT n FROM numbers") == [{"n": 7}]
    seen.append((lake.name, lake.bucket(), lake.bucket("other")))
    assert len({name for names in seen for name in names}) == 3 * len(seen)


def test_code_under_test_reaches_the_lake_and_nothing_else(lake):
    assert "AWS_PROFILE" not in os.environ
    lake.bucket()
    names = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
    assert lake.bucket() in names
    code = "import boto3; print([b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])"
    answer = subprocess.run([sys.executable, "-c", code], env=lake.environment, capture_output=True, text=True)
    assert lake.bucket() in answer.stdout, answer.stderr


def test_partitions(lake):
    location = f"s3://{lake.bucket()}/days/"
    lake.sql(f"CREATE TABLE one WITH (external_location = '{location}day=2026-01-31/') AS SELECT 5 AS n")
    lake.table("days", {"n": "int"}, location, partitions={"day": "date"})
    lake.sql("ALTER TABLE days ADD PARTITION (day = '2026-01-31')")
    assert lake.sql("SELECT n, day FROM days") == [{"n": 5, "day": date(2026, 1, 31)}]


def test_a_job_has_its_modules_and_arguments(lake, tmp_path):
    (tmp_path / "helper.py").write_text("def double(text): return 2 * text")
    script = tmp_path / "job.py"
    script.write_text("""
import sys
from awsglue.utils import getResolvedOptions
from helper import double
print(double(getResolvedOptions(sys.argv, ["word"])["word"]))
""")
    run = lake.run_job(script, {"word": "ha"}, files=[tmp_path / "helper.py"])
    assert (run.state, run.error, "haha" in run.output) == ("SUCCEEDED", None, True)


def test_wrong_query(lake):
    lake.sql((PROJECT / "queries" / "error_rate.sql").read_text().replace("daily_hits", "hourly_hits"), [2])


def test_wrong_job(lake, tmp_path):
    script = tmp_path / "job.py"
    script.write_text("rows = []\\nraise ValueError(f'{len(rows)} rows')")
    lake.run_job(script)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example, with the claims beside its own test."""
    ignore = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".venv", "uv.lock")
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "web_logs", ignore=ignore))
    (folder / "tests" / "test_claims.py").write_text(CLAIMS)
    return folder


def test_a_projects_tests_run_on_a_lake_of_their_own(
    project: Path, run_pytest: Run, nothing_left: Callable[..., None]
) -> None:
    talk = run_pytest(project, "-v", "--color=no", AWS_PROFILE="production").stdout
    assert "2 failed, 7 passed" in talk, talk
    assert "tests/test_daily_hits.py::test_error_rate PASSED" in talk

    # Athena's words with the query, Glue's with the end of the log; no trace of ours
    assert "QueryFailedError: TABLE_NOT_FOUND: line 5:6: Table 'awsdatacatalog.test_wrong_query_" in talk
    assert "FROM hourly_hits" in talk
    assert "FAILED: ValueError: 0 rows" in talk
    assert "raise ValueError(f'{len(rows)} rows')" in talk
    assert "services/laketop/testing" not in talk
    nothing_left(0)


def test_a_kept_lake_runs_on_until_it_is_told_to_end(
    tmp_path: Path, run_pytest: Run, environment: dict[str, str], nothing_left: Callable[..., None]
) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(lake): lake.upload('kept', 'a.txt', lake.bucket())")
    outcome = run_pytest(tmp_path, "--laketop-keep", "--color=no")
    assert outcome.returncode == 0, outcome.stdout
    (line,) = [line for line in outcome.stdout.splitlines() if line.startswith("laketop: the lake is kept: ")]
    variables = dict(word.split("=") for word in line.split() if word.startswith(("LAKETOP_", "AWS_")))
    kept = environment | {name: value.rstrip(";") for name, value in variables.items()}
    status = _laketop(kept, "status")
    assert status.count("ready") == 5, status
    assert list((Path(kept["LAKETOP_STATE"]) / "s3").rglob("a.txt"))
    _laketop(kept, "reset")
    Path(kept["LAKETOP_STATE"]).rmdir()  # it is empty


def test_ctrl_c_ends_the_lake_too(
    tmp_path: Path, environment: dict[str, str], nothing_left: Callable[..., None]
) -> None:
    source = "import pathlib, time\ndef test_it(lake): pathlib.Path('in').touch(); time.sleep(120)"
    (tmp_path / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", plugin.__name__, "--laketop"]
    run = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, process_group=0, text=True)
    deadline = time.monotonic() + 120
    while not (tmp_path / "in").exists():
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all that belong to the command
    output, _ = run.communicate(timeout=120)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    nothing_left(0)


def _laketop(environment: dict[str, str], command: str) -> str:
    line = [sys.executable, "-m", "laketop.stack", command]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout
