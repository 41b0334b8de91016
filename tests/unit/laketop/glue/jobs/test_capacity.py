import pytest

from laketop.glue.jobs.capacity import DPUS, order


@pytest.mark.parametrize(
    ("worker_type", "dpus", "memory_dpus"), [("G.1X", 1, 1), ("G.16X", 16, 16), ("R.1X", 1, 2), ("R.8X", 8, 16)]
)
def test_the_agent_is_told_a_workers_dpus_and_those_of_its_memory(
    worker_type: str, dpus: int, memory_dpus: int
) -> None:
    assert order({"WorkerType": worker_type, "NumberOfWorkers": 5, "Role": "r"}) == {
        "type": worker_type,
        "number": 5,
        "dpus": dpus,
        "memory_dpus": memory_dpus,
    }


def test_every_type_has_whole_dpus() -> None:
    assert all(order({"WorkerType": name, "NumberOfWorkers": 2})["dpus"] == dpus for name, dpus in DPUS.items())
