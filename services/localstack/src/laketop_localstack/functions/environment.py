"""The environment variables that a function sees: those that Lambda sets, those of its configuration, and nothing else.

Built from allow-lists, so that nothing of LocalStack's own environment (settings, keys, paths) reaches user code,
and code that leans on it fails here and not first on AWS. Behaviour: "Working with Lambda environment variables".
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Where things lie on AWS; stack traces and logs show these instead of this machine's folders.
TASK_ROOT = "/var/task"
LAYERS_ROOT = "/opt"
RUNTIME_ROOT = "/var/lang/lib/python3.13/site-packages"

# Reserved: a function's configuration cannot set them.
RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
    }
    | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"}
    | {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"}
    | {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
)
# Of what LocalStack works out for an execution environment, the part that AWS sets too.
FROM_LOCALSTACK = RESERVED - {"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_EXECUTION_ENV"}


@dataclass(frozen=True)
class Place:
    """Where one execution environment lies on this machine.

    Attributes:
        code: the unpacked deployment package (LAMBDA_TASK_ROOT).
        layers: the layers, merged as below /opt; None without layers.
        home: HOME, of this environment alone.
        tmp: TMPDIR, of this environment alone.
        interpreter: the Python that runs the function.
    """

    code: Path
    layers: Path | None
    home: Path
    tmp: Path
    interpreter: Path

    def python_path(self) -> list[str]:
        """The folders that come first on `sys.path`, in Lambda's order: the function's own, then the layers'."""
        below = ["python/lib/python3.13/site-packages", "python"]
        layers = [str(self.layers / folder) for folder in below] if self.layers else []
        return [str(self.code), *layers]

    def as_on_aws(self, text: str) -> str:
        """The same text with AWS's folders in place of this machine's."""
        shown = {
            str(self.code): TASK_ROOT,
            str(self.interpreter.parent.parent / "lib/python3.13/site-packages"): RUNTIME_ROOT,
        }
        if self.layers:
            shown[str(self.layers)] = LAYERS_ROOT
        for here, there in shown.items():
            text = text.replace(here, there)
        return text


def for_function(
    place: Place,
    *,
    given: Mapping[str, str],
    configured: Mapping[str, str],
    logging: Mapping[str, str],
    endpoint: str,
    runtime_api: str,
    instance: str,
) -> dict[str, str]:
    """Build the whole environment of one interpreter.

    Args:
        place: the environment's folders.
        given: what LocalStack worked out (names, versions, the role's credentials); only AWS's names are taken.
        configured: the function's own variables. They win over Lambda's defaults, never over its reserved names.
        logging: the function's LoggingConfig.
        endpoint: URL of the AWS endpoint.
        runtime_api: `host:port` of the Runtime API.
        instance: LAKETOP_INSTANCE, by which `make down` finds processes of this lake.
    """
    own = dict(configured)
    python_path = [*place.python_path(), *filter(None, [own.pop("PYTHONPATH", "")])]
    defaults = {
        "PATH": f"{place.interpreter.parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(place.home),
        "TMPDIR": str(place.tmp),
        "AWS_ENDPOINT_URL": endpoint,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    reserved = {name: str(given[name]) for name in FROM_LOCALSTACK if name in given}
    reserved |= {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_TASK_ROOT": str(place.code),
        "LAMBDA_RUNTIME_DIR": RUNTIME_ROOT,
        "LAKETOP_INSTANCE": instance,
        "PYTHONPATH": os.pathsep.join(python_path),
    }
    if logging.get("LogFormat") == "JSON":
        reserved |= {
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", "INFO"),
        }
    return defaults | own | reserved
