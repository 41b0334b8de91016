"""The role of a job: from its name to temporary credentials, as the Glue service itself would assume it."""

import json
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from laketop.settings import REGION

SESSION_NAME = "GlueJobRunnerSession"
SERVICE = "glue.amazonaws.com"


class RoleError(Exception):
    """The role cannot be assumed; the message is the run's error."""


class Roles(Protocol):
    """Whoever gives a run its credentials."""

    def credentials(self, role: str) -> Mapping[str, str]:
        """Temporary credentials of a role (a name or an ARN) as environment variables.

        Raises:
            RoleError: the role does not exist, or does not trust Glue.
        """


class EndpointRoles:
    """Roles of the lake's endpoint (IAM and STS), called with the service's own key."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    @cached_property
    def _iam(self) -> Any:
        return client("iam", self._endpoint)

    @cached_property
    def _sts(self) -> Any:
        return client("sts", self._endpoint)

    def credentials(self, role: str) -> Mapping[str, str]:
        """See Roles."""
        try:
            found = self._iam.get_role(RoleName=role.rpartition("/")[2])["Role"]
            if role.startswith("arn:") and found["Arn"] != role:
                raise RoleError(f"Role {role} does not exist; there is {found['Arn']}.")
            if not trusts_glue(found["AssumeRolePolicyDocument"]):
                raise RoleError(f"Role {found['Arn']} should be given assume role permissions for Glue Service.")
            session = self._sts.assume_role(RoleArn=found["Arn"], RoleSessionName=SESSION_NAME)["Credentials"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":
                raise RoleError(f"Role {role} does not exist; create it, or name another in the job.") from error
            raise RoleError(f"Role {role} cannot be assumed: {error}") from error
        except BotoCoreError as error:
            raise RoleError(f"Role {role} cannot be assumed, {self._endpoint} does not answer: {error}") from error
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self._endpoint,
        }


def client(service: str, endpoint: str, credentials: Mapping[str, str] | None = None) -> Any:
    """A boto3 client of the lake's endpoint, with a run's credentials or (None) the service's own key."""
    own = {"AWS_ACCESS_KEY_ID": os.environ.get("LAKETOP_SERVICE_KEY_ID") or "glue", "AWS_SECRET_ACCESS_KEY": "laketop"}
    used = credentials or own
    make: Any = boto3.session.Session().client  # its hundreds of overloads know no service by a variable's name
    return make(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=used["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=used["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=used.get("AWS_SESSION_TOKEN"),
        config=Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3}),
    )


def trusts_glue(policy: Mapping[str, Any] | str) -> bool:
    """Whether a trust policy lets the Glue service assume its role; conditions are taken as met.

    Follows "Setting up IAM permissions for AWS Glue" of the AWS Glue Developer Guide.
    """
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = [statement for statement in _listed(document.get("Statement")) if _about_glue(statement)]
    effects = {statement.get("Effect") for statement in statements}
    return "Allow" in effects and "Deny" not in effects


def _about_glue(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _listed(principal.get("Service")) if isinstance(principal, Mapping) else _listed(principal)
    actions = [str(action).lower() for action in _listed(statement.get("Action"))]
    return bool({SERVICE, "*"} & set(services)) and bool({"sts:assumerole", "sts:*", "*"} & set(actions))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
