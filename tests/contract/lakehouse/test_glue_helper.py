"""The cases of `glue_helper` on the lake's own services, and what a mock has not: runs that fail and their logs."""

import pytest

from lakehouse import glue_helper
from tests.contract.lakehouse.clients import Clients
from tests.contract.lakehouse.glue_cases import *  # noqa: F403


def test_a_run_that_failed_with_the_end_of_its_log(clients: Clients) -> None:
    with pytest.raises(glue_helper.JobRunFailedError, match=r"job broken, run jr_.* FAILED: ValueError") as caught:
        glue_helper.run_job(clients.glue, "broken", logs=clients.logs, timeout=60)
    assert caught.value.run.error == "ValueError: no rows"
    assert caught.value.log == ("WARN careful",)  # what the agent's error stream has
    assert glue_helper.last_error(clients.glue, "broken") == "ValueError: no rows"


def test_a_run_that_takes_too_long_is_stopped(clients: Clients) -> None:
    with pytest.raises(glue_helper.WaitTimeoutError, match="is still"):
        glue_helper.run_job(clients.glue, "etl", {"play": "hang"}, timeout=1)
    (run,) = clients.glue.get_job_runs(JobName="etl", MaxResults=1)["JobRuns"]
    with pytest.raises(glue_helper.JobRunFailedError) as caught:
        glue_helper.wait_job(clients.glue, "etl", run["Id"], timeout=60)
    assert caught.value.run.state == "STOPPED"
