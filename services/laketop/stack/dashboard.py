"""Where an environment's dashboard is, and its key: asked of API Gateway by the names that Terraform gave them."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laketop.settings import REGION
from laketop.stack.messages import StackError


@dataclass(frozen=True)
class Dashboard:
    """A deployed dashboard: the id of its API, the stage, and the id of its key."""

    api: str
    stage: str
    key: str

    def address(self, endpoint: str = "") -> str:
        """The page's address: AWS's, or behind the endpoint of a lake or an emulator."""
        if endpoint:
            return f"{endpoint}/_aws/execute-api/{self.api}/{self.stage}/"
        return f"https://{self.api}.execute-api.{REGION}.amazonaws.com/{self.stage}/"


def find(client: Any, env: str) -> Dashboard:
    """The dashboard of an environment.

    Args:
        client: a boto3 client of API Gateway.
        env: the environment.

    Raises:
        StackError: it is not deployed there, or API Gateway does not answer.
    """
    name = f"laketop-{env}-dashboard"
    try:
        pages = client.get_paginator("get_rest_apis").paginate()
        apis = [item["id"] for page in pages for item in page["items"] if item["name"] == name]
        stages = [item["stageName"] for api in apis for item in client.get_stages(restApiId=api)["item"]]
        keys = [item["id"] for item in client.get_api_keys(nameQuery=name)["items"] if item["name"] == name]
    except (BotoCoreError, ClientError) as error:
        raise StackError("API Gateway", " ".join(str(error).split())) from error
    if not (len(apis) == len(stages) == len(keys) == 1):
        found = f"{len(apis)} APIs {name} with {len(stages)} stages, and {len(keys)} keys"
        raise StackError(f"dashboard of {env}", f"one of each is needed, there are {found}", f"make deploy ENV={env}")
    return Dashboard(apis[0], stages[0], keys[0])


def value_of_key(client: Any, key: str) -> str:
    """What a caller sends as `x-api-key`.

    Args:
        client: a boto3 client of API Gateway.
        key: the key's id.

    Raises:
        StackError: API Gateway does not tell it.
    """
    try:
        return str(client.get_api_key(apiKey=key, includeValue=True)["value"])
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"API key {key}", " ".join(str(error).split())) from error
