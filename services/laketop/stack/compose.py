"""The lake in containers, by docker-compose.yml: their settings, their states, their start and their end.

What is known of a running lake is asked of Docker each time, by the labels that Compose gives. The settings of a start
lie in `run/compose.env`, so that people can use Compose on the lake themselves.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

from laketop.settings import PARTS, Settings, remembered_mode
from laketop.stack import checkout, docker, lake
from laketop.stack.control import PartState
from laketop.stack.messages import ExitCode, StackError, say, talk
from laketop.storage import Layout

FILE = "docker-compose.yml"
ENVIRONMENT = "compose.env"
# Compose begins the lines of logs with it, also where nothing is a terminal
_ERASE = "\x1b[2K"
LABEL = "laketop.part"  # of every image of ours
_PROJECT, _SERVICE = "com.docker.compose.project", "com.docker.compose.service"
CLUSTER = ("spark-master", "spark-worker")
MASTER = "spark://spark-master:7077"
# settings of images, of the cluster's nodes and of the agent's, handed on as they are
_PASSED = (
    "LAKETOP_LOCALSTACK", "LAKETOP_LOCALSTACK_IMAGE",
    "LAKETOP_WORKER_CORES", "LAKETOP_WORKER_MEMORY", "LAKETOP_WORKER_MEMORY_MB",
    "LAKETOP_DPU_CORES", "LAKETOP_DPU_MEMORY_MB", "LAKETOP_CLUSTER_WAIT_SECONDS",
)  # fmt: skip
# whose a root's lake is: no container runs as root
INSTEAD_OF_ROOT = (1000, 1000)
# folders of the state that containers write to, or find
MOUNTED = (*lake.KEPT, *lake.SCRATCH, "terraform", "run", "build")
# Docker's word for a container → supervisord's for a process
STATES = {
    "created": "STARTING", "restarting": "STARTING", "running": "RUNNING",
    "paused": "STOPPED", "removing": "STOPPED", "exited": "EXITED", "dead": "FATAL",
}  # fmt: skip
_SIGNALS = {137: "terminated by SIGKILL", 143: "terminated by SIGTERM"}
_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def project(settings: Settings) -> str:
    """The name of the lake's Compose project."""
    return f"laketop-{settings.instance}"


def owner(settings: Settings) -> tuple[int, int]:
    """The user and group that the containers run as: the caller's; where that is root, the state folder's owner."""
    if os.getuid():
        return os.getuid(), os.getgid()
    found = settings.state.stat() if settings.state.exists() else None
    return (found.st_uid, found.st_gid) if found and found.st_uid else INSTEAD_OF_ROOT


def environment(
    settings: Settings, key: str, network: str, inherited: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables of docker-compose.yml.

    Args:
        settings: the lake.
        key: the service key of this start.
        network: the first three numbers of the containers' addresses.
        inherited: where memory limits (LAKETOP_<PART>_MEMORY), the sizes of a Spark cluster, and further Compose files
            (LAKETOP_COMPOSE_FILE, like Compose's own COMPOSE_FILE) are looked for.
    """
    named = filter(None, inherited.get("LAKETOP_COMPOSE_FILE", "").split(os.pathsep))
    files = [str(checkout.ROOT / FILE), *(str(Path(name).resolve()) for name in named)]
    user, group = owner(settings)
    limits = [f"LAKETOP_{part.upper()}_MEMORY" for part in PARTS]
    passed = (*limits, *_PASSED)
    workers = settings.workers
    return {
        "COMPOSE_PROJECT_NAME": project(settings),
        "COMPOSE_FILE": os.pathsep.join(files),
        "LAKETOP_INSTANCE": settings.instance,
        "LAKETOP_STATE": str(settings.state),
        "LAKETOP_UID": str(user),
        "LAKETOP_GID": str(group),
        "LAKETOP_PORT": str(settings.port),
        **{f"LAKETOP_{part.upper()}_PORT": str(settings.ports[part]) for part in PARTS[1:]},
        "LAKETOP_NETWORK": network,
        "LAKETOP_SPARK_POOL": str(settings.spark_pool),
        "LAKETOP_S3_FSYNC": settings.s3_fsync,
        "LAKETOP_SERVICE_KEY_ID": key,
        "SPARK_MASTER": MASTER if workers else settings.spark_master,
        **({"COMPOSE_PROFILES": "cluster", "LAKETOP_WORKERS": str(workers)} if workers else {}),
        **{name: inherited[name] for name in passed if inherited.get(name)},
    }


def free_network(instance: str, taken: Iterable[str]) -> str:
    """The first three numbers of a network that no other Docker network overlaps; the same for the same lake, if free.

    Args:
        instance: the lake's short name.
        taken: the subnets of Docker's networks, e.g. `172.17.0.0/16`.

    Raises:
        StackError: all are taken.
    """
    others = [found for found in map(ip_network, taken) if isinstance(found, IPv4Network)]
    first = int(instance, 16) % 256
    for offset in range(256):
        network = f"10.213.{(first + offset) % 256}"
        if not any(ip_network(f"{network}.0/24").overlaps(other) for other in others):
            return network
    hint = "set LAKETOP_NETWORK to the first three numbers of a free one, e.g. LAKETOP_NETWORK=192.168.77"
    raise StackError("docker network", "all of 10.213.0.0/16 is taken", hint)


def _choose_network(settings: Settings, inherited: Mapping[str, str] = os.environ) -> str:
    given = inherited.get("LAKETOP_NETWORK")
    if given:
        if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){2}", given) or any(int(part) > 255 for part in given.split(".")):
            hint = "the first three numbers of an address, e.g. LAKETOP_NETWORK=192.168.77"
            raise StackError(f"LAKETOP_NETWORK={given!r}", "it is no network", hint, ExitCode.USAGE)
        return given
    names = docker.ask(["network", "ls", "--quiet"]).split()
    found = docker.objects(["network", "inspect", *names]) if names else []
    subnets = [part["Subnet"] for network in found for part in network["IPAM"]["Config"] or [] if "Subnet" in part]
    return free_network(settings.instance, subnets)


def _uptime(started: str) -> int:
    # Docker writes nine digits of a second's parts, datetime takes six
    began = datetime.fromisoformat(re.sub(r"\.\d+", "", started)).astimezone(UTC)
    return max(0, int((datetime.now(UTC) - began).total_seconds()))


def part_state(container: Mapping[str, Any]) -> PartState:
    """The state of a part from what `docker inspect` says of its container."""
    state, name = container["State"], container["Config"]["Labels"][_SERVICE]
    alive = state["Status"] == "running"
    uptime = _uptime(state["StartedAt"]) if alive else 0
    return PartState(name, STATES.get(state["Status"], "UNKNOWN"), state["Pid"] if alive else 0, uptime)


def ending(container: Mapping[str, Any]) -> str:
    """How a container last ended, from what `docker inspect` says."""
    state = container["State"]
    if state["OOMKilled"]:
        return f"it took more than its limit of {container['HostConfig']['Memory'] / 2**30:.1f} GiB of memory"
    return _SIGNALS.get(state["ExitCode"], f"exit status {state['ExitCode']}")


def memory_bytes(text: str) -> int:
    """Bytes from how `docker stats` writes memory, e.g. `512.3MiB / 4GiB`."""
    used = text.partition("/")[0].strip()
    found = re.fullmatch(r"([0-9.]+)([KMGT]?i?B)", used)
    return int(float(found[1]) * _UNITS[found[2]]) if found and found[2] in _UNITS else 0


class Compose:
    """The control of a lake in containers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._variables = read_environment(settings) or environment(settings, "", "")

    @property
    def port(self) -> int:
        """The port of the endpoint that it was started with."""
        return int(self._variables.get("LAKETOP_PORT", self._settings.port))

    @property
    def spark_pool(self) -> int:
        """The number of warmed drivers that it was started with."""
        return int(self._variables.get("LAKETOP_SPARK_POOL", self._settings.spark_pool))

    @property
    def workers(self) -> int:
        """The number of workers of a Spark cluster of its own that it was started with."""
        return int(self._variables.get("LAKETOP_WORKERS", 0))

    def run(self, *arguments: str, show: bool = False) -> None:
        """Run `docker compose <arguments>` on the lake.

        Raises:
            StackError: it failed.
        """
        answer = docker.run(["compose", *arguments], self._variables, show)
        if answer.returncode:
            raise docker.failure(f"compose {next(filter(str.isalpha, arguments))}", answer)

    def containers(self) -> list[dict[str, Any]]:
        """What `docker inspect` says of the parts' containers, whether they run or not."""
        label = f"label={_PROJECT}={project(self._settings)}"
        ids = docker.ask(["ps", "--all", "--quiet", "--no-trunc", "--filter", label]).split()
        found = docker.objects(["inspect", *ids]) if ids else []
        return [each for each in found if each["Config"]["Labels"].get(_SERVICE) in PARTS]

    def states(self) -> dict[str, PartState]:
        """Every part's state by name; of one without a container, that it is stopped."""
        missing = {part: PartState(part, "STOPPED", 0, 0) for part in PARTS}
        return missing | {state.name: state for state in map(part_state, self.containers())}

    def memory(self) -> dict[str, int]:
        """Memory of each part's container, in bytes."""
        names = {each["Id"]: each["Config"]["Labels"][_SERVICE] for each in self.containers() if each["State"]["Pid"]}
        if not names:
            return {}
        rows = docker.objects(["stats", "--no-stream", "--no-trunc", "--format", "{{json .}}", *names])
        return {names[row["ID"]]: memory_bytes(row["MemUsage"]) for row in rows}

    def start(self, names: Sequence[str]) -> None:
        """Start parts that do not run, and the cluster's where there is one; does not wait for them."""
        cluster = CLUSTER if self.workers else ()
        self.run("up", "--detach", "--no-build", "--no-recreate", "--no-deps", *names, *cluster)

    def how_it_ended(self, name: str) -> str:
        """How a part last ended."""
        found = [each for each in self.containers() if each["Config"]["Labels"][_SERVICE] == name]
        return ending(found[0]) if found else "its container is gone"

    def tail(self, name: str, count: int) -> list[str]:
        """The last lines that a part wrote."""
        return [line.rstrip("\n") for line in self.logs("--no-log-prefix", "--tail", str(count), name)]

    def logs(self, *arguments: str) -> Iterator[str]:
        """The lines of `docker compose logs <arguments>`, as they come."""
        command, own = ["docker", "compose", "logs", "--no-color", *arguments], docker.environment(self._variables)
        with subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                yield line.removeprefix(_ERASE)

    def shutdown(self) -> None:
        """Stop and remove all containers and the network."""
        self.run("--profile", "*", "down", "--remove-orphans")


def _file(settings: Settings) -> Path:
    return settings.state / "run" / ENVIRONMENT


def read_environment(settings: Settings) -> dict[str, str]:
    """The variables of the last start; {} where there was none."""
    file = _file(settings)
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines if line and line[0] != "#")
    return {name: value.removeprefix("'").removesuffix("'") for name, _, value in pairs}


def running(settings: Settings) -> Compose | None:
    """The control of the lake's containers; None where none of them runs.

    Raises:
        StackError: Docker does not answer.
    """
    found = Compose(settings)
    alive = any(each["State"]["Status"] in ("running", "restarting") for each in found.containers())
    return found if alive else None


def clear(settings: Settings) -> None:
    """Remove containers of the lake that have ended but are there, and its network.

    Raises:
        StackError: Docker does not answer.
    """
    label = f"label={_PROJECT}={project(settings)}"
    if docker.ask(["ps", "--all", "--quiet", "--filter", label]) or docker.ask(
        ["network", "ls", "--quiet", "--filter", label]
    ):
        Compose(settings).shutdown()


def hand_over(settings: Settings) -> None:
    """Make the folders that containers write to, and give them to the user that the containers run as."""
    for name in MOUNTED:
        (settings.state / name).mkdir(parents=True, exist_ok=True)
    Layout.of(settings.state).make()
    if os.getuid():
        return
    user, group = owner(settings)
    for top in (settings.state, *(settings.state / name for name in MOUNTED)):
        os.chown(top, user, group)
    for name in MOUNTED:
        for folder, folders, files in os.walk(settings.state / name):
            for entry in (*folders, *files):
                path = f"{folder}/{entry}"
                if os.lstat(path).st_uid != user:
                    os.chown(path, user, group, follow_symlinks=False)


def build(settings: Settings, *services: str) -> None:
    """Build the images where their sources changed; what Docker says is shown where it takes long, or fails.

    Raises:
        StackError: an image could not be built.
    """
    have = docker.ask(["images", "--quiet", "laketop/spark"]).strip()
    if not have:
        say("  building the images: some minutes, once")
    try:
        Compose(settings).run("build", *services, show=not have or talk.is_terminal)
    except StackError as error:
        hint = "see the lines above and docs/CONTAINERS.md; as processes: LAKETOP_MODE=process make up"
        raise StackError("docker compose build", error.cause, hint) from error
    # what was just replaced and nobody runs: a gigabyte for each change of the locks otherwise
    docker.ask(["image", "prune", "--force", "--filter", f"label={LABEL}"])


def start(settings: Settings, key: str) -> Compose:
    """Start all containers; does not wait until they are ready.

    Raises:
        StackError: Docker refused; what it said was shown.
    """
    network = _choose_network(settings)
    variables = environment(settings, key, network)
    text = "# docker compose --env-file <this file> <command>, in the checkout\n"
    text += "".join(f"{name}='{value}'\n" for name, value in variables.items())
    lake.write_private(lake.run_folder(settings) / ENVIRONMENT, text)
    build(settings, *PARTS)
    hand_over(settings)
    found = Compose(settings)
    # without waiting for what parts depend on: a part that does not start is seen, with its log, by who waits for all
    found.start(PARTS)
    return found


def elsewhere(settings: Settings, inherited: Mapping[str, str] = os.environ) -> bool:
    """Whether Terraform is to be run in the container `deploy`: the lake is in containers, and here is no Terraform."""
    in_containers = remembered_mode(settings.state) == "docker" and "LAKETOP_LOCALSTACK_URL" not in inherited
    return in_containers and shutil.which("terraform", path=inherited.get("PATH")) is None


def inside(settings: Settings, *arguments: str) -> None:
    """Run a sub-command of `laketop` in the container `deploy`, which has Terraform; its output is shown.

    Raises:
        StackError: it failed.
    """
    build(settings, "deploy")
    hand_over(settings)
    command = ["run", "--rm", "--no-deps", "--no-TTY", "deploy", "python", "-P", "-m", "laketop.stack", *arguments]
    try:
        Compose(settings).run(*command, show=True)
    except StackError as error:
        problem = "it failed in the container `deploy`"
        raise StackError(f"laketop {arguments[0]}", problem, "see the lines above") from error
