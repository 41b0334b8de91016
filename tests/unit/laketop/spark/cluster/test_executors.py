import pytest

from laketop.settings import SettingsError
from laketop.spark.cluster.executors import Cluster, spark_settings
from laketop.spark.cluster.settings import load
from laketop.spark.requests import Workers

SIZES = load({"LAKETOP_CLUSTER_WAIT_SECONDS": "7", "LAKETOP_MASTER_UI_PORT": "81"})
TEN = Workers(type="G.1X", number=10, dpus=1, memory_dpus=1)
MEMORY = "spark.executor.memory"


@pytest.mark.parametrize(
    ("workers", "sizes", "cores", "memory", "most"),
    [
        (TEN, {}, "1", "1024m", "9"),
        (Workers(type="G.4X", number=3, dpus=4, memory_dpus=4), {}, "4", "4096m", "8"),
        (Workers(type="R.2X", number=2, dpus=2, memory_dpus=4), {}, "2", "4096m", "2"),
        (TEN, {"LAKETOP_DPU_CORES": "2", "LAKETOP_DPU_MEMORY_MB": "600"}, "2", "600m", "18"),
    ],
)
def test_all_workers_but_the_drivers_are_executors_of_the_types_size(workers, sizes, cores, memory, most):
    assert spark_settings(workers, load(sizes), {}) == {
        "spark.executor.cores": cores,
        MEMORY: memory,
        "spark.cores.max": most,
    }


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        ({MEMORY: "2g"}, ("1", "2g", "9")),
        ({"spark.executor.cores": "2"}, ("2", "1024m", "18")),
        ({"spark.cores.max": "3"}, ("1", "1024m", "3")),
        ({"spark.executor.cores": "two"}, ("two", "1024m", "9")),
    ],
)
def test_the_runs_own_settings_win(conf, expected):
    settings = Cluster("spark://m:7077", SIZES).order(TEN, conf, "/a.jar")["settings"]
    assert (settings["spark.executor.cores"], settings[MEMORY], settings["spark.cores.max"]) == expected


def test_a_driver_is_told_where_the_cluster_tells_of_itself():
    order = Cluster("spark://m:7077,n:7077", SIZES).order(TEN, {"spark.executor.extraClassPath": "/mine/*"}, "/a.jar")
    assert order["pages"] == [["m", 81], ["n", 81]]
    assert (order["master"], order["asked"]) == ("spark://m:7077,n:7077", "10 workers of G.1X")
    assert order["wait_seconds"] == 7
    assert order["settings"]["spark.executor.extraClassPath"] == "/a.jar:/mine/*"


def test_a_run_that_does_not_say_gets_what_spark_gives():
    order = Cluster("spark://m:7077", SIZES).order(None, {}, "/a.jar")
    assert (order["settings"], order["asked"]) == ({"spark.executor.extraClassPath": "/a.jar"}, "")


def test_on_this_machine_there_is_nothing_to_tell():
    assert Cluster("local[*]", SIZES).order(TEN, {}, "/a.jar") is None
    assert Cluster("spark://m:7077", SIZES).order(TEN, {"spark.master": "local[2]"}, "/a.jar") is None
    assert Cluster("local[*]", SIZES).order(TEN, {"spark.master": "spark://m:1"}, "/a.jar")["master"] == "spark://m:1"


def test_a_master_that_is_none_is_refused_at_once():
    with pytest.raises(SettingsError, match="spark://nowhere"):
        Cluster("spark://nowhere", SIZES)
