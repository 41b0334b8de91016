"""Lambda: the key that a function's environment variables are encrypted with.

LocalStack 4.14.0 takes `KMSKeyArn` and forgets it; AWS gives it back with the configuration, so that a plan of
Terraform finds it. It is kept by the function, for all its versions.

AWS: "FunctionConfiguration" of the Lambda API reference.
"""

import functools
from collections.abc import Callable
from typing import Any

from localstack.services.lambda_ import api_utils
from localstack.services.lambda_.provider import LambdaProvider

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched(
        "localstack.services.lambda_.api_utils",
        "map_config_out",
        "6659a1db360d8ebbb8dfa64ccc934fd1ace8bc144e23977922c98253f9f3c2cb",
    ),
    Patched(
        "localstack.services.lambda_.provider",
        "LambdaProvider.create_function",
        "2e439234d0d46fcdd5b7476e521f4b28830b6263b548007daaac4526b02a2a86",
    ),
    Patched(
        "localstack.services.lambda_.provider",
        "LambdaProvider.update_function_configuration",
        "1f97c37fc07c85a06c5b1f403f8edf4647a628fcc70a79042ad3be06e69c1cb4",
    ),
)

# unqualified ARN of a function → its key
_keys: dict[str, str] = {}


def keeping(operation: Callable[..., Any], made: bool) -> Callable[..., Any]:
    """CreateFunction or UpdateFunctionConfiguration that keeps the key of its request.

    Args:
        operation: LocalStack's.
        made: whether it makes the function, so that no key in the request means that there is none.
    """

    @functools.wraps(operation)  # LocalStack finds operations by the marks that it left on them
    def keep(self: Any, context: Any, request: Any) -> Any:
        answer = operation(self, context, request)
        arn = _unqualified(answer["FunctionArn"])
        if made or "KMSKeyArn" in request:
            _keys.pop(arn, None)
        if key := request.get("KMSKeyArn"):
            _keys[arn] = answer["KMSKeyArn"] = key
        return answer

    return keep


def with_key(describe: Callable[..., Any]) -> Callable[..., Any]:
    """A function's configuration, with its key where it has one."""

    @functools.wraps(describe)
    def described(*args: Any, **options: Any) -> Any:
        configuration = describe(*args, **options)
        key = _keys.get(_unqualified(configuration["FunctionArn"]))
        return configuration | ({"KMSKeyArn": key} if key else {})

    return described


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def apply() -> None:
    """Keep keys, and give them back."""
    LambdaProvider.create_function = keeping(LambdaProvider.create_function, made=True)
    LambdaProvider.update_function_configuration = keeping(LambdaProvider.update_function_configuration, made=False)
    api_utils.map_config_out = with_key(api_utils.map_config_out)
