import pytest

from laketop.spark.cluster import health
from laketop.spark.cluster.settings import load

MASTER = "spark://m:7077"


@pytest.fixture
def problem(monkeypatch):
    def asked(role, pages, **environment):
        def fetch(host, port):
            if (host, port) not in pages:
                raise OSError(f"http://{host}:{port} does not answer")
            return pages[host, port]

        monkeypatch.setattr(health, "fetch", fetch)
        return health.problem(role, MASTER, load(environment))

    return asked


def _master(*workers, status="ALIVE"):
    return {"status": status, "workers": [{"id": name, "state": state} for name, state in workers]}


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_a_master_is_well_when_it_is_in_charge(problem, bind):
    here = ("127.0.0.1", 8080)
    assert problem("master", {here: _master()}, LAKETOP_BIND=bind) is None
    assert "RECOVERING" in problem("master", {here: _master(status="RECOVERING")}, LAKETOP_BIND=bind)
    assert "8080 does not answer" in problem("master", {}, LAKETOP_BIND=bind)


def test_a_worker_is_well_when_the_master_knows_it(problem):
    here, there = {("127.0.0.1", 9): {"id": "w1"}}, ("m", 8080)
    port = {"LAKETOP_WORKER_UI_PORT": "9"}
    assert problem("worker", here | {there: _master(("w1", "ALIVE"))}, **port) is None
    assert "does not know worker w1" in problem("worker", here | {there: _master(("w2", "ALIVE"))}, **port)
    assert "does not know worker w1" in problem("worker", here | {there: _master(("w1", "DEAD"))}, **port)
    assert "m:8080 does not answer" in problem("worker", here, **port)
