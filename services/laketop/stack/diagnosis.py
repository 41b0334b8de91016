"""What can be wrong with a machine or a lake, one check each, and what to do about it."""

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from laketop.settings import Settings
from laketop.spark import java
from laketop.stack import bootstrap, checkout, compose, deployment, docker, lake, ports, processes, terraform
from laketop.stack import running as lakes
from laketop.stack.messages import StackError
from laketop.storage import Layout, inspection

# Below these the lake starts badly or a Spark job fails in the middle.
MINIMUM_DISK = 5 * 10**9
MINIMUM_MEMORY = 4 * 10**9


@dataclass(frozen=True)
class Finding:
    """The result of a check: its name, whether all is well, what was found, and the next step where it is not."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


def _found(name: str, ask: Callable[[], str], hint: str = "") -> Finding:
    try:
        return Finding(name, True, ask())
    except StackError as error:
        return Finding(name, False, str(error), error.hint or hint)
    except java.JavaNotFound as error:
        return Finding(name, False, str(error), "install it, or set JAVA_HOME")


def _java() -> str:
    found = java.find()
    return f"{found.version} in {found.home}"


def _docker() -> str:
    engine = docker.ask(["version", "--format", "{{.Server.Version}}"]).strip()
    return f"{engine}, Compose {docker.ask(['compose', 'version', '--short']).strip()}"


def tools(settings: Settings) -> list[Finding]:
    """What the lake's mode needs of this machine: Python, uv; Java, Terraform and the environments, or Docker."""
    in_containers = settings.mode == "docker"
    stale = bootstrap.missing(("services",) if in_containers else bootstrap.LAKE, checkout.tools())
    names = ", ".join(stale) if stale else "as the locks say"
    runtimes = [_found("docker", _docker)] if in_containers else [_found("java", _java)]
    if compose.elsewhere(settings):
        runtimes.append(Finding("terraform", True, "in the container `deploy`: there is none on PATH"))
    else:
        runtimes.append(_found("terraform", terraform.version))
    return [
        Finding("python", True, f"{sys.version.split()[0]} in {sys.prefix}"),
        _found("uv", checkout.uv),
        *runtimes,
        Finding("environments", not stale, f"missing or outdated: {names}" if stale else names, "run `make up`"),
    ]


def machine(settings: Settings) -> list[Finding]:
    """Disk and memory."""
    folder = next(parent for parent in (settings.state, *settings.state.parents) if parent.exists())
    free, memory = shutil.disk_usage(folder).free, psutil.virtual_memory()
    return [
        Finding("disk", free >= MINIMUM_DISK, f"{free / 1e9:.0f} GB free below {folder}", "make room: 5 GB at least"),
        Finding(
            "memory",
            memory.total >= MINIMUM_MEMORY,
            f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB available",
            "4 GB at least; LAKETOP_SPARK_POOL=0 saves a driver's 0.6 GB",
        ),
    ]


def one_port(settings: Settings, part: str, running: bool) -> Finding:
    """Who has a part's port: nobody, the lake, or a stranger."""
    port = settings.ports[part]
    holder = ports.holder(port)
    # a container's port is held by Docker, which says nothing of the lake
    ours = holder is not None and running and (settings.mode == "docker" or holder.state == str(settings.state))
    detail = "free" if holder is None else ("this lake" if ours else str(holder))
    hint = "end that process, or set LAKETOP_PORT to another port"
    return Finding(
        f"port {port} ({part})", (ours if running else holder is None), detail, hint if holder else "see `make logs`"
    )


def object_store(settings: Settings) -> list[Finding]:
    """Objects whose bytes are damaged, and files among the objects that are none."""
    found = inspection.inspect(Layout.of(settings.state))
    if found is None:
        return []
    damaged, strange = found.damaged, found.strange
    return [
        Finding(
            "objects",
            not damaged,
            f"{len(damaged)} are damaged: {_some(damaged)}"
            if damaged
            else f"{found.objects} in {found.buckets} buckets",
            "delete them, or write them again",
        ),
        Finding(
            "files among the objects",
            not strange,
            f"{len(strange)} are no objects: {_some(strange)}" if strange else "none that are not objects",
            "upload them (aws s3 cp), and delete the files",
        ),
    ]


def _runs(settings: Settings) -> bool:
    try:
        return lakes.find(settings) is not None
    except StackError:
        return False


def _some(names: Sequence[str], count: int = 3) -> str:
    return ", ".join(names[:count]) + (", …" if len(names) > count else "")


def the_lake(settings: Settings) -> list[Finding]:
    """Whether it runs, what it left behind, whether it was reset."""
    running = _runs(settings)
    orphans = [] if running else processes.marked(settings.instance)
    ending = lake.last_ending(settings)
    lost = deployment.lost(settings) if running else None
    named = ", ".join(f"{process.pid} ({process.command})" for process in orphans[:3])
    return [
        Finding("lake", True, "running" if running else "down"),
        *(one_port(settings, part, running) for part in settings.ports),
        Finding(
            "left-overs", not orphans, f"{len(orphans)} processes: {named}" if orphans else "none", "run `make down`"
        ),
        Finding("last end", ending is None, str(ending) if ending else "by `make down`, if any", "run `make up`"),
        Finding("deployment", lost is None, lost or "as it was applied, if it was", "run `make up`"),
        *object_store(settings),
    ]


def examine(settings: Settings) -> list[Finding]:
    """All checks, in the order in which a person would put things right."""
    return [*tools(settings), *machine(settings), *the_lake(settings)]
