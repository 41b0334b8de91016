"""Starting and ending a lake, in either mode. What an earlier one left running is ended before anything starts."""

from collections.abc import Callable, Mapping

from laketop.settings import PARTS, Settings, remembered_mode
from laketop.stack import compose, lake, parts, ports, processes, readiness, running, supervise, tooling
from laketop.stack.control import RUNNING, Control, PartState
from laketop.stack.messages import ExitCode, StackError, say


def _start_processes(settings: Settings, key: str) -> Control:
    return supervise.start(settings, parts.parts(settings, key, tooling.find_java().home))


_START: Mapping[str, Callable[[Settings, str], Control]] = {"process": _start_processes, "docker": compose.start}


def bring_up(settings: Settings) -> dict[str, float]:
    """Start the lake, or what of it does not run, and wait until every part is ready.

    A lake that runs in the other mode is ended first; its content is the same in both.

    Args:
        settings: the lake.

    Returns:
        part → seconds until it was ready.

    Raises:
        StackError: a port is taken, a part of the lake's content is gone, or a part did not become ready; a lake that
            was just started is stopped again.
    """
    if settings.workers and settings.mode != "docker":
        hint = "LAKETOP_MODE=docker make up; a cluster of your own: docs/SPARK_CLUSTER.md"
        problem = "the workers are containers, and the lake's parts are processes"
        raise StackError(f"LAKETOP_WORKERS={settings.workers}", problem, hint, ExitCode.REFUSED)
    lake.claim(settings)
    before = remembered_mode(settings.state)
    if before not in (None, settings.mode) and take_down(settings):
        say(f"the lake ran in mode {before}: it is ended, and goes on in mode {settings.mode}")
    lake.remember_mode(settings)
    health = {part: parts.health_url(settings, part) for part in PARTS}
    found = running.find(settings)
    if found is not None and (states := _states(found)) is not None:
        running.require_same(settings, found)
        if states["localstack"].state in RUNNING:
            _say_what_is_kept(settings, found)
            found.start(PARTS)
            return readiness.wait(health, found)
    clear_left_overs(settings)
    lake.require_whole(settings)
    ports.require_free(settings.ports)
    try:
        return readiness.wait(health, _START[settings.mode](settings, parts.service_key()))
    except BaseException:  # also Ctrl-C: a lake that did not become ready is no lake
        take_down(settings)
        raise


def _say_what_is_kept(settings: Settings, found: Control) -> None:
    for kept, asked, what, variable in (
        (found.spark_pool, settings.spark_pool, "warmed drivers", "LAKETOP_SPARK_POOL"),
        (found.workers, settings.workers, "workers", "LAKETOP_WORKERS"),
    ):
        if kept != asked:
            say(f"the lake keeps its {kept} {what}: {variable} counts at the next start", "yellow")


def _states(control: Control) -> Mapping[str, PartState] | None:
    """The parts' states; None where what runs them does not answer."""
    try:
        return control.states()
    except StackError:
        return None


def clear_left_overs(settings: Settings) -> None:
    """End what an earlier lake left behind; says what it found."""
    if settings.mode == "docker":
        compose.clear(settings)
    orphans = processes.end_all(settings.instance)
    if orphans:
        say(f"ended {len(orphans)} processes that an earlier lake left behind")
    lake.forget_record(settings)
    lake.clear_scratch(settings)


def take_down(settings: Settings) -> bool:
    """End the lake: all parts, the supervisor, and whatever carries its marker. Its content stays.

    Returns:
        whether anything ran.

    Raises:
        StackError: a process could not be ended.
    """
    found = running.find(settings)
    if found is not None:
        found.shutdown()
    if remembered_mode(settings.state) == "docker":
        compose.clear(settings)
    ended = processes.end_all(settings.instance)
    left = processes.marked(settings.instance)
    if left:
        named = ", ".join(f"{process.pid} ({process.command})" for process in left)
        raise StackError(f"lake {settings.state}", f"processes do not end: {named}", "end them by `kill -9 <pid>`")
    lake.forget_record(settings)
    lake.clear_scratch(settings)
    lake.forget_ending(settings)
    return found is not None or bool(ended)
