"""Work groups, named queries, tags and engine versions."""

from typing import Any

from laketop.athena.errors import InvalidRequestError, ResourceNotFoundError
from laketop.athena.named_queries import NamedQueries, NamedQuery
from laketop.athena.prepared_statements import PreparedStatements
from laketop.athena.provider.common import Answer, Operations, Request, moment, number, present, sliced, token
from laketop.athena.queries.store import Executions
from laketop.athena.tags import Tags
from laketop.athena.workgroups import ENGINE, ENGINE_NAMES, PRIMARY, WorkGroup, WorkGroups
from laketop.wire.service import Caller

_LIST = 50


class Groups:
    """The operations on work groups and what belongs to them."""

    def __init__(
        self,
        groups: WorkGroups,
        named: NamedQueries,
        prepared: PreparedStatements,
        tags: Tags,
        executions: Executions,
    ) -> None:
        self._groups, self._named, self._prepared, self._tags = groups, named, prepared, tags
        self._executions = executions
        self.operations: Operations = {
            "CreateWorkGroup": self.create,
            "GetWorkGroup": self.get,
            "ListWorkGroups": self.list,
            "UpdateWorkGroup": self.update,
            "DeleteWorkGroup": self.delete,
            "CreateNamedQuery": self.create_named,
            "GetNamedQuery": self.get_named,
            "BatchGetNamedQuery": self.batch_get_named,
            "ListNamedQueries": self.list_named,
            "UpdateNamedQuery": self.update_named,
            "DeleteNamedQuery": self.delete_named,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.list_tags,
            "ListEngineVersions": self.engines,
        }

    def create(self, request: Request, caller: Caller) -> Answer:
        """CreateWorkGroup."""
        name = request["Name"]
        self._groups.create(name, request.get("Description"), request.get("Configuration") or {})
        self._tags.add(_arn(name, caller), {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or []})
        return {}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetWorkGroup."""
        return {"WorkGroup": _shape(self._groups.get(request["WorkGroup"]))}

    def list(self, request: Request, _: Caller) -> Answer:
        """ListWorkGroups."""
        page, following = sliced(self._groups.all(), request, _LIST)
        return present(WorkGroups=[_summary(group) for group in page], NextToken=following)

    def update(self, request: Request, _: Caller) -> Answer:
        """UpdateWorkGroup."""
        self._groups.update(
            request["WorkGroup"],
            request.get("Description"),
            request.get("State"),
            request.get("ConfigurationUpdates"),
        )
        return {}

    def delete(self, request: Request, caller: Caller) -> Answer:
        """DeleteWorkGroup."""
        name, recursive = request["WorkGroup"], request.get("RecursiveDeleteOption")
        kept = self._executions.active(name) or self._named.active(name) or self._prepared.all(name)
        if not recursive and kept:
            raise InvalidRequestError(f"WorkGroup {name} is not empty")
        self._groups.delete(name)
        self._named.forget(name)
        self._prepared.forget(name)
        self._executions.forget(name)
        self._tags.forget(_arn(name, caller))
        return {}

    def create_named(self, request: Request, _: Caller) -> Answer:
        """CreateNamedQuery."""
        group = self._groups.get(request.get("WorkGroup") or PRIMARY)
        query = self._named.create(
            request["Name"],
            request["Database"],
            request["QueryString"],
            request.get("Description"),
            group.name,
            request.get("ClientRequestToken"),
        )
        return {"NamedQueryId": query.id}

    def get_named(self, request: Request, _: Caller) -> Answer:
        """GetNamedQuery."""
        return {"NamedQuery": _named_shape(self._find(request["NamedQueryId"]))}

    def batch_get_named(self, request: Request, _: Caller) -> Answer:
        """BatchGetNamedQuery."""
        found: list[Any] = []
        missing: list[Any] = []
        for identifier in request["NamedQueryIds"]:
            query = self._named.get(identifier)
            if query is not None:
                found.append(_named_shape(query))
            else:
                problem = f"NamedQuery {identifier} was not found"
                missing.append({"NamedQueryId": identifier, "ErrorCode": "INVALID_INPUT", "ErrorMessage": problem})
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def list_named(self, request: Request, _: Caller) -> Answer:
        """ListNamedQueries."""
        group = self._groups.get(request.get("WorkGroup") or PRIMARY)
        size = request.get("MaxResults") or _LIST
        identifiers, following = self._named.page(group.name, number(request.get("NextToken")) or 0, size)
        return present(NamedQueryIds=identifiers, NextToken=token(following))

    def update_named(self, request: Request, _: Caller) -> Answer:
        """UpdateNamedQuery."""
        query = self._find(request["NamedQueryId"])
        self._named.update(query.id, request["Name"], request["QueryString"], request.get("Description"))
        return {}

    def delete_named(self, request: Request, _: Caller) -> Answer:
        """DeleteNamedQuery."""
        self._named.delete(self._find(request["NamedQueryId"]).id)
        return {}

    def tag(self, request: Request, _: Caller) -> Answer:
        """TagResource."""
        arn = self._check_arn(request["ResourceARN"])
        self._tags.add(arn, {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]})
        return {}

    def untag(self, request: Request, _: Caller) -> Answer:
        """UntagResource."""
        self._tags.remove(self._check_arn(request["ResourceARN"]), request["TagKeys"])
        return {}

    def list_tags(self, request: Request, _: Caller) -> Answer:
        """ListTagsForResource."""
        tags = self._tags.get(self._check_arn(request["ResourceARN"]))
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def engines(self, _request: Request, _: Caller) -> Answer:
        """ListEngineVersions."""
        effective = ENGINE["EffectiveEngineVersion"]
        versions = [{"SelectedEngineVersion": name, "EffectiveEngineVersion": effective} for name in ENGINE_NAMES]
        return {"EngineVersions": versions}

    def _find(self, identifier: str) -> NamedQuery:
        query = self._named.get(identifier)
        if query is None:
            raise InvalidRequestError(f"NamedQuery {identifier} was not found")
        return query

    def _check_arn(self, arn: str) -> str:
        kind, _, name = arn.split(":", 5)[-1].partition("/")
        known = kind == "datacatalog" and name.lower() == "awsdatacatalog"
        if kind == "workgroup":
            known = any(group.name == name for group in self._groups.all())
        if not known:
            raise ResourceNotFoundError(f"Resource {arn} is not found", arn)
        return arn


def _arn(name: str, caller: Caller) -> str:
    return f"arn:aws:athena:{caller.region}:{caller.account_id}:workgroup/{name}"


def _shape(group: WorkGroup) -> Answer:
    return present(
        Name=group.name,
        State=group.state,
        Configuration=dict(group.configuration),
        Description=group.description,
        CreationTime=moment(group.created),
    )


def _summary(group: WorkGroup) -> Answer:
    return present(
        Name=group.name,
        State=group.state,
        Description=group.description,
        CreationTime=moment(group.created),
        EngineVersion=group.configuration["EngineVersion"],
    )


def _named_shape(query: NamedQuery) -> Answer:
    return present(
        NamedQueryId=query.id,
        Name=query.name,
        Database=query.database,
        QueryString=query.text,
        Description=query.description,
        WorkGroup=query.work_group,
    )
