"""How much machine a job asks for: worker types, their DPUs, and what AWS derives from them.

Without a cluster a run here gets what the machine has, whatever the worker type; on one the numbers make its executors.
They are read back and billed by in any case, so they are checked and derived as on AWS.
"""

from collections.abc import Mapping
from typing import Any

from laketop.glue.errors import InvalidInput, NotSupported

# DPUs (R types: memory-optimized DPUs) of a worker. "Worker types" of the AWS Glue Developer Guide.
DPUS = {
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
    "R.1X": 1.0,
    "R.2X": 2.0,
    "R.4X": 4.0,
    "R.8X": 8.0,
}
DEFAULT_WORKER_TYPE, DEFAULT_WORKERS = "G.1X", 10
FEWEST_WORKERS = 2  # one is the driver


def capacity(request: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say how much machine: as a job or run has them after AWS has derived what was left out.

    Args:
        request: WorkerType and NumberOfWorkers, or neither; the MaxCapacity of older Glue versions is refused.

    Returns:
        WorkerType, NumberOfWorkers, MaxCapacity (DPUs) and AllocatedCapacity (the same, whole).

    Raises:
        InvalidInput: what AWS would not take.

    Follows "Jobs" (CreateJob) of the AWS Glue Developer Guide.
    """
    if "MaxCapacity" in request or request.get("AllocatedCapacity"):
        raise InvalidInput(
            "Max Capacity cannot be set for this Glue version; please set Worker Type and Number of Workers."
        )
    if ("WorkerType" in request) != ("NumberOfWorkers" in request):
        raise InvalidInput("Please set both Worker Type and Number of Workers.")
    worker_type = request.get("WorkerType", DEFAULT_WORKER_TYPE)
    workers = request.get("NumberOfWorkers", DEFAULT_WORKERS)
    if worker_type not in DPUS:
        raise NotSupported(f"WorkerType {worker_type}", f"a Spark job of Glue 6.0 has {', '.join(DPUS)}")
    if workers < FEWEST_WORKERS:
        raise InvalidInput(f"Number of workers {workers} is less than the minimum of {FEWEST_WORKERS}.")
    dpus = DPUS[worker_type] * workers
    return {
        "WorkerType": worker_type,
        "NumberOfWorkers": workers,
        "MaxCapacity": dpus,
        "AllocatedCapacity": int(dpus),
    }


def order(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The workers of a run, as the Spark agent takes them.

    Args:
        definition: a run's, with WorkerType and NumberOfWorkers.

    Returns:
        type, number, dpus (a worker's, by which it has cores) and memory_dpus (by which it has memory: an R type has
        twice the memory of the G type with as many DPUs).

    Source: "Worker types" of the AWS Glue Developer Guide.
    """
    worker_type = definition["WorkerType"]
    dpus = int(DPUS[worker_type])
    return {
        "type": worker_type,
        "number": definition["NumberOfWorkers"],
        "dpus": dpus,
        "memory_dpus": dpus * (2 if worker_type.startswith("R.") else 1),
    }
