import os

import pytest

from laketop.settings import SettingsError
from laketop.spark.cluster.settings import addresses, is_cluster, load


def test_a_dpu_is_one_core_and_a_gibibyte_and_a_worker_has_this_machines():
    found = load({})
    assert (found.dpu_cores, found.dpu_memory_mb, found.wait_seconds) == (1, 1024, 60)
    assert (found.bind, found.driver_host) == ("127.0.0.1", None)
    assert (found.worker_cores, found.worker_memory_mb) == (os.process_cpu_count(), os.process_cpu_count() * 1024)


@pytest.mark.parametrize(
    ("environment", "memory"),
    [
        ({"LAKETOP_WORKER_CORES": "8"}, 8192),
        ({"LAKETOP_WORKER_CORES": "8", "LAKETOP_DPU_CORES": "4", "LAKETOP_DPU_MEMORY_MB": "2000"}, 4000),
        ({"LAKETOP_WORKER_CORES": "2", "LAKETOP_DPU_CORES": "4"}, 1024),
        ({"LAKETOP_WORKER_CORES": "2", "LAKETOP_WORKER_MEMORY_MB": "700"}, 700),
    ],
)
def test_a_worker_has_memory_for_as_many_dpus_as_it_has_cores_for(environment, memory):
    assert load(environment).worker_memory_mb == memory


@pytest.mark.parametrize(
    ("name", "value"), [("LAKETOP_DPU_CORES", "0"), ("LAKETOP_DPU_MEMORY_MB", "x"), ("LAKETOP_MASTER_UI_PORT", "70000")]
)
def test_what_is_out_of_range_is_named(name, value):
    with pytest.raises(SettingsError, match=f"{name}='{value}'"):
        load({name: value})


def test_a_cluster_has_an_address_a_master():
    assert addresses("spark://a:7077,b:7078") == (("a", 7077), ("b", 7078))
    assert addresses("spark://[::1]:7077") == (("::1", 7077),)
    assert [is_cluster(master) for master in ("spark://a:1", "local[*]", "yarn")] == [True, False, False]


@pytest.mark.parametrize("master", ["spark://a", "spark://:7077", "spark://a:b", "spark://a:1,", "local[*]", "yarn"])
def test_what_is_no_clusters_url_is_named(master):
    with pytest.raises(SettingsError, match="SPARK_MASTER="):
        addresses(master)
