import pytest
from awsglue.job import Job
from awsglue.unsupported import UnsupportedError
from awsglue.utils import getResolvedOptions


def test_a_job_without_bookmarks_begins_and_ends(glue):
    job = Job(glue)
    job.init("j", getResolvedOptions(["s", "--JOB_NAME", "j"], ["JOB_NAME"]))
    job.commit()


def test_bookmarks_are_refused(glue):
    args = getResolvedOptions(["s", "--job-bookmark-option", "job-bookmark-enable"], [])
    with pytest.raises(UnsupportedError, match="job-bookmark-enable"):
        Job(glue).init("j", args)


def test_commit_before_init_is_an_error(glue):
    with pytest.raises(RuntimeError, match="before"):
        Job(glue).commit()


def test_the_rest_is_refused_by_name(glue):
    with pytest.raises(UnsupportedError, match=r"Job\.isInitialized"):
        Job(glue).isInitialized()
