"""What a run makes of its cluster: from a master's page to notes, waiting and ends."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from laketop.spark.driver.cluster import (
    ClusterError,
    Need,
    Watch,
    Worker,
    fetch,
    look,
    mebibytes,
    missing,
    need,
    notes,
    room,
    workers,
)

FREE, BUSY = Worker(2, 4096, 2, 4096), Worker(2, 4096, 0, 0)
ONE = Need(1, 1024, 2)


def _worker(state="ALIVE", cores=2):
    return {"cores": cores, "memory": 4096, "coresfree": 1, "memoryfree": 1024, "state": state, "id": "w"}


def test_only_workers_that_live_count():
    assert workers({"workers": [_worker(), _worker("DEAD"), _worker("UNKNOWN")]}) == [Worker(2, 4096, 1, 1024)]


@contextmanager
def _page(body):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode() if self.path == "/json/" else b"")

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_master_in_charge_is_asked():
    standby = json.dumps({"status": "STANDBY", "workers": []})
    with _page(standby) as first, _page(json.dumps({"status": "ALIVE", "workers": [_worker()]})) as second:
        assert look([("127.0.0.1", 9), first, second]) == [Worker(2, 4096, 1, 1024)]
        with pytest.raises(OSError, match=r"127.0.0.1:9/json/.*is STANDBY"):
            look([("127.0.0.1", 9), first])


def test_what_is_no_page_of_sparks_is_named():
    with _page("<html>") as (host, port), pytest.raises(OSError, match=f"{host}:{port}"):
        fetch(host, port)


@pytest.mark.parametrize(
    ("size", "expected"),
    [("1g", 1024), ("512m", 512), ("2048", 2048), ("1T", 1 << 20), ("2gb", 2048), ("1048576k", 1024), ("much", 1024)],
)
def test_sizes_are_read_as_spark_writes_them(size, expected):
    assert mebibytes(size) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Need(1, 1024, None)),
        ({"spark.executor.cores": "2", "spark.executor.memory": "3g", "spark.cores.max": "8"}, Need(2, 3072, 4)),
        ({"spark.executor.cores": "two"}, Need(1, 1024, None)),
    ],
)
def test_what_a_run_asks_for(settings, expected):
    assert need(settings) == expected


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ([FREE, BUSY], ONE, (4, 2)),
        ([FREE], Need(1, 3000, 1), (1, 1)),
        ([FREE], Need(3, 1024, 1), (0, 0)),
        ([], ONE, (0, 0)),
    ],
)
def test_how_many_executors_there_is_room_for(found, wanted, expected):
    assert room(found, wanted) == expected


def test_it_says_what_is_missing():
    assert missing([FREE], ONE) is None
    assert missing([BUSY], ONE) is None
    assert "no worker that lives" in missing([], ONE)
    said = missing([FREE, FREE], Need(4, 2048, 1))
    assert "needs 4 cores and 2048 MB, its workers have 2 cores and 4096 MB." in said
    assert "LAKETOP_WORKER_CORES" in said


def test_a_smaller_cluster_and_a_busy_one_are_noted():
    assert notes([FREE], ONE, "3 workers of G.1X") == []
    (small,) = notes([FREE], Need(1, 1024, 9), "10 workers of G.1X")
    assert "room for 2 of the 9 executors that this run asks for (10 workers of G.1X, one of them the driver)" in small
    (busy,) = notes([BUSY], ONE, "")
    assert "other runs have the whole cluster" in busy
    assert notes([FREE], Need(1, 1024, None), "") == []


class Scene:
    """A cluster that answers from a list, the last answer again and again, and a clock that each pause moves on."""

    def __init__(self, *answers, wanted=ONE):
        self.answers, self.wanted, self.now, self.failed = list(answers), wanted, 0.0, []
        self.watch = Watch("spark://m:1", self.look, lambda: self.wanted, 5, self.fail, lambda: self.now, self.pause)

    def look(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pause(self, seconds):
        self.now += seconds
        if self.now > 100:
            self.watch.close()

    def fail(self, message):
        self.failed.append((self.now, message))
        self.watch._over = True


GONE = OSError("connection refused")


def test_it_waits_for_a_cluster_that_is_starting():
    scene = Scene(GONE, [], [FREE])
    assert scene.watch.wait("") == []
    assert scene.now == 2


@pytest.mark.parametrize(
    ("answer", "cause"), [(GONE, "connection refused"), ([], "no worker"), ([Worker(1, 512, 1, 512)], "large enough")]
)
def test_it_gives_up_after_the_limit_and_says_why(answer, cause):
    scene = Scene(answer)
    with pytest.raises(ClusterError, match=f"^The Spark cluster spark://m:1 .*{cause}.*start the job again"):
        scene.watch.wait("")
    assert scene.now == 5


def test_it_ends_a_run_whose_cluster_is_gone_for_too_long():
    scene = Scene([FREE], GONE, [FREE], GONE)
    scene.watch._follow()
    ((when, message),) = scene.failed
    assert when == 9  # missing since the fourth look
    assert "connection refused" in message


def test_a_run_that_uses_another_master_is_left_alone():
    scene = Scene([], wanted=None)
    assert scene.watch.wait("") == []
    scene.watch._follow()
    assert scene.failed == []


def test_an_ended_script_is_not_failed_any_more():
    scene = Scene(GONE)
    scene.watch.close()
    scene.watch._follow()
    assert scene.failed == []


def test_a_scripts_error_is_told_with_what_the_cluster_lacks():
    assert Scene([FREE]).watch.explained("E: x") == "E: x"
    said = Scene(GONE).watch.explained("E: x")
    assert "connection refused" in said
    assert said.endswith("The script ended with: E: x")
