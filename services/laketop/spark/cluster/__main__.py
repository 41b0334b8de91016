"""`python -m laketop.spark.cluster master|worker`: become the master or a worker of a Spark standalone cluster.

The process becomes Spark's own, so that signals reach it and its end is Spark's. With `--health` it only asks how the
one that runs here is: exit code 0 where it is well, else 1 and a line that says what is wrong.
"""

import argparse
import os
import sys

from laketop import settings
from laketop.settings import SettingsError
from laketop.spark import java
from laketop.spark.cluster import health, nodes
from laketop.spark.cluster import settings as cluster_settings
from laketop.spark.jars import JarsError
from laketop.spark.launch import Installation, find_tools


def main() -> None:
    """Become a node, or ask how it is.

    Raises:
        SystemExit: it cannot be started, or is not well; the message says why and what to do.
    """
    parser = argparse.ArgumentParser(prog="python -m laketop.spark.cluster", description=__doc__.splitlines()[0])
    parser.add_argument("role", choices=nodes.ROLES)
    parser.add_argument("--health", action="store_true", help="ask how the one that runs here is")
    options = parser.parse_args()
    try:
        if options.health:
            sys.exit(_asked(options.role))
        _become(options.role)
    except (SettingsError, JarsError, java.JavaNotFound, OSError) as error:
        sys.exit(f"laketop.spark.cluster {options.role}: {error}")


def _asked(role: str) -> str | None:
    problem = health.problem(role, settings.load().spark_master, cluster_settings.load())
    return problem and f"laketop.spark.cluster {role}: {problem}"


def _become(role: str) -> None:
    lake, sizes = settings.load(), cluster_settings.load()
    tools = find_tools()
    instance = os.environ.get("LAKETOP_INSTANCE") or lake.instance
    installation = Installation.found(tools, java.find(), lake.spark_master, instance)
    node = nodes.prepare(role, installation, sizes, nodes.own_folder(lake.state / "spark" / f"{role}s"))
    os.chdir(node.cwd)
    # Standard output is nobody's log.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.execve(node.command[0], node.command, dict(node.environment))  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
