"""Operations on job definitions. Source: "Jobs" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.jobs.service import MOST_JOBS, Job, Jobs
from laketop.glue.paging import Page
from laketop.glue.provider.common import Answer, Request, arn
from laketop.glue.tags import Tags
from laketop.wire.service import Caller, Operation


class JobDefinitions:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, jobs: Jobs, tags: Tags) -> None:
        self._jobs = jobs
        self._tags = tags
        self.operations: dict[str, Operation] = {
            "CreateJob": self.create,
            "UpdateJob": self.update,
            "GetJob": self.get,
            "GetJobs": self.all,
            "BatchGetJobs": self.batch,
            "ListJobs": self.names,
            "DeleteJob": self.delete,
        }

    def create(self, request: Request, _: Caller) -> Answer:
        """CreateJob."""
        members = {name: value for name, value in request.items() if name not in ("Name", "Tags")}
        job = self._jobs.create(request["Name"], members)
        self._tags.add(arn("job", job.name), request.get("Tags") or {})
        return {"Name": job.name}

    def update(self, request: Request, _: Caller) -> Answer:
        """UpdateJob."""
        self._jobs.update(request["JobName"], request["JobUpdate"])
        return {"JobName": request["JobName"]}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetJob."""
        return {"Job": shape(self._jobs.get(request["JobName"]))}

    def all(self, request: Request, _: Caller) -> Answer:
        """GetJobs."""
        page = self._jobs.list("GetJobs", request.get("NextToken"), request.get("MaxResults", MOST_JOBS))
        return page.answer("Jobs", shape)

    def batch(self, request: Request, _: Caller) -> Answer:
        """BatchGetJobs."""
        found = self._jobs.get_all(request["JobNames"])
        missing = sorted(set(request["JobNames"]) - {job.name for job in found})
        return {"Jobs": [shape(job) for job in found], "JobsNotFound": missing}

    def names(self, request: Request, _: Caller) -> Answer:
        """ListJobs; with Tags, only jobs that carry all of them."""
        wanted = (request.get("Tags") or {}).items()
        page = self._jobs.list("ListJobs", request.get("NextToken"), request.get("MaxResults", MOST_JOBS))
        chosen = [job for job in page.entries if not wanted or wanted <= self._tags.of(arn("job", job.name)).items()]
        return Page(chosen, page.next_token).answer("JobNames", lambda job: job.name)

    def delete(self, request: Request, _: Caller) -> Answer:
        """DeleteJob."""
        self._jobs.delete(request["JobName"])
        self._tags.remove(arn("job", request["JobName"]))
        return {"JobName": request["JobName"]}


def shape(job: Job) -> dict[str, Any]:
    """A job as the API has it."""
    return {"Name": job.name, "CreatedOn": job.created, "LastModifiedOn": job.modified, **job.definition}
