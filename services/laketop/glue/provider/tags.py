"""Operations on tags. Source: "Tagging APIs in AWS Glue" of the AWS Glue Developer Guide."""

from collections.abc import Callable

from laketop.glue.catalog.service import Catalog
from laketop.glue.errors import EntityNotFound, NotSupported
from laketop.glue.jobs.service import Jobs
from laketop.glue.provider.common import Answer, Request, arn
from laketop.glue.tags import Tags
from laketop.wire.service import Caller, Operation


class Tagging:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, tags: Tags, catalog: Catalog, jobs: Jobs) -> None:
        self._tags = tags
        # Kind of resource → what raises EntityNotFound where there is none of the name.
        self._kinds: dict[str, Callable[[str], object]] = {"database": catalog.database, "job": jobs.get}
        self.operations: dict[str, Operation] = {
            "GetTags": self.get,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    def get(self, request: Request, _: Caller) -> Answer:
        """GetTags."""
        return {"Tags": self._tags.of(self._existing(request["ResourceArn"]))}

    def tag(self, request: Request, _: Caller) -> None:
        """TagResource."""
        self._tags.add(self._existing(request["ResourceArn"]), request["TagsToAdd"])

    def untag(self, request: Request, _: Caller) -> None:
        """UntagResource."""
        self._tags.remove(self._existing(request["ResourceArn"]), request["TagsToRemove"])

    def _existing(self, resource: str) -> str:
        """The ARN as tags are kept under it."""
        kind, _, name = resource.removeprefix(arn("", "").removesuffix("/")).partition("/")
        if resource != arn(kind, name) or not name:
            raise EntityNotFound(f"Resource {resource} not found.")
        if kind not in self._kinds:
            raise NotSupported(f"Tagging a {kind}", f"of Glue's resources, {' and '.join(self._kinds)} can be tagged")
        self._kinds[kind](name)
        return arn(kind, name.lower() if kind == "database" else name)
