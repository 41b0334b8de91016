"""A lake from its first start to its end, with everything killed in between.

One lake, which the tests of this module harm in turn, from the first `up` to `reset`; they build on each other, in the
order in which they stand. They check what a person sees and what the system says (processes, ports, API answers).
"""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from laketop.settings import ACCOUNT_ID as ACCOUNT

pytestmark = pytest.mark.local  # it starts, kills and resets a lake

CHECKOUT = Path(__file__).resolve().parents[2]
PREFIX = "laketop-local"
BUCKETS = 8  # six zones, their access logs, the page
# Nothing is on port 9: whoever tries to download fails at once.
NO_NETWORK = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
    "UV_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
}


def until[T](ask: Callable[[], T | None], seconds: float, what: str) -> T:
    """Ask again and again until there is an answer."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        assert time.monotonic() < deadline, f"{what} not within {seconds} s"
        time.sleep(0.3)
    return answer


def parts(lake: Any) -> dict[str, dict[str, Any]]:
    answer = lake.laketop("status", "--json", check=False)
    return {part["part"]: part for part in json.loads(answer.stdout)["parts"]} if answer.stdout else {}


def all_ready(lake: Any) -> dict[str, dict[str, Any]] | None:
    found = parts(lake)
    return found if found and all(part["state"] == "ready" for part in found.values()) else None


def daily_revenue(file: Path) -> dict[str, Decimal]:
    """Revenue per day as the standard library computes it from the generated file, without the pipeline's code."""
    latest: dict[str, dict[str, str]] = {}
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            known = latest.setdefault(row["transaction_id"], row)
            if row["updated_at"] > known["updated_at"]:
                latest[row["transaction_id"]] = row
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in latest.values():
        if row["status"] == "completed":
            sums[row["transaction_ts"][:10]] += Decimal(row["total_amount"])
    return dict(sums)


def test_up_ends_with_kpis_that_are_those_of_the_file(second_lake: Any) -> None:
    answer = second_lake.laketop("up")
    shown = {line.split()[0]: line.split()[5] for line in answer.stdout.splitlines() if line.startswith("2")}
    expected = daily_revenue(second_lake.settings.state / "build" / "sample" / "transactions.csv")
    assert len(shown) == 7
    assert {day: Decimal(revenue) for day, revenue in shown.items()} == {day: expected[day] for day in shown}
    for said in ("localstack", "ready", "transform", "total", "make sql"):
        assert said in answer.stderr


def test_a_second_up_downloads_nothing_and_delivers_nothing_twice(second_lake: Any) -> None:
    count = "select count(*) from laketop_local_processed.transactions"
    before = second_lake.laketop("sql", count, "--format", "tsv").stdout
    answer = subprocess.run(
        ["python3", str(CHECKOUT / "services/laketop/stack/bootstrap.py"), "up"],
        cwd=CHECKOUT,
        env=second_lake.environment | NO_NETWORK,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "the sample data is loaded already" in answer.stderr
    assert second_lake.laketop("sql", count, "--format", "tsv").stdout == before


def test_sql_prints_rows_on_stdout_and_errors_in_one_line(second_lake: Any) -> None:
    answer = second_lake.laketop(
        "sql", "select 1 as one, cast(null as varchar) as nothing, 'x' as x", "--format", "csv"
    )
    assert answer.stdout == '"one","nothing","x"\n"1",,"x"\n'
    failed = second_lake.laketop("sql", "select nowhere from nothing", check=False)
    assert failed.returncode == 1
    assert failed.stdout == ""
    error, _, rest = failed.stderr.partition("\n")
    assert error.startswith("error: ")
    assert rest.count("\n") <= 1


@pytest.mark.parametrize("name", ["glue", "spark", "athena", "streamlit"])
def test_a_part_that_is_killed_comes_back_with_its_content(second_lake: Any, name: str) -> None:
    before = parts(second_lake)[name]["pid"]
    os.kill(before, signal.SIGKILL)
    after = until(lambda: all_ready(second_lake), 60, f"{name} again")
    assert after[name]["pid"] != before
    databases = second_lake.client("glue").get_databases()["DatabaseList"]
    assert "laketop_local_processed" in {database["Name"] for database in databases}


def test_localstack_killed_keeps_objects_and_catalog_and_says_what_is_gone(second_lake: Any) -> None:
    count = "select count(*) from laketop_local_processed.transactions"
    before, found = second_lake.laketop("sql", count, "--format", "tsv").stdout, parts(second_lake)["localstack"]["pid"]
    s3 = second_lake.client("s3")
    s3.put_object(Bucket=f"{PREFIX}-raw-{ACCOUNT}", Key="kept/by the disk", Body=b"bytes")
    os.kill(found, signal.SIGKILL)
    until(lambda: None if parts(second_lake).get("localstack", {}).get("pid") in (found, 0) else True, 30, "a new one")
    until(lambda: all_ready(second_lake), 60, "localstack again")
    said = second_lake.laketop("status").stderr
    assert "localstack was started again" in said
    assert "run `make up`" in said
    assert second_lake.laketop("doctor", check=False).returncode == 1
    assert second_lake.laketop("sql", count, "--format", "tsv").stdout == before
    answer = second_lake.client("s3").get_object(Bucket=f"{PREFIX}-raw-{ACCOUNT}", Key="kept/by the disk")
    assert answer["Body"].read() == b"bytes"
    assert second_lake.client("lambda").list_functions()["Functions"] == []


def test_up_deploys_again_what_ended(second_lake: Any) -> None:
    second_lake.laketop("up", "--no-sample")
    assert len(second_lake.client("s3").list_buckets()["Buckets"]) == BUCKETS
    assert second_lake.client("lambda").list_functions()["Functions"]
    assert "started again" not in second_lake.laketop("status").stderr


@pytest.mark.process_mode
def test_the_supervisor_killed_ends_the_lake(second_lake: Any) -> None:
    record = json.loads((second_lake.settings.state / "run" / "lake.json").read_text())
    os.kill(record["pid"], signal.SIGKILL)
    until(lambda: None if second_lake.processes() else True, 30, "the end of every process")
    answer = second_lake.laketop("status", check=False)
    assert answer.returncode == 3
    assert "its supervisor was killed" in answer.stderr


@pytest.mark.process_mode
def test_supervisor_and_guardian_killed_together_leave_orphans_that_up_ends(second_lake: Any) -> None:
    second_lake.laketop("up", "--no-sample")
    record = json.loads((second_lake.settings.state / "run" / "lake.json").read_text())
    doomed = [psutil.Process(record["pid"])]
    doomed += [child for child in doomed[0].children() if "laketop.stack.guardian" in child.cmdline()]
    assert len(doomed) == 2
    for process in doomed:
        process.suspend()  # neither may act on the other's end
    for process in reversed(doomed):
        process.kill()
    orphans = {process.pid for process in second_lake.processes()}
    assert len(orphans) >= 4
    answer = second_lake.laketop("up", "--no-sample")
    assert "that an earlier lake left behind" in answer.stderr
    assert not orphans & {process.pid for process in second_lake.processes()}
    assert all_ready(second_lake)


def test_two_lakes_stand_side_by_side(second_lake: Any, stack: Any) -> None:
    stack.client("s3").create_bucket(Bucket="only-in-the-first")
    try:
        names = {bucket["Name"] for bucket in second_lake.client("s3").list_buckets()["Buckets"]}
        assert "only-in-the-first" not in names
        assert len(names) == BUCKETS
    finally:
        stack.client("s3").delete_bucket(Bucket="only-in-the-first")


def test_another_port_for_a_running_lake_is_refused(second_lake: Any) -> None:
    answer = second_lake.laketop("status", check=False, LAKETOP_PORT="29000")
    assert answer.returncode == 4
    assert f"runs on port {second_lake.settings.port}" in answer.stderr


def test_down_leaves_no_process_and_no_port(second_lake: Any) -> None:
    answer = second_lake.laketop("down")
    assert "are kept" in answer.stderr
    assert second_lake.processes() == []
    for port in second_lake.settings.ports.values():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    left = {path.name for path in second_lake.settings.state.iterdir()}
    assert left <= {"laketop-state", "logs", "run", "terraform", "build", "s3", "glue", "athena"}


def test_down_and_up_keep_the_lake(second_lake: Any) -> None:
    count = "select count(*), sum(total_amount) from laketop_local_processed.transactions"
    shown = second_lake.settings.state / "s3" / f"{PREFIX}-raw-{ACCOUNT}" / "kept" / "by the disk"
    assert shown.read_bytes() == b"bytes"
    answer = second_lake.laketop("up")
    assert "the sample data is loaded already" in answer.stderr
    rows, total = second_lake.laketop("sql", count, "--format", "tsv").stdout.splitlines()[1].split("\t")
    assert (int(rows) > 0, Decimal(total) > 0) == (True, True)


def test_destroy_takes_the_pipeline_down_and_leaves_the_lake(second_lake: Any) -> None:
    assert "Destroy complete!" in second_lake.laketop("destroy").stderr
    assert second_lake.client("s3").list_buckets()["Buckets"] == []
    assert second_lake.client("lambda").list_functions()["Functions"] == []
    assert second_lake.client("glue").get_databases()["DatabaseList"] == []
    assert all_ready(second_lake)
    said = second_lake.laketop("status").stderr
    assert "started again" not in said
    assert not (second_lake.settings.state / "run" / "sample.json").exists()
    second_lake.laketop("down")


def test_half_a_lake_does_not_start(second_lake: Any) -> None:
    objects = second_lake.settings.state / "s3"
    objects.rename(objects.with_name("elsewhere"))
    try:
        answer = second_lake.laketop("up", "--no-sample", check=False)
    finally:
        objects.with_name("elsewhere").rename(objects)
    assert answer.returncode == 4
    assert "but the objects" in answer.stderr


def test_a_taken_port_is_named_with_its_holder(second_lake: Any) -> None:
    port = second_lake.settings.ports["glue"]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        answer = second_lake.laketop("up", "--no-sample", check=False)
    assert answer.returncode == 4
    error = answer.stderr.splitlines()[-2]
    assert error.startswith(f"error: port {port} (glue): taken by pid {os.getpid()} (")
    assert Path(sys.executable).name in error
    assert second_lake.processes() == []


def test_reset_deletes_everything(second_lake: Any) -> None:
    second_lake.laketop("reset")
    assert list(second_lake.settings.state.iterdir()) == []
