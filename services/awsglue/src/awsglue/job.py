"""Jobs and their bookmarks: `Job`, after "Tracking processed data using job bookmarks" of the AWS Glue Developer Guide.

Without bookmarks, which is Glue's own default, neither call has anything to keep.
"""

from collections.abc import Mapping
from typing import NoReturn

from awsglue.context import GlueContext
from awsglue.unsupported import refuse, refuse_attribute

_DISABLED = "job-bookmark-disable"


class Job:
    """A job run, as its script sees it.

    Args:
        glue_context: the script's GlueContext.
    """

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context
        self._name: str | None = None

    def init(self, job_name: str, args: Mapping[str, str | None] = {}) -> None:
        """Begin the job.

        Args:
            job_name: its name, usually `args["JOB_NAME"]`.
            args: what `getResolvedOptions` gave.

        Raises:
            UnsupportedError: the job has bookmarks.
        """
        option = args.get("job_bookmark_option") or _DISABLED
        if option != _DISABLED:
            refuse(f"job bookmarks (--job-bookmark-option {option})")
        self._name = job_name

    def commit(self) -> None:
        """End the job; without bookmarks there is nothing to record."""
        if self._name is None:
            raise RuntimeError("Job.commit() before Job.init()")

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute("awsglue.job.Job", name)
