"""For the tests of people's own jobs and queries: a throw-away lake, and what a test does with it.

Needs boto3 and rich only: the lake itself runs in the checkout's environments, whatever is installed here.
"""

from laketop.testing.jobs import JobFailedError, JobRun
from laketop.testing.lake import Lake, QueryFailedError
from laketop.testing.lending import LendingError, borrowed

__all__ = ["JobFailedError", "JobRun", "Lake", "LendingError", "QueryFailedError", "borrowed"]
